extension Migration {
  /// Answers to calls with an Idempotency-Key. Key and call are hashes, the
  /// answer is sealed.
  static let keptAnswers = Migration(
    16, "kept_answers",
    up: [
      """
      CREATE TABLE kept_answers (
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        content TEXT NOT NULL,
        answer TEXT,
        begun_at BIGINT NOT NULL,
        PRIMARY KEY (user_id, key)
      )
      """,
      "CREATE INDEX kept_answers_begun_at ON kept_answers (begun_at)",
    ],
    down: ["DROP TABLE kept_answers"])
}
