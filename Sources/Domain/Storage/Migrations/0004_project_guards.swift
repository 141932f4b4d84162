extension Migration {
  /// What a project's volumes may ask for, and what its pods may do; and a
  /// release's image, so that a list needn't read whole specifications.
  static let projectGuards = Migration(
    4, "project_guards",
    up: [
      "ALTER TABLE projects ADD COLUMN storage TEXT NOT NULL DEFAULT '50Gi'",
      """
      ALTER TABLE projects ADD COLUMN pod_security TEXT NOT NULL DEFAULT 'baseline'
        CHECK (pod_security IN ('baseline', 'restricted'))
      """,
      "ALTER TABLE releases ADD COLUMN image TEXT NOT NULL DEFAULT ''",
    ],
    down: [
      "ALTER TABLE releases DROP COLUMN image",
      "ALTER TABLE projects DROP COLUMN pod_security",
      "ALTER TABLE projects DROP COLUMN storage",
    ])
}
