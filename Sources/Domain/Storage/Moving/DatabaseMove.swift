/// Copies everything from one database to an empty one, of the same or the
/// other kind, and compares the two. No server may run on either meanwhile.
public struct DatabaseMove: Sendable {
  /// What was copied of one table.
  public struct Copied: Sendable, Hashable {
    public let table: String
    public let rows: Int
  }

  /// Why nothing was moved.
  public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
  }

  let source: any Database
  let target: any Database
  /// How many rows are in memory at a time; a release is the largest, with a
  /// megabyte at most.
  let batch: Int

  public init(from source: any Database, to target: any Database, batch: Int = 200) {
    self.source = source
    self.target = target
    self.batch = max(1, batch)
  }

  /// Copies, compares, and leaves the target empty when anything fails.
  ///
  /// - Parameter progress: is told each table once it is copied.
  /// - Throws: ``Refusal`` for a target that holds people, a source of another
  ///   schema, or a difference found afterwards; ``MigrationError``;
  ///   ``StorageError``.
  public func run(_ progress: @Sendable (Copied) -> Void = { _ in }) async throws -> [Copied] {
    guard try await MigrationChain.all.check(source) == 0 else {
      throw Refusal(
        description: "The source's schema is older than this program. Bring it up to date first: "
          + "babyhelm migrate up --database-url SOURCE.")
    }
    try await MigrationChain.all.up(target)
    let tables = try await source.read { try SchemaTables(on: $0).tables }
    let theirs = try await target.read { try SchemaTables(on: $0).tables }
    guard Set(tables.map(\.name)) == Set(theirs.map(\.name)) else {
      throw Refusal(description: "The databases don't have the same tables.")
    }
    try await requireEmpty()
    do {
      try await clear(tables)
      var copied: [Copied] = []
      for table in tables {
        let digest = try await copy(table)
        copied.append(Copied(table: table.name.text, rows: digest.rows))
        progress(Copied(table: table.name.text, rows: digest.rows))
      }
      try await goOnCounting()
      for table in tables {
        // The source once more, too: somebody may have written there meanwhile.
        let (before, after) = try await (
          digest(of: table, in: source), digest(of: table, in: target)
        )
        guard before == after else {
          throw Refusal(
            description: "The table “\(table.name)” differs after copying (\(before.rows) rows "
              + "there, \(after.rows) here). Stop every server on both databases, and move again.")
        }
      }
      return copied
    } catch {
      try? await clear(tables)
      throw error
    }
  }

  private func requireEmpty() async throws {
    let people: Int = try await target.read { connection in
      try connection.first("SELECT COUNT(*) AS people FROM users")?.get("people") ?? 0
    }
    guard people == 0 else {
      throw Refusal(
        description: "The target holds data already: \(people) people. Move to an empty database.")
    }
  }

  /// Removes what migrations themselves put in, and what a failed copy left.
  private func clear(_ tables: [SchemaTables.Table]) async throws {
    try await target.write { connection in
      for table in tables.reversed() { try connection.execute("DELETE FROM \(name: table.name)") }
    }
  }

  /// PostgreSQL counts the numbers it gives apart from the rows that have them;
  /// SQLite looks at the rows.
  private func goOnCounting() async throws {
    guard target.dialect == .postgres else { return }
    try await target.write { connection in
      let counters = try connection.query(
        """
        SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name
        FROM information_schema.columns
        WHERE table_schema = current_schema() AND is_identity = 'YES'
        """)
      for row in counters {
        guard let table = SchemaName(try row.get("table_name")),
          let column = SchemaName(try row.get("column_name"))
        else { continue }
        _ = try connection.query(
          """
          SELECT setval(pg_get_serial_sequence(\(table.text), \(column.text)),
            (SELECT COALESCE(MAX(\(name: column)), 0) + 1 FROM \(name: table)), false)
          """)
      }
    }
  }

  private func copy(_ table: SchemaTables.Table) async throws -> TableDigest {
    var digest = TableDigest()
    try await eachBatch(of: table, in: source) { rows in
      for row in rows { digest.add(row, of: table.columns) }
      try await target.write { connection in
        for row in rows { try connection.execute(Self.insert(row, into: table)) }
      }
    }
    return digest
  }

  private func digest(
    of table: SchemaTables.Table, in database: any Database
  ) async throws -> TableDigest {
    var digest = TableDigest()
    try await eachBatch(of: table, in: database) { rows in
      for row in rows { digest.add(row, of: table.columns) }
    }
    return digest
  }

  private func eachBatch(
    of table: SchemaTables.Table, in database: any Database,
    _ body: ([[SQLValue]]) async throws -> Void
  ) async throws {
    var offset = 0
    while true {
      let start = offset
      let rows = try await database.read { connection in
        try connection.query(Self.select(table, batch, start)).map { row in
          try table.columns.map { try row.get($0.text, as: SQLValue.self) }
        }
      }
      if !rows.isEmpty { try await body(rows) }
      guard rows.count == batch else { return }
      offset += rows.count
    }
  }

  private static func select(_ table: SchemaTables.Table, _ limit: Int, _ offset: Int) -> SQL {
    let order = list(table.key.isEmpty ? table.columns : table.key)
    return """
      SELECT * FROM \(name: table.name) ORDER BY \(sql: order) LIMIT \(limit) OFFSET \(offset)
      """
  }

  private static func insert(_ row: [SQLValue], into table: SchemaTables.Table) -> SQL {
    "INSERT INTO \(name: table.name) (\(sql: list(table.columns))) VALUES \(list: row)"
  }

  private static func list(_ names: [SchemaName]) -> SQL {
    names.dropFirst().reduce(names.first.map { "\(name: $0)" } ?? "") { "\(sql: $0), \(name: $1)" }
  }
}
