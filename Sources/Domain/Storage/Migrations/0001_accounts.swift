extension Migration {
  /// People, their sessions, and the keys that sign session tokens.
  static let accounts = Migration(
    1, "accounts",
    up: [
      """
      CREATE TABLE users (
        id TEXT PRIMARY KEY,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('visitor', 'member', 'admin')),
        suspended_at BIGINT,
        created_at BIGINT NOT NULL,
        last_seen_at BIGINT
      )
      """,
      """
      CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        form_token TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        last_seen_at BIGINT NOT NULL,
        address TEXT NOT NULL,
        user_agent TEXT NOT NULL
      )
      """,
      "CREATE INDEX sessions_user_id ON sessions (user_id)",
      "CREATE INDEX sessions_expires_at ON sessions (expires_at)",
      """
      CREATE TABLE signing_keys (
        id TEXT PRIMARY KEY,
        secret TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        retired_at BIGINT
      )
      """,
    ],
    down: ["DROP TABLE signing_keys", "DROP TABLE sessions", "DROP TABLE users"])
}
