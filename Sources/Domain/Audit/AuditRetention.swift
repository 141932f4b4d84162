internal import Foundation
internal import Logging
public import ServiceLifecycle

/// Removes rows of the audit log that are older than an operator wants, once a
/// day. Run it as long as the program.
public struct AuditRetention: Service {
  let audit: AuditLog
  /// How long rows are kept, in days.
  let days: Int
  let logger: Logger

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.prune()
        try? await Task.sleep(for: .seconds(24 * 3600))
      }
    }
  }

  func prune() async {
    let time = audit.now().addingTimeInterval(-Double(days) * 24 * 3600)
    do throws(DomainError) {
      let count = try await audit.prune(before: time)
      if count > 0 {
        logger.notice(
          "old rows of the audit log were removed",
          metadata: ["rows": "\(count)", "days": "\(days)"])
      }
    } catch {
      // A server that ends isn't worth a warning.
      guard !Task.isCancelled else { return }
      logger.warning(
        "old rows of the audit log are removed tomorrow",
        metadata: ["error": "\(error.underlying ?? error.message)"])
    }
  }
}
