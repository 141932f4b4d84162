extension Migration {
  /// Addresses that a registry or a CI posts to, and what they were last used
  /// for. Of a secret there is a hash, and the secret itself sealed, because a
  /// signature can't be checked with less.
  static let deployHooks = Migration(
    19, "deploy_hooks",
    up: [
      """
      CREATE TABLE deploy_hooks (
        id TEXT PRIMARY KEY,
        application_id TEXT NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        tags TEXT NOT NULL,
        secret_hash TEXT NOT NULL,
        sealed_secret TEXT NOT NULL,
        made_by TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at BIGINT NOT NULL,
        secret_at BIGINT NOT NULL,
        UNIQUE (application_id, name)
      )
      """,
      "CREATE INDEX deploy_hooks_made_by ON deploy_hooks (made_by)",
      """
      CREATE TABLE deploy_hook_uses (
        id TEXT PRIMARY KEY,
        hook_id TEXT NOT NULL REFERENCES deploy_hooks (id) ON DELETE CASCADE,
        delivery TEXT,
        used_at BIGINT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('deployed', 'unchanged', 'ignored', 'refused')),
        sentence TEXT NOT NULL,
        tag TEXT NOT NULL,
        release_number INTEGER,
        address TEXT NOT NULL,
        UNIQUE (hook_id, delivery)
      )
      """,
      "CREATE INDEX deploy_hook_uses_hook_id ON deploy_hook_uses (hook_id, used_at)",
    ],
    down: ["DROP TABLE deploy_hook_uses", "DROP TABLE deploy_hooks"])
}
