extension Migration {
  /// What strangers may look at, and what of theirs vanishes by itself: accounts
  /// without a person behind them, and projects to try things in.
  static let demo = Migration(
    16, "demo",
    up: [
      "ALTER TABLE projects ADD COLUMN is_demo INTEGER NOT NULL DEFAULT 0",
      "ALTER TABLE projects ADD COLUMN expires_at BIGINT",
      "ALTER TABLE users ADD COLUMN expires_at BIGINT",
      "CREATE INDEX projects_is_demo ON projects (is_demo) WHERE is_demo = 1",
      "CREATE INDEX projects_expires_at ON projects (expires_at) WHERE expires_at IS NOT NULL",
      "CREATE INDEX users_expires_at ON users (expires_at) WHERE expires_at IS NOT NULL",
    ],
    down: [
      "DROP INDEX users_expires_at", "DROP INDEX projects_expires_at",
      "DROP INDEX projects_is_demo",
      "ALTER TABLE users DROP COLUMN expires_at", "ALTER TABLE projects DROP COLUMN expires_at",
      "ALTER TABLE projects DROP COLUMN is_demo",
    ])
}
