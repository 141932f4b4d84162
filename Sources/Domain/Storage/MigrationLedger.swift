internal import struct Foundation.Date

/// The table `schema_migrations`: what is applied. Programs of different age
/// read and write it, so columns are only ever added, and may be missing.
enum MigrationLedger {
  struct Row: Sendable {
    var number: Int
    var name: String
    var checksum: String
    var appliedAt: Date
    /// The oldest program that can serve with it, told by its last migration.
    var oldestProgram: Int
  }

  /// Makes the table, or gives one of an older program what it lacks.
  static func prepare(on connection: any Connection) throws(StorageError) {
    try connection.execute(
      """
      CREATE TABLE IF NOT EXISTS schema_migrations (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at BIGINT NOT NULL,
        oldest_program INTEGER
      )
      """)
    guard try !hasOldestProgram(on: connection) else { return }
    try connection.execute("ALTER TABLE schema_migrations ADD COLUMN oldest_program INTEGER")
  }

  /// In order of number.
  @Sendable static func rows(on connection: any Connection) throws -> [Row] {
    let exists: SQL = """
      \(sqlite: "SELECT name FROM sqlite_master WHERE type = 'table'",
        postgres: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
      AND \(sqlite: "name", postgres: "tablename") = 'schema_migrations'
      """
    // A new database has no table, and a missing table would end the transaction.
    guard try connection.first(exists) != nil else { return [] }
    let rows = try connection.query("SELECT * FROM schema_migrations ORDER BY number")
    return try rows.map { row in
      let number: Int = try row.get("number")
      // Missing in a row of an older program, which promised nothing.
      let oldest: Int? =
        row.columns.contains("oldest_program") ? try row.get("oldest_program") : nil
      return Row(
        number: number, name: try row.get("name"), checksum: try row.get("checksum"),
        appliedAt: try row.get("applied_at"), oldestProgram: oldest ?? number)
    }
  }

  static func add(
    _ migration: Migration, at time: Date, on connection: any Connection
  ) throws(StorageError) {
    try connection.execute(
      """
      INSERT INTO schema_migrations (number, name, checksum, applied_at, oldest_program)
      VALUES (\(migration.number), \(migration.name), \(try migration.checksum()), \(time),
        \(migration.oldestProgram))
      """)
  }

  static func remove(_ number: Int, on connection: any Connection) throws(StorageError) {
    try connection.execute("DELETE FROM schema_migrations WHERE number = \(number)")
  }

  private static func hasOldestProgram(
    on connection: any Connection
  ) throws(StorageError) -> Bool {
    try connection.first(
      """
      \(sqlite: "SELECT name FROM pragma_table_info('schema_migrations') WHERE name",
        postgres: "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'schema_migrations' AND column_name")
        = 'oldest_program'
      """) != nil
  }
}
