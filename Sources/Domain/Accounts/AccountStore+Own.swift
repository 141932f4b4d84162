internal import Foundation

/// The SQL of what people do with their own accounts, and of links that set a
/// password anew.
extension AccountStore {
  func passwordHash(of id: User.ID, in connection: any Connection) throws -> String? {
    try connection.first("SELECT password_hash FROM users WHERE id = \(id)")?
      .get("password_hash")
  }

  func setName(_ name: String, of id: User.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE users SET name = \(name) WHERE id = \(id)")
  }

  func setLanguage(_ code: String, of id: User.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE users SET language = \(code) WHERE id = \(id)")
  }

  func setSuspended(
    at time: Date?, of id: User.ID, in connection: any Connection
  ) throws {
    try connection.execute("UPDATE users SET suspended_at = \(time) WHERE id = \(id)")
  }

  func issuers(of id: User.ID, in connection: any Connection) throws -> [String] {
    try connection.query(
      "SELECT issuer FROM external_identities WHERE user_id = \(id) ORDER BY issuer"
    ).map { row in try row.get("issuer") }
  }

  // MARK: Sessions

  func sessions(
    of id: User.ID, at time: Date, current: Session.ID?, in connection: any Connection
  ) throws -> [OwnSession] {
    try connection.query(
      """
      SELECT id, created_at, last_seen_at, address, user_agent FROM sessions
      WHERE user_id = \(id) AND expires_at > \(time) ORDER BY last_seen_at DESC, id LIMIT 200
      """
    ).map { row in
      let session: Session.ID = try row.get("id")
      return OwnSession(
        id: session, createdAt: try row.get("created_at"),
        lastSeenAt: try row.get("last_seen_at"), address: try row.get("address"),
        userAgent: try row.get("user_agent"), isCurrent: session == current)
    }
  }

  /// Whether a person logged in from an address, lately.
  func hasSession(
    of id: User.ID, from address: String, in connection: any Connection
  ) throws -> Bool {
    try connection.first(
      "SELECT 1 AS one FROM sessions WHERE user_id = \(id) AND address = \(address) LIMIT 1") != nil
  }

  /// Ends one session of a person.
  ///
  /// - Returns: false when there is none.
  func deleteSession(
    _ session: Session.ID, of id: User.ID, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      "DELETE FROM sessions WHERE id = \(session) AND user_id = \(id)") == 1
  }

  /// Ends a person's sessions but one.
  ///
  /// - Returns: how many.
  @discardableResult
  func deleteSessions(
    of id: User.ID, but kept: Session.ID?, in connection: any Connection
  ) throws -> Int {
    try connection.execute(
      "DELETE FROM sessions WHERE user_id = \(id) AND id <> \(kept?.rawValue ?? "")")
  }

  // MARK: Tokens

  func tokens(
    of id: User.ID, at time: Date, in connection: any Connection
  ) throws -> [APIToken] {
    try connection.query(
      """
      SELECT * FROM api_tokens WHERE user_id = \(id) AND expires_at > \(time)
      ORDER BY name, created_at
      """
    ).map(Self.token)
  }

  func insert(
    _ token: APIToken, hash: String, of id: User.ID, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO api_tokens (id, user_id, name, hash, scope, created_at, expires_at)
      VALUES (\(token.id), \(id), \(token.name), \(hash), \(token.scope), \(token.createdAt),
        \(token.expiresAt))
      """)
  }

  /// - Returns: nil when the person has no such token.
  func deleteToken(
    _ token: APIToken.ID, of id: User.ID, in connection: any Connection
  ) throws -> String? {
    try connection.first(
      "DELETE FROM api_tokens WHERE id = \(token) AND user_id = \(id) RETURNING name")?
      .get("name")
  }

  /// The token of a hash that hasn't run out, with its owner, who isn't
  /// suspended.
  func token(
    hash: String, at time: Date, in connection: any Connection
  ) throws -> (token: APIToken, owner: User)? {
    guard
      let row = try connection.first(
        """
        SELECT t.* FROM api_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.hash = \(hash) AND t.expires_at > \(time) AND u.suspended_at IS NULL
        """),
      let owner = try user(try row.get("user_id"), in: connection)
    else { return nil }
    return (try Self.token(row), owner)
  }

  /// The role of who owns a token that is good; nil when it isn't.
  func ownerRole(
    of token: APIToken.ID, user: User.ID, at time: Date, in connection: any Connection
  ) throws -> PlatformRole? {
    try connection.first(
      """
      SELECT u.role FROM api_tokens t JOIN users u ON u.id = t.user_id
      WHERE t.id = \(token) AND u.id = \(user) AND t.expires_at > \(time)
        AND u.suspended_at IS NULL
      """)?.get("role")
  }

  func noteUse(
    of token: APIToken.ID, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      "UPDATE api_tokens SET last_used_at = \(time) WHERE id = \(token)")
  }

  private static func token(_ row: Row) throws -> APIToken {
    APIToken(
      id: try row.get("id"), name: try row.get("name"), scope: try row.get("scope"),
      createdAt: try row.get("created_at"), expiresAt: try row.get("expires_at"),
      lastUsedAt: try row.get("last_used_at"))
  }

  // MARK: Links that set a password anew

  func setReset(
    hash: String, of id: User.ID, at time: Date, until end: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO password_resets (user_id, hash, created_at, expires_at)
      VALUES (\(id), \(hash), \(time), \(end))
      ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      """)
  }

  /// Whose password a link sets, if it is still good.
  func resetUser(
    hash: String, at time: Date, in connection: any Connection
  ) throws -> User? {
    guard
      let row = try connection.first(
        "SELECT user_id FROM password_resets WHERE hash = \(hash) AND expires_at > \(time)")
    else { return nil }
    return try user(try row.get("user_id"), in: connection)
  }

  /// Sets a password whatever it was before, and ends every session and link.
  func replacePassword(
    _ hash: String, of id: User.ID, in connection: any Connection
  ) throws {
    try connection.execute("UPDATE users SET password_hash = \(hash) WHERE id = \(id)")
    try connection.execute("DELETE FROM password_resets WHERE user_id = \(id)")
  }

  func deleteExpiredAccess(at time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM api_tokens WHERE expires_at <= \(time)")
    try connection.execute("DELETE FROM password_resets WHERE expires_at <= \(time)")
  }
}
