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
      // Whoever vanishes is looked for in these.
      "CREATE INDEX projects_created_by ON projects (created_by)",
      "CREATE INDEX releases_author_id ON releases (author_id)",
      "CREATE INDEX invitations_invited_by ON invitations (invited_by)",
    ],
    down: [
      // Without the column nobody would know that they are to vanish.
      """
      UPDATE projects SET deleted_at = COALESCE(deleted_at, expires_at),
        removing_since = COALESCE(removing_since, expires_at)
      WHERE expires_at IS NOT NULL AND state = 'ready'
      """,
      """
      DELETE FROM users WHERE expires_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.created_by = users.id)
        AND NOT EXISTS (SELECT 1 FROM releases r WHERE r.author_id = users.id)
      """,
      "DROP INDEX invitations_invited_by", "DROP INDEX releases_author_id",
      "DROP INDEX projects_created_by",
      "DROP INDEX users_expires_at", "DROP INDEX projects_expires_at",
      "DROP INDEX projects_is_demo",
      "ALTER TABLE users DROP COLUMN expires_at", "ALTER TABLE projects DROP COLUMN expires_at",
      "ALTER TABLE projects DROP COLUMN is_demo",
    ])
}
