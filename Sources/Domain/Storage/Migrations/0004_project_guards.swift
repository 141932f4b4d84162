extension Migration {
  /// What a project's volumes may ask for, and what its pods may do.
  static let projectGuards = Migration(
    4, "project_guards",
    up: [
      "ALTER TABLE projects ADD COLUMN storage TEXT NOT NULL DEFAULT '50Gi'",
      """
      ALTER TABLE projects ADD COLUMN pod_security TEXT NOT NULL DEFAULT 'baseline'
        CHECK (pod_security IN ('baseline', 'restricted'))
      """,
    ],
    down: [
      "ALTER TABLE projects DROP COLUMN pod_security",
      "ALTER TABLE projects DROP COLUMN storage",
    ])
}
