extension Migration {
  /// Applications, their releases, and the work that is still to be done.
  static let applications = Migration(
    3, "applications",
    up: [
      """
      CREATE TABLE applications (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        image TEXT NOT NULL,
        specification TEXT NOT NULL,
        release_number INTEGER NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        UNIQUE (project_id, name)
      )
      """,
      """
      CREATE TABLE releases (
        id TEXT PRIMARY KEY,
        application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        specification TEXT NOT NULL,
        manifests TEXT NOT NULL,
        plan_hash TEXT NOT NULL,
        author_id TEXT NOT NULL REFERENCES users (id),
        message TEXT NOT NULL,
        state TEXT NOT NULL CHECK (
          state IN ('queued', 'applying', 'rollingOut', 'succeeded', 'failed', 'superseded')),
        outcome TEXT,
        created_at BIGINT NOT NULL,
        finished_at BIGINT,
        UNIQUE (application_id, number),
        UNIQUE (application_id, plan_hash)
      )
      """,
      """
      CREATE TABLE operations (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind = 'deploy'),
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        release_id TEXT REFERENCES releases (id) ON DELETE CASCADE,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done')),
        attempts INTEGER NOT NULL,
        leased_by TEXT,
        leased_until BIGINT,
        created_at BIGINT NOT NULL,
        finished_at BIGINT
      )
      """,
      "CREATE INDEX operations_state_created_at ON operations (state, created_at)",
    ],
    down: ["DROP TABLE operations", "DROP TABLE releases", "DROP TABLE applications"])
}
