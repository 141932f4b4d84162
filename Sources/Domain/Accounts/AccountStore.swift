internal import Foundation

/// The SQL of users, sessions and signing keys.
struct AccountStore {
  static let pageSize = 50

  /// A user with the hash that nobody else sees.
  struct Credentials {
    let user: User
    let passwordHash: String
  }

  /// A session with the person it is of.
  struct Found {
    let session: Session
    let user: User
    let lastSeenAt: Date
  }

  // MARK: Users

  /// Everything but the hash.
  private static let columns: SQL =
    """
    u.id, u.email, u.name, u.role, u.suspended_at, u.created_at, u.last_seen_at,
      u.expires_at AS user_expires_at, u.language
    """

  /// - Throws: `StorageError.uniqueViolation` of `users.email_key`.
  func insert(_ user: User, passwordHash: String, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO users (id, email, email_key, name, password_hash, role, suspended_at, created_at,
        last_seen_at, expires_at)
      VALUES (\(user.id), \(user.email), \(EmailAddress.key(of: user.email)), \(user.name),
        \(passwordHash), \(user.role), \(user.suspendedAt), \(user.createdAt), \(user.lastSeenAt),
        \(user.expiresAt))
      """)
  }

  func hasUser(email: String, in connection: any Connection) throws -> Bool {
    try connection.first(
      "SELECT 1 AS found FROM users WHERE email_key = \(EmailAddress.key(of: email))") != nil
  }

  func credentials(email: String, in connection: any Connection) throws -> Credentials? {
    try connection.first(
      """
      SELECT \(sql: Self.columns), u.password_hash FROM users u
      WHERE u.email_key = \(EmailAddress.key(of: email))
      """
    ).map { row in
      Credentials(user: try user(row), passwordHash: try row.get("password_hash"))
    }
  }

  func user(_ id: User.ID, in connection: any Connection) throws -> User? {
    try connection.first("SELECT \(sql: Self.columns) FROM users u WHERE u.id = \(id)").map(user)
  }

  /// The user as they are now; nil when they may not sign in any more.
  func noteSignIn(
    of id: User.ID, at time: Date, in connection: any Connection
  ) throws -> User? {
    let noted = try connection.execute(
      "UPDATE users SET last_seen_at = \(time) WHERE id = \(id) AND suspended_at IS NULL")
    return noted == 1 ? try user(id, in: connection) : nil
  }

  func setPasswordHash(
    _ hash: String, of id: User.ID, replacing old: String, in connection: any Connection
  ) throws {
    try connection.execute(
      "UPDATE users SET password_hash = \(hash) WHERE id = \(id) AND password_hash = \(old)")
  }

  func setRole(_ role: PlatformRole, of id: User.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE users SET role = \(role) WHERE id = \(id)")
  }

  func userCount(in connection: any Connection) throws -> Int {
    try connection.first("SELECT COUNT(*) AS number FROM users")?.get("number") ?? 0
  }

  /// Admins who can sign in.
  func adminCount(in connection: any Connection) throws -> Int {
    try connection.first(
      """
      SELECT COUNT(*) AS number FROM users
      WHERE role = \(PlatformRole.admin) AND suspended_at IS NULL
      """)?.get("number") ?? 0
  }

  func users(
    matching text: String, page: Int, in connection: any Connection
  ) throws -> UserPage {
    let users = try connection.query(
      """
      SELECT \(sql: Self.columns) FROM users u \(sql: Self.filter(text))
      ORDER BY u.created_at, u.id LIMIT \(Self.pageSize) OFFSET \((page - 1) * Self.pageSize)
      """
    ).map(user)
    let total = try connection.first(
      "SELECT COUNT(*) AS number FROM users u \(sql: Self.filter(text))")
    return UserPage(
      users: users, total: try total?.get("number") ?? 0, page: page, pageSize: Self.pageSize)
  }

  /// The same, from one after a user on.
  func users(
    matching text: String, after id: User.ID?, limit: Int, in connection: any Connection
  ) throws -> [User] {
    let rest: SQL =
      id.map {
        """
        AND (u.created_at, u.id) >
          (SELECT a.created_at, a.id FROM users a WHERE a.id = \($0))
        """
      } ?? ""
    return try connection.query(
      """
      SELECT \(sql: Self.columns) FROM users u \(sql: Self.filter(text)) \(sql: rest)
      ORDER BY u.created_at, u.id LIMIT \(limit)
      """
    ).map(user)
  }

  private static func filter(_ text: String) -> SQL {
    let text = text.precomposedStringWithCanonicalMapping
    let lowered = LikePattern.containing(text.lowercased())
    // SQLite knows upper and lower case in ASCII only; the text as typed and
    // with capitals at the start finds most other names.
    return """
      WHERE u.expires_at IS NULL AND (u.email_key LIKE \(lowered) ESCAPE '\\' OR LOWER(u.name) LIKE \(lowered) ESCAPE '\\'
        OR u.name LIKE \(LikePattern.containing(text)) ESCAPE '\\'
        OR u.name LIKE \(LikePattern.containing(text.capitalized)) ESCAPE '\\')
      """
  }

  // MARK: Sessions

  func insert(
    _ session: Session, from client: ClientInfo, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO sessions
        (id, user_id, form_token, created_at, expires_at, last_seen_at, address, user_agent)
      VALUES (\(session.id), \(session.userID), \(session.formToken), \(session.createdAt),
        \(session.expiresAt), \(session.createdAt), \(Self.kept(64, of: client.address)),
        \(Self.kept(300, of: client.userAgent)))
      """)
  }

  /// A session that lives, of a person who isn't suspended.
  func session(
    _ id: Session.ID, at time: Date, in connection: any Connection
  ) throws -> Found? {
    try connection.first(
      """
      SELECT s.id AS session_id, s.form_token, s.created_at AS session_created_at, s.expires_at,
        s.last_seen_at AS session_seen_at, \(sql: Self.columns)
      FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.id = \(id) AND s.expires_at > \(time) AND u.suspended_at IS NULL
        AND (u.expires_at IS NULL OR u.expires_at > \(time))
      """
    ).map { row in
      let user = try user(row)
      return Found(
        session: Session(
          id: try row.get("session_id"), userID: user.id, formToken: try row.get("form_token"),
          createdAt: try row.get("session_created_at"), expiresAt: try row.get("expires_at")),
        user: user, lastSeenAt: try row.get("session_seen_at"))
    }
  }

  /// Notes that a session is in use, unless another request did since a time.
  func touch(
    _ session: Session, seenAt time: Date, ifNotSince earlier: Date, expiresAt: Date,
    in connection: any Connection
  ) throws {
    let touched = try connection.execute(
      """
      UPDATE sessions SET last_seen_at = \(time), expires_at = \(expiresAt)
      WHERE id = \(session.id) AND last_seen_at <= \(earlier)
      """)
    guard touched > 0 else { return }
    try connection.execute(
      "UPDATE users SET last_seen_at = \(time) WHERE id = \(session.userID)")
  }

  func deleteSession(_ id: Session.ID, in connection: any Connection) throws {
    try connection.execute("DELETE FROM sessions WHERE id = \(id)")
  }

  func deleteSessions(expiredAt time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM sessions WHERE expires_at <= \(time)")
  }

  /// The beginning of a text that a client chose, without what a database
  /// can't keep or a list can't show.
  private static func kept(_ length: Int, of text: String) -> String {
    let scalars = text.unicodeScalars.lazy
      .filter { $0.properties.generalCategory != .control }.prefix(length)
    return String(String.UnicodeScalarView(scalars))
  }

  // MARK: Signing keys

  func keys(in connection: any Connection) throws -> [SigningKey] {
    try connection.query("SELECT * FROM signing_keys ORDER BY created_at, id").map { row in
      SigningKey(
        id: try row.get("id"), secret: try row.get("secret"), createdAt: try row.get("created_at"),
        retiredAt: try row.get("retired_at"))
    }
  }

  func insert(_ key: SigningKey, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO signing_keys (id, secret, created_at, retired_at)
      VALUES (\(key.id), \(key.secret), \(key.createdAt), \(key.retiredAt))
      """)
  }

  func retireKeys(at time: Date, in connection: any Connection) throws {
    try connection.execute(
      "UPDATE signing_keys SET retired_at = \(time) WHERE retired_at IS NULL")
  }

  func deleteKeys(retiredBefore time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM signing_keys WHERE retired_at < \(time)")
  }

  private func user(_ row: Row) throws -> User {
    User(
      id: try row.get("id"), email: try row.get("email"), name: try row.get("name"),
      role: try row.get("role"), suspendedAt: try row.get("suspended_at"),
      createdAt: try row.get("created_at"), lastSeenAt: try row.get("last_seen_at"),
      expiresAt: try row.get("user_expires_at"), language: try row.get("language"))
  }
}
