extension Migration {
  /// Links that let somebody in who has no account, or into a project. The
  /// secret is kept as SHA-256 only, and the row goes when it was used.
  static let invitations = Migration(
    14, "invitations",
    up: [
      """
      CREATE TABLE invitations (
        id TEXT PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        email TEXT NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('visitor', 'member', 'admin')),
        project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
        project_role TEXT CHECK (project_role IN ('viewer', 'editor', 'owner')),
        invited_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )
      """,
      "CREATE INDEX invitations_project_id ON invitations (project_id)",
      "CREATE INDEX invitations_expires_at ON invitations (expires_at)",
    ],
    down: ["DROP TABLE invitations"])
}
