/// A database's tables as the database itself lists them.
struct SchemaTables: Sendable {
  struct Table: Sendable, Hashable {
    let name: SchemaName
    let columns: [SchemaName]
    /// The columns of the primary key, by which rows have an order.
    let key: [SchemaName]
  }

  /// Tables before those that refer to them, without the record of migrations.
  let tables: [Table]

  /// - Throws: ``StorageError/other(_:)`` for tables that refer to each other
  ///   in a circle, which no order of copying serves.
  init(on connection: any Connection) throws(StorageError) {
    let columns = try connection.query(Self.columns(connection.dialect))
    let names = try connection.query(Self.references(connection.dialect))
    var found: [SchemaName: (columns: [SchemaName], key: [(Int, SchemaName)])] = [:]
    for row in columns {
      guard let table = SchemaName(try row.get("table_name")),
        let column = SchemaName(try row.get("column_name"))
      else { throw .other("A table or column has a name that BabyHelm never gave.") }
      if table.text == "schema_migrations" { continue }
      let place: Int = try row.get("place")
      found[table, default: ([], [])].columns.append(column)
      if place > 0 { found[table]?.key.append((place, column)) }
    }
    var needs: [SchemaName: Set<SchemaName>] = [:]
    for row in names {
      guard let table = SchemaName(try row.get("table_name")),
        let target = SchemaName(try row.get("target")), table != target
      else { continue }
      needs[table, default: []].insert(target)
    }
    var ordered: [Table] = []
    var left = found.keys.sorted { $0.text < $1.text }
    while !left.isEmpty {
      let placed = Set(ordered.map(\.name))
      let ready = left.filter { needs[$0, default: []].isSubset(of: placed) }
      guard !ready.isEmpty else { throw .other("Tables refer to each other in a circle.") }
      for name in ready {
        guard let table = found[name] else { continue }
        let key = table.key.sorted { $0.0 < $1.0 }.map(\.1)
        ordered.append(Table(name: name, columns: table.columns, key: key))
      }
      left.removeAll(where: ready.contains)
    }
    tables = ordered
  }

  private static func columns(_ dialect: Dialect) -> SQL {
    switch dialect {
    case .sqlite:
      """
      SELECT m.name AS table_name, c.name AS column_name, c.pk AS place
      FROM sqlite_master m, pragma_table_info(m.name) c
      WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid
      """
    case .postgres:
      """
      SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name,
        CAST(COALESCE(k.ordinal_position, 0) AS BIGINT) AS place
      FROM information_schema.columns c
      LEFT JOIN information_schema.table_constraints p
        ON p.table_schema = c.table_schema AND p.table_name = c.table_name
        AND p.constraint_type = 'PRIMARY KEY'
      LEFT JOIN information_schema.key_column_usage k
        ON k.constraint_schema = p.constraint_schema AND k.constraint_name = p.constraint_name
        AND k.table_name = c.table_name AND k.column_name = c.column_name
      WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position
      """
    }
  }

  private static func references(_ dialect: Dialect) -> SQL {
    switch dialect {
    case .sqlite:
      """
      SELECT m.name AS table_name, f."table" AS target
      FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
      """
    case .postgres:
      """
      SELECT CAST(t.relname AS TEXT) AS table_name, CAST(r.relname AS TEXT) AS target
      FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_class r ON r.oid = c.confrelid
      WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace
      """
    }
  }
}
