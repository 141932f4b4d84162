extension Migration {
  /// What admins decide, and what applications asked for and used.
  ///
  /// `usage_hours` has sums: thousandths of a core, or KiB, times seconds. They
  /// outlive what they are about, so that a bill can still be explained.
  /// `usage_days` has how often a pod used how much. `usage_clock` says until
  /// when it was counted; whoever moves it counts, so two replicas never count
  /// the same minute.
  static let usage = Migration(
    11, "usage",
    up: [
      """
      CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        version BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        changed_by TEXT NOT NULL
      )
      """,
      """
      CREATE TABLE usage_hours (
        application_id TEXT NOT NULL,
        hour BIGINT NOT NULL,
        project_id TEXT NOT NULL,
        project_name TEXT NOT NULL,
        application_name TEXT NOT NULL,
        seconds BIGINT NOT NULL,
        cpu_requested BIGINT NOT NULL,
        memory_requested BIGINT NOT NULL,
        storage_requested BIGINT NOT NULL,
        measured_seconds BIGINT NOT NULL,
        cpu_used BIGINT NOT NULL,
        memory_used BIGINT NOT NULL,
        cpu_peak BIGINT NOT NULL,
        memory_peak BIGINT NOT NULL,
        PRIMARY KEY (application_id, hour)
      )
      """,
      "CREATE INDEX usage_hours_project ON usage_hours (project_id, hour)",
      "CREATE INDEX usage_hours_hour ON usage_hours (hour)",
      """
      CREATE TABLE usage_days (
        application_id TEXT NOT NULL,
        day BIGINT NOT NULL,
        project_id TEXT NOT NULL,
        measured_seconds BIGINT NOT NULL,
        cpu TEXT NOT NULL,
        memory TEXT NOT NULL,
        PRIMARY KEY (application_id, day)
      )
      """,
      "CREATE INDEX usage_days_project ON usage_days (project_id, day)",
      "CREATE TABLE usage_clock (id BIGINT PRIMARY KEY CHECK (id = 1), counted_to BIGINT NOT NULL)",
    ],
    down: [
      "DROP TABLE usage_clock", "DROP TABLE usage_days", "DROP TABLE usage_hours",
      "DROP TABLE settings",
    ])
}
