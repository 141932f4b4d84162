internal import Crypto
internal import Foundation

/// What happened, written down in the transaction of what it tells of: so a
/// crash loses none, and none is told of that never came to be. Whoever is to
/// be told is found afterwards, by ``NotificationWorker``.
public struct Notices: Sendable {
  private let store = NoticeStore()

  /// Writes a notice down; the same one a second time is no other one.
  ///
  /// - Throws: ``StorageError``.
  func record(_ notice: Notice, in connection: any Connection) throws {
    try store.insert(notice, id: Self.id(of: notice), at: notice.time, in: connection)
  }

  /// The number of the newest notice; 0 before the first.
  func newestNumber(in connection: any Connection) throws -> Int {
    try store.newestNumber(in: connection)
  }

  /// The notices of some kinds after a number, the oldest first.
  func recorded(
    after number: Int, kinds: [Notice.Kind], in connection: any Connection
  ) throws -> [(number: Int, notice: Notice)] {
    try store.recorded(after: number, kinds: kinds, in: connection)
      .map { (number: $0.number, notice: $0.notice) }
  }

  /// The same text for the same event, on whichever replica and however often
  /// it is told (`webhook-id` of Standard Webhooks).
  static func id(of notice: Notice) -> String {
    let parts = [
      notice.projectID.rawValue, notice.kind.rawValue, notice.subject, notice.occurrence,
    ]
    let bytes = parts.joined(separator: "\u{0}").utf8
    return "msg_" + SHA256.hash(data: Data(bytes)).prefix(16).hexadecimal
  }
}
