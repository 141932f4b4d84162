extension Migration {
  /// Failed attempts at passwords and the like. The key is a hash: what was
  /// typed isn't kept.
  static let attempts = Migration(
    15, "attempts",
    up: [
      """
      CREATE TABLE attempts (
        key TEXT PRIMARY KEY,
        failures BIGINT NOT NULL,
        blocked_until BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )
      """,
      "CREATE INDEX attempts_expires_at ON attempts (expires_at)",
      // Whether somebody logged in from an address before is asked at each login.
      "CREATE INDEX sessions_user_address ON sessions (user_id, address)",
    ],
    down: ["DROP INDEX sessions_user_address", "DROP TABLE attempts"])
}
