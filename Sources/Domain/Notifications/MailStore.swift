public import Foundation

/// The SQL of mails.
struct MailStore {
  /// How many notices may wait for a person; what comes then is left out.
  static let mostWaiting = 500
  /// How many notices a mail lists; of the rest it has the number.
  static let mostListed = 20

  /// A mail that a worker holds.
  struct Held: Sendable {
    let id: String
    let user: User.ID
    let notices: [Notice]
    let more: Int
    let attempts: Int
    let createdAt: Date
  }

  // MARK: Choices

  /// What somebody chose: for all projects under nil.
  func choices(
    of user: User.ID, in connection: any Connection
  ) throws -> [Project.ID?: MailChoice] {
    let rows = try connection.query("SELECT * FROM mail_choices WHERE user_id = \(user)")
    var choices: [Project.ID?: MailChoice] = [:]
    for row in rows { choices[try row.get("project_id")] = try choice(row) }
    return choices
  }

  /// What people chose about a project, and about all: theirs for the project
  /// counts.
  func choices(
    about project: Project.ID, in connection: any Connection
  ) throws -> [User.ID: MailChoice] {
    let rows = try connection.query(
      """
      SELECT * FROM mail_choices WHERE project_id = \(project) OR project_id IS NULL
      """)
    var (general, own): ([User.ID: MailChoice], [User.ID: MailChoice]) = ([:], [:])
    for row in rows {
      let user: User.ID = try row.get("user_id")
      if try row.get("project_id", as: Project.ID?.self) == nil {
        general[user] = try choice(row)
      } else {
        own[user] = try choice(row)
      }
    }
    return general.merging(own) { _, own in own }
  }

  /// - Parameter choice: nil to forget it.
  func set(
    _ choice: MailChoice?, of user: User.ID, for project: Project.ID?,
    in connection: any Connection
  ) throws {
    let about: SQL = project.map { "project_id = \($0)" } ?? "project_id IS NULL"
    try connection.execute(
      "DELETE FROM mail_choices WHERE user_id = \(user) AND \(sql: about)")
    guard let choice else { return }
    try connection.execute(
      """
      INSERT INTO mail_choices (user_id, project_id, alerts, releases)
      VALUES (\(user), \(project), \(choice.alerts), \(choice.releases))
      """)
  }

  /// Nothing any more, for no project; what is being sent this moment can't be
  /// held back.
  func setNothing(of user: User.ID, at time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM mail_choices WHERE user_id = \(user)")
    try set(.nothing, of: user, for: nil, in: connection)
    try connection.execute("DELETE FROM mail_items WHERE user_id = \(user)")
    try connection.execute(
      """
      DELETE FROM mails WHERE user_id = \(user) AND state = 'waiting'
        AND (leased_until IS NULL OR leased_until < \(time))
      """)
  }

  private func choice(_ row: Row) throws -> MailChoice {
    MailChoice(alerts: try row.get("alerts"), releases: try row.get("releases"))
  }

  // MARK: Notices that wait for a mail

  func add(
    _ entry: NoticeStore.Entry, for user: User.ID, due: Date, in connection: any Connection
  ) throws {
    let waiting: Int =
      try connection.first(
        "SELECT COUNT(*) AS count FROM mail_items WHERE user_id = \(user)")?.get("count") ?? 0
    guard waiting < Self.mostWaiting else { return }
    try connection.execute(
      """
      INSERT INTO mail_items (user_id, notice_number, project_id, due_at, is_held)
      VALUES (\(user), \(entry.number), \(entry.notice.projectID), \(due), 0)
      ON CONFLICT (user_id, notice_number) DO NOTHING
      """)
  }

  /// Whom a mail is due to.
  func peopleDue(
    at time: Date, limit: Int, in connection: any Connection
  ) throws -> [User.ID] {
    try connection.query(
      """
      SELECT user_id FROM mail_items WHERE due_at <= \(time)
      GROUP BY user_id ORDER BY MIN(due_at) LIMIT \(limit)
      """
    ).map { try $0.get("user_id") }
  }

  /// One notice that waits.
  struct Item: Sendable {
    let number: Int
    let project: Project.ID
    let due: Date
    let isHeld: Bool
    let notice: Notice
  }

  func items(of user: User.ID, in connection: any Connection) throws -> [Item] {
    try connection.query(
      """
      SELECT i.notice_number, i.project_id, i.due_at, i.is_held, n.content
      FROM mail_items i JOIN notices n ON n.number = i.notice_number
      WHERE i.user_id = \(user) ORDER BY i.notice_number
      \(sqlite: "", postgres: "FOR UPDATE OF i SKIP LOCKED")
      """
    ).map { row in
      Item(
        number: try row.get("notice_number"), project: try row.get("project_id"),
        due: try row.get("due_at"), isHeld: try row.get("is_held"),
        notice: try NotificationCoding.decode(row.get("content")))
    }
  }

