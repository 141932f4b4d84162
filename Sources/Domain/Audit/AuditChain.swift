internal import Crypto
internal import Foundation

/// The hash that ties each row to the one before, so that a row which was
/// changed, removed or put in later is found.
///
/// It protects against somebody who changes rows, not against somebody who
/// writes the whole chain anew: for that, keep exports elsewhere.
enum AuditChain {
  /// The hash before the first row.
  static let beginning = String(repeating: "0", count: 64)

  /// The hash of a row, its own left out.
  static func hash(_ event: AuditEvent, after previous: String) -> String {
    let milliseconds = Int64((event.at.timeIntervalSince1970 * 1000).rounded())
    let fields: [String?] = [
      previous, String(event.number), String(milliseconds), event.actorID, event.actorEmail,
      event.via, event.address, event.requestID, event.action, event.target.kind,
      event.target.name, event.target.project, event.outcome.rawValue, event.reason,
      event.changes, String(event.occurrences),
    ]
    var hash = SHA256()
    // With the length before each, no two rows are written alike.
    for field in fields {
      let text = field.map { "\($0.utf8.count):\($0)" } ?? "-"
      hash.update(data: Array(text.utf8))
    }
    return hash.finalize().hexadecimal
  }
}

/// What `babyhelm audit verify` found.
public enum AuditVerdict: Sendable, Equatable {
  /// All rows are as they were written.
  case whole(rows: Int)
  /// The first row that isn't, and why; a whole sentence.
  case broken(number: Int, because: String)
}
