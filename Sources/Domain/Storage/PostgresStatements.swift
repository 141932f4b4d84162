import CLibPQ

/// The prepared statements of one connection: a bounded cache, least recently
/// used out first.
struct PostgresStatements {
  /// A statement is prepared for its text and the types of its values.
  struct Key: Hashable {
    var text: String
    var types: [Oid]
  }

  /// One prepared statement, and the shape of its results once seen.
  final class Statement {
    let name: String
    fileprivate var lastUse = 0
    private var columns: [String]?
    private var kinds: [PostgresKind] = []

    fileprivate init(name: String) {
      self.name = name
    }

    /// Copies the rows out of a result.
    func rows(of result: OpaquePointer) -> [Row] {
      let columns = self.columns ?? describe(result)
      return (0..<PQntuples(result)).map { row in
        let values = kinds.indices.map { column in
          kinds[column].value(in: result, row: row, column: Int32(column))
        }
        return Row(columns: columns, values: values)
      }
    }

    private func describe(_ result: OpaquePointer) -> [String] {
      let indices = 0..<PQnfields(result)
      let columns = indices.map { String(cString: PQfname(result, $0)) }
      kinds = indices.map { PostgresKind(oid: PQftype(result, $0)) }
      self.columns = columns
      return columns
    }
  }

  private let limit: Int
  private var statements: [Key: Statement] = [:]
  private var made = 0
  private var uses = 0

  init(limit: Int) {
    self.limit = limit
  }

  mutating func find(_ key: Key) -> Statement? {
    guard let statement = statements[key] else { return nil }
    uses += 1
    statement.lastUse = uses
    return statement
  }

  /// A statement with a name that this connection has never used.
  mutating func make() -> Statement {
    made += 1
    return Statement(name: "babyhelm_\(made)")
  }

  mutating func insert(_ statement: Statement, for key: Key) {
    uses += 1
    statement.lastUse = uses
    statements[key] = statement
  }

  /// Forgets one statement if another would not fit.
  ///
  /// - Returns: its name, to be deallocated on the server.
  mutating func evictIfFull() -> String? {
    guard statements.count >= limit,
      let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })
    else { return nil }
    statements[oldest.key] = nil
    return oldest.value.name
  }

  mutating func removeAll() {
    statements.removeAll()
  }
}

/// How a column's text becomes a value.
enum PostgresKind {
  case integer, real, numeric, boolean, text

  /// By the type's OID, from PostgreSQL's `pg_type.dat`.
  init(oid: Oid) {
    switch oid {
    case 20, 21, 23, 26: self = .integer
    case 700, 701: self = .real
    case 1700: self = .numeric
    case 16: self = .boolean
    default: self = .text
    }
  }

  func value(in result: OpaquePointer, row: Int32, column: Int32) -> SQLValue {
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
      return .null
    }
    let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
    let text = String(decoding: bytes, as: UTF8.self)
    switch self {
    case .text: return .text(text)
    case .integer: return Int64(text).map(SQLValue.integer) ?? .text(text)
    case .real: return Double(text).map(SQLValue.real) ?? .text(text)
    case .boolean: return .integer(text == "t" ? 1 : 0)
    // SUM of a BIGINT is NUMERIC; SQLite's is an integer.
    case .numeric:
      if let integer = Int64(text) { return .integer(integer) }
      return Double(text).map(SQLValue.real) ?? .text(text)
    }
  }
}

extension SQLValue {
  /// The type a value is announced with. 0 lets the server decide: text goes
  /// wherever text can, and NULL everywhere.
  var postgresType: Oid {
    switch self {
    case .null, .text: 0
    case .integer: 20
    case .real: 701
    }
  }

  /// The value in text format; nil is NULL.
  var postgresText: String? {
    switch self {
    case .null: nil
    case .integer(let number): String(number)
    case .real(let number): String(number)
    case .text(let text): text
    }
  }
}
