extension Migration {
  /// Alerts, who silenced them, and where the work on them stands.
  ///
  /// Of a fingerprint at most one alert fires. `told` counts how much of an
  /// alert was handed on: nothing, its beginning, its end. `alert_pending` has
  /// what BabyHelm itself saw and doesn't alert of yet, or not any more.
  /// Whoever moves `alert_clock` evaluates, so two replicas never do at once.
  static let alerts = Migration(
    20, "alerts",
    up: [
      """
      CREATE TABLE alerts (
        id TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        name TEXT NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('critical', 'warning', 'info')),
        source TEXT NOT NULL CHECK (source IN ('cluster', 'rules', 'alertmanager')),
        state TEXT NOT NULL CHECK (state IN ('firing', 'resolved', 'expired')),
        project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
        namespace TEXT NOT NULL,
        application TEXT,
        summary TEXT NOT NULL,
        description TEXT NOT NULL,
        runbook TEXT,
        seen TEXT,
        usual TEXT,
        labels TEXT NOT NULL,
        started_at BIGINT NOT NULL,
        ended_at BIGINT,
        heard_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        release_number BIGINT,
        release_at BIGINT,
        release_change TEXT,
        release_previous BIGINT,
        told BIGINT NOT NULL CHECK (told BETWEEN 0 AND 2)
      )
      """,
      "CREATE UNIQUE INDEX alerts_firing ON alerts (fingerprint) WHERE state = 'firing'",
      "CREATE INDEX alerts_project ON alerts (project_id, started_at)",
      "CREATE INDEX alerts_started_at ON alerts (started_at)",
      "CREATE INDEX alerts_created_at ON alerts (project_id, created_at)",
      "CREATE INDEX alerts_untold ON alerts (told) WHERE told < 2",
      """
      CREATE TABLE alert_silences (
        id TEXT PRIMARY KEY,
        project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
        namespace TEXT NOT NULL,
        scope TEXT NOT NULL CHECK (scope IN ('alert', 'application', 'name')),
        fingerprint TEXT,
        application TEXT,
        name TEXT,
        matchers TEXT NOT NULL,
        comment TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        ended_at BIGINT,
        ended_by TEXT,
        outside_id TEXT,
        outside_state TEXT NOT NULL CHECK (outside_state IN ('none', 'wanted', 'there', 'gone')),
        problem TEXT NOT NULL
      )
      """,
      "CREATE INDEX alert_silences_project ON alert_silences (project_id, ends_at)",
      "CREATE INDEX alert_silences_ends_at ON alert_silences (ends_at)",
      """
      CREATE TABLE alert_pending (
        fingerprint TEXT PRIMARY KEY,
        source TEXT NOT NULL,
        since BIGINT NOT NULL,
        seen_at BIGINT NOT NULL,
        keeps_until BIGINT NOT NULL
      )
      """,
      """
      CREATE TABLE alert_intake (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        token_hash TEXT,
        token_made_at BIGINT,
        token_made_by TEXT,
        heard_at BIGINT,
        left_out BIGINT NOT NULL,
        left_out_at BIGINT
      )
      """,
      """
      CREATE TABLE alert_clock (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        evaluated_at BIGINT NOT NULL,
        purged_at BIGINT NOT NULL,
        problems TEXT NOT NULL
      )
      """,
    ],
    down: [
      "DROP TABLE alert_clock", "DROP TABLE alert_intake", "DROP TABLE alert_pending",
      "DROP TABLE alert_silences", "DROP TABLE alerts",
    ])
}
