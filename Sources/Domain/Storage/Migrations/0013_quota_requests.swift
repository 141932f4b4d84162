extension Migration {
  /// What owners asked of the admins, and what became of it.
  static let quotaRequests = Migration(
    13, "quota_requests",
    up: [
      """
      CREATE TABLE quota_requests (
        id TEXT PRIMARY KEY,
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        cpu TEXT NOT NULL,
        memory TEXT NOT NULL,
        pods BIGINT NOT NULL,
        storage TEXT NOT NULL,
        reason TEXT NOT NULL,
        asked_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        outcome TEXT CHECK (outcome IN ('approved', 'declined', 'withdrawn')),
        answer TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        decided_at BIGINT
      )
      """,
      "CREATE INDEX quota_requests_project_id ON quota_requests (project_id, created_at)",
      """
      CREATE UNIQUE INDEX quota_requests_open ON quota_requests (project_id)
      WHERE outcome IS NULL
      """,
    ],
    down: ["DROP TABLE quota_requests"])
}
