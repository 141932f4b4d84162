internal import Foundation
internal import Logging

extension AuditLog {
  /// Removes rows that are older than an operator wants.
  ///
  /// - Throws: `unavailable`.
  func removeOld(after days: Int, logger: Logger) async throws(DomainError) {
    let count = try await prune(before: now().addingTimeInterval(-Double(days) * 24 * 3600))
    guard count > 0 else { return }
    logger.notice(
      "old rows of the audit log were removed", metadata: ["rows": "\(count)", "days": "\(days)"])
  }
}
