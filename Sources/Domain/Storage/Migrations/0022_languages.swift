extension Migration {
  /// The language that somebody chose for their pages; NULL as long as they
  /// chose none, and then their browser says it.
  static let languages = Migration(
    22, "languages", oldestProgram: 20,
    up: ["ALTER TABLE users ADD COLUMN language TEXT"],
    down: ["ALTER TABLE users DROP COLUMN language"])
}
