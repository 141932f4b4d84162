extension Migration {
  /// Which accounts people of an identity provider have.
  static let externalIdentities = Migration(
    8, "external_identities",
    up: [
      """
      CREATE TABLE external_identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (issuer, subject)
      )
      """,
      "CREATE INDEX external_identities_user_id ON external_identities (user_id)",
    ],
    down: ["DROP TABLE external_identities"])
}
