extension Migration {
  /// What one of several replicas does for all, such as removing what is too
  /// old: who does it right now, and when it was last done.
  static let duties = Migration(
    21, "duties", oldestProgram: 20,
    up: [
      """
      CREATE TABLE duties (
        name TEXT PRIMARY KEY,
        held_by TEXT,
        held_until BIGINT,
        done_at BIGINT
      )
      """
    ],
    down: ["DROP TABLE duties"])
}
