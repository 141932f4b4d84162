internal import Foundation

/// The SQL of notices.
struct NoticeStore {
  /// A notice, and its place among all.
  struct Entry: Sendable {
    let number: Int
    let id: String
    let notice: Notice
  }

  func insert(
    _ notice: Notice, id: String, at time: Date, in connection: any Connection
  ) throws {
    let content = try NotificationCoding.encode(notice)
    try connection.execute(
      """
      INSERT INTO notices (id, project_id, kind, subject, content, recorded_at)
      VALUES (\(id), \(notice.projectID), \(notice.kind), \(notice.subject), \(content), \(time))
      ON CONFLICT (id) DO NOTHING
      """)
  }

  /// Notices that nobody was found for yet, the oldest first, so that no other
  /// replica finds them too.
  func waiting(limit: Int, in connection: any Connection) throws -> [Entry] {
    try connection.query(
      """
      SELECT number, id, content FROM notices WHERE told_at IS NULL ORDER BY number LIMIT \(limit)
      \(sqlite: "", postgres: "FOR UPDATE SKIP LOCKED")
      """
    ).map { row in
      Entry(
        number: try row.get("number"), id: try row.get("id"),
        notice: try NotificationCoding.decode(row.get("content")))
    }
  }

  func newestNumber(in connection: any Connection) throws -> Int {
    try connection.first("SELECT MAX(number) AS newest FROM notices")?
      .get("newest", as: Int?.self) ?? 0
  }

  func recorded(
    after number: Int, kinds: [Notice.Kind], in connection: any Connection
  ) throws -> [Entry] {
    try connection.query(
      """
      SELECT number, id, content FROM notices
      WHERE number > \(number) AND kind IN \(list: kinds) ORDER BY number LIMIT 500
      """
    ).map { row in
      Entry(
        number: try row.get("number"), id: try row.get("id"),
        notice: try NotificationCoding.decode(row.get("content")))
    }
  }

  func hasWaiting(in connection: any Connection) throws -> Bool {
    try connection.first("SELECT 1 AS found FROM notices WHERE told_at IS NULL LIMIT 1") != nil
  }

  func setTold(_ number: Int, at time: Date, in connection: any Connection) throws {
    try connection.execute("UPDATE notices SET told_at = \(time) WHERE number = \(number)")
  }

  /// When the same alert was last told of, and how bad it was, if it hasn't ended
  /// since.
  func lastBegan(
    _ subject: String, of project: Project.ID, before number: Int, in connection: any Connection
  ) throws -> (toldAt: Date, severity: Notice.Severity)? {
    let row = try connection.first(
      """
      SELECT kind, told_at, content FROM notices
      WHERE project_id = \(project) AND subject = \(subject) AND number < \(number)
        AND told_at IS NOT NULL AND is_repeated = 0
      ORDER BY number DESC LIMIT 1
      """)
    guard let row, try row.get("kind", as: String.self) == Notice.Kind.alertBegan.rawValue else {
      return nil
    }
    let notice: Notice = try NotificationCoding.decode(row.get("content"))
    return (toldAt: try row.get("told_at"), severity: notice.severity)
  }

  /// Marks a notice that says nothing new.
  func setRepeated(_ number: Int, in connection: any Connection) throws {
    try connection.execute("UPDATE notices SET is_repeated = 1 WHERE number = \(number)")
  }

  func purge(before time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM notices WHERE told_at < \(time)")
  }
}

extension Notice.Kind: SQLCodable {}
