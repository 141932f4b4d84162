extension Migration {
  /// Projects and who works in them.
  static let projects = Migration(
    2, "projects",
    up: [
      """
      CREATE TABLE projects (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        namespace_uid TEXT,
        state TEXT NOT NULL CHECK (state IN ('creating', 'ready', 'removing')),
        cpu TEXT NOT NULL,
        memory TEXT NOT NULL,
        pods INTEGER NOT NULL,
        created_by TEXT NOT NULL REFERENCES users (id),
        created_at BIGINT NOT NULL
      )
      """,
      """
      CREATE TABLE memberships (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
        created_at BIGINT NOT NULL,
        PRIMARY KEY (project_id, user_id)
      )
      """,
      "CREATE INDEX memberships_user_id ON memberships (user_id)",
    ],
    down: ["DROP TABLE memberships", "DROP TABLE projects"])
}