  func remove(_ items: [Item], of user: User.ID, in connection: any Connection) throws {
    try connection.execute(
      """
      DELETE FROM mail_items
      WHERE user_id = \(user) AND notice_number IN \(list: items.map(\.number))
      """)
  }

  /// Lets everything that waits for somebody wait until a time.
  func hold(_ user: User.ID, until time: Date, in connection: any Connection) throws {
    try connection.execute(
      "UPDATE mail_items SET due_at = \(time), is_held = 1 WHERE user_id = \(user)")
  }

  /// When somebody's mails since a time were made, the oldest first.
  func times(
    of user: User.ID, since time: Date, in connection: any Connection
  ) throws -> [Date] {
    try connection.query(
      """
      SELECT created_at FROM mails WHERE user_id = \(user) AND created_at > \(time)
      ORDER BY created_at
      """
    ).map { try $0.get("created_at") }
  }

  // MARK: Mails

  func insert(
    _ notices: [Notice], to user: User.ID, at time: Date, in connection: any Connection
  ) throws {
    let listed = Array(notices.prefix(Self.mostListed))
    try connection.execute(
      """
      INSERT INTO mails (id, user_id, notices, more, state, attempts, error, due_at, created_at)
      VALUES (\(UUID().uuidString.lowercased()), \(user),
        \(try NotificationCoding.encode(listed)), \(notices.count - listed.count), 'waiting', 0,
        '', \(time), \(time))
      """)
  }

  /// Whether something wants to be done about mails.
  func hasDue(at time: Date, in connection: any Connection) throws -> Bool {
    try connection.first(
      """
      SELECT 1 AS found FROM mails WHERE state = 'waiting' AND due_at <= \(time)
        AND (leased_until IS NULL OR leased_until < \(time))
      UNION ALL SELECT 1 AS found FROM mail_items WHERE due_at <= \(time) LIMIT 1
      """) != nil
  }

  /// Takes mails that are due, the oldest first.
  func claim(
    for worker: String, limit: Int, at time: Date, until: Date, in connection: any Connection
  ) throws -> [Held] {
    let mails = try connection.query(
      """
      SELECT * FROM mails WHERE state = 'waiting' AND due_at <= \(time)
        AND (leased_until IS NULL OR leased_until < \(time))
      ORDER BY due_at, id LIMIT \(limit) \(sqlite: "", postgres: "FOR UPDATE SKIP LOCKED")
      """
    ).map { row in
      Held(
        id: try row.get("id"), user: try row.get("user_id"),
        notices: try NotificationCoding.decode(row.get("notices")), more: try row.get("more"),
        attempts: try row.get("attempts"), createdAt: try row.get("created_at"))
    }
    try connection.execute(
      """
      UPDATE mails SET leased_by = \(worker), leased_until = \(until)
      WHERE id IN \(list: mails.map(\.id))
      """)
    return mails
  }

  /// How a mail ended, or when it is tried again.
  enum End: Sendable {
    case sent
    case failed(String)
    /// Nobody is there who may read it.
    case dropped
    case again(at: Date, String)
    /// Nothing was tried.
    case givenBack
  }

  func record(
    _ end: End, of mail: Held, by worker: String, at time: Date, in connection: any Connection
  ) throws {
    let change: SQL =
      switch end {
      case .sent: "state = 'sent', error = '', finished_at = \(time), attempts = attempts + 1,"
      case .failed(let why):
        "state = 'failed', error = \(why), finished_at = \(time), attempts = attempts + 1,"
      case .dropped: "state = 'dropped', finished_at = \(time),"
      case .again(let due, let why):
        "error = \(why), due_at = \(due), attempts = attempts + 1,"
      case .givenBack: ""
      }
    try connection.execute(
      """
      UPDATE mails SET \(sql: change) leased_by = NULL, leased_until = NULL
      WHERE id = \(mail.id) AND leased_by = \(worker) AND state = 'waiting'
      """)
  }

  /// The last mails that weren't taken, with whom they were for.
  func failures(limit: Int, in connection: any Connection) throws -> [FailedMail] {
    try connection.query(
      """
      SELECT m.*, u.email FROM mails m JOIN users u ON u.id = m.user_id
      WHERE m.error <> '' ORDER BY m.created_at DESC, m.id LIMIT \(limit)
      """
    ).map { row in
      FailedMail(
        address: try row.get("email"), error: try row.get("error"),
        attempts: try row.get("attempts"), createdAt: try row.get("created_at"),
        nextAt: try row.get("state", as: String.self) == "waiting" ? try row.get("due_at") : nil)
    }
  }

  func purge(before time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM mails WHERE created_at < \(time)")
  }
}

/// A mail that the server didn't take.
public struct FailedMail: Sendable, Hashable {
  public let address: String
  /// What went wrong, as a sentence.
  public let error: String
  public let attempts: Int
  public let createdAt: Date
  /// When it is tried again; nil when it isn't.
  public let nextAt: Date?
}
