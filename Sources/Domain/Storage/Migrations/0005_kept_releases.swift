extension Migration {
  /// Which image a release's pods ran, so that going back to it means the same
  /// image although its tag may have moved; and which objects on the cluster go
  /// when no release needs them any more.
  static let keptReleases = Migration(
    5, "kept_releases",
    up: [
      "ALTER TABLE releases ADD COLUMN image_digest TEXT",
      """
      CREATE TABLE versioned_objects (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        application TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('ConfigMap', 'Secret')),
        name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (project_id, kind, name)
      )
      """,
    ],
    down: ["DROP TABLE versioned_objects", "ALTER TABLE releases DROP COLUMN image_digest"])
}
