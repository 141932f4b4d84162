/// Which database a statement is for.
public enum Dialect: String, Sendable, CaseIterable {
  case sqlite, postgres
}

/// A statement and its values.
///
/// Write it as a literal. An interpolated value is bound, never pasted, and
/// the text itself can only come from the source: every initializer takes a
/// `StaticString`, so text made at run time doesn't compile.
/// ```swift
/// let sql: SQL = "SELECT name FROM projects WHERE id = \(id)"
/// let next: SQL = "… LIMIT 1 \(sqlite: "", postgres: "FOR UPDATE SKIP LOCKED")"
/// let some: SQL = "… WHERE id IN \(list: ids) \(sql: filter)"
/// ```
/// A bare `?` is an operator of PostgreSQL and nothing else; placeholders are
/// made by interpolation only. Text with a NUL character is refused on both
/// databases, because PostgreSQL can't store it.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
  fileprivate enum Part: Sendable {
    case text(StaticString)
    case either(sqlite: StaticString, postgres: StaticString)
    case value(SQLValue)
    case list([SQLValue])
    case name(SchemaName)
  }

  fileprivate var parts: [Part]

  public init(stringLiteral value: StaticString) {
    parts = [.text(value)]
  }

  public init(stringInterpolation: StringInterpolation) {
    parts = stringInterpolation.parts
  }

  /// Collects the parts of a literal; the compiler calls it.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      parts.reserveCapacity(interpolationCount * 2 + 1)
    }

    public mutating func appendLiteral(_ literal: StaticString) {
      parts.append(.text(literal))
    }

    /// Binds a value.
    public mutating func appendInterpolation(_ value: some SQLConvertible) {
      parts.append(.value(value.sqlValue))
    }

    /// Binds a value or NULL. Without this overload the compiler warns of every
    /// optional, as if it were printed.
    public mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
      parts.append(.value(value.sqlValue))
    }

    /// Text that differs between the databases. Both are literals.
    public mutating func appendInterpolation(sqlite: StaticString, postgres: StaticString) {
      parts.append(.either(sqlite: sqlite, postgres: postgres))
    }

    /// Another statement's text and values.
    public mutating func appendInterpolation(sql: SQL) {
      parts.append(contentsOf: sql.parts)
    }

    /// The name of a table or a column that the schema itself told.
    mutating func appendInterpolation(name: SchemaName) {
      parts.append(.name(name))
    }

    /// Binds each value: `(?, ?, …)`. An empty list is `(NULL)`, which no row
    /// is `IN`; don't use one with `NOT IN`. At most 30,000 values.
    public mutating func appendInterpolation(list values: [some SQLConvertible]) {
      parts.append(.list(values.map(\.sqlValue)))
    }
  }
}

/// The name of one of our tables or columns, for statements about whatever
/// tables there are. Nothing else passes for one.
struct SchemaName: Sendable, Hashable, CustomStringConvertible {
  let text: String

  init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F }) else {
      return nil
    }
    self.text = text
  }

  var description: String { text }
}

extension SQL {
  /// A statement as one driver wants it.
  struct Rendered: Sendable {
    /// The text with `?1` (SQLite) or `$1` (PostgreSQL) for each value.
    var text: String
    var values: [SQLValue]
  }

  /// The statement for one database.
  ///
  /// - Throws: ``StorageError/other(_:)`` when a text value holds a NUL.
  func rendered(for dialect: Dialect) throws(StorageError) -> Rendered {
    var result = Rendered(text: "", values: [])
    for part in parts {
      switch part {
      case .text(let text): text.append(to: &result.text)
      case .either(let sqlite, let postgres):
        (dialect == .sqlite ? sqlite : postgres).append(to: &result.text)
      case .value(let value):
        try Self.bind(value, in: &result, dialect)
      case .name(let name):
        result.text += "\"\(name.text)\""
      case .list(let values) where values.isEmpty:
        result.text += "(NULL)"
      case .list(let values):
        result.text += "("
        for (index, value) in values.enumerated() {
          if index > 0 { result.text += ", " }
          try Self.bind(value, in: &result, dialect)
        }
        result.text += ")"
      }
    }
    return result
  }

  private static func bind(
    _ value: SQLValue, in result: inout Rendered, _ dialect: Dialect
  ) throws(StorageError) {
    if case .text(let text) = value, text.utf8.contains(0) {
      throw .other("A text value holds a NUL character (U+0000), which can't be stored.")
    }
    result.values.append(value)
    // Numbered on SQLite too: a `?` in the statement's own text then can't
    // shift the values.
    result.text += dialect == .sqlite ? "?" : "$"
    result.text += String(result.values.count)
  }
}

extension StaticString {
  fileprivate func append(to text: inout String) {
    text += description
  }
}
