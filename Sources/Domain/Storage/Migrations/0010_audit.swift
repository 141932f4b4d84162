extension Migration {
  /// What people did. `audit_head` has one row, the end of the chain of hashes:
  /// who appends changes it, so two writers can't give one number twice. It
  /// also has the hash before the oldest kept row.
  static let audit = Migration(
    10, "audit",
    up: [
      """
      CREATE TABLE audit_events (
        number BIGINT PRIMARY KEY,
        at BIGINT NOT NULL,
        actor_id TEXT,
        actor_email TEXT NOT NULL,
        via TEXT NOT NULL,
        address TEXT NOT NULL,
        request_id TEXT NOT NULL,
        action TEXT NOT NULL,
        target_kind TEXT NOT NULL,
        target_name TEXT NOT NULL,
        project TEXT,
        outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
        reason TEXT NOT NULL,
        changes TEXT NOT NULL,
        occurrences BIGINT NOT NULL CHECK (occurrences > 0),
        hash TEXT NOT NULL
      )
      """,
      "CREATE INDEX audit_events_project ON audit_events (project, number)",
      "CREATE INDEX audit_events_actor ON audit_events (actor_id, number)",
      "CREATE INDEX audit_events_at ON audit_events (at)",
      """
      CREATE TABLE audit_head (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        number BIGINT NOT NULL,
        hash TEXT NOT NULL,
        anchor_number BIGINT NOT NULL,
        anchor_hash TEXT NOT NULL
      )
      """,
    ],
    down: ["DROP TABLE audit_head", "DROP TABLE audit_events"])
}
