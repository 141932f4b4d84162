extension Migration {
  /// Tokens for programs, and links with which a password is set anew. Both
  /// are kept as SHA-256 only.
  static let accountAccess = Migration(
    12, "account_access",
    up: [
      """
      CREATE TABLE api_tokens (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        scope TEXT NOT NULL CHECK (scope IN ('read', 'deploy', 'admin')),
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        last_used_at BIGINT
      )
      """,
      "CREATE INDEX api_tokens_user_id ON api_tokens (user_id)",
      "CREATE INDEX api_tokens_expires_at ON api_tokens (expires_at)",
      """
      CREATE TABLE password_resets (
        user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        hash TEXT NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )
      """,
    ],
    down: ["DROP TABLE password_resets", "DROP TABLE api_tokens"])
}
