/// One row of a result. Values are read by column name and copied out of the
/// driver, so a row may leave the transaction.
public struct Row: Sendable {
  let columns: [String]
  let values: [SQLValue]

  /// The value of a column.
  ///
  /// Ask for an optional where the column may be NULL.
  /// - Throws: ``StorageError/other(_:)`` when there is no such column, or it
  ///   holds something that is not a `T`.
  public func get<T: SQLDecodable>(_ column: String) throws(StorageError) -> T {
    try get(column, as: T.self)
  }

  /// The value of a column, with its type as an argument.
  public func get<T: SQLDecodable>(
    _ column: String, as type: T.Type
  ) throws(StorageError) -> T {
    // Rows are narrow; a scan is faster than hashing the name.
    guard let index = columns.firstIndex(of: column) else {
      let names = columns.joined(separator: ", ")
      throw .other("The result has no column “\(column)”; it has \(names).")
    }
    guard let value = T.decoded(from: values[index]) else {
      throw .other("The column “\(column)” doesn't hold a \(T.self) but \(values[index].kind).")
    }
    return value
  }
}

extension SQLValue {
  /// What kind of value it is, without the value: it may be a secret.
  fileprivate var kind: String {
    switch self {
    case .null: "NULL"
    case .integer: "an integer"
    case .real: "a real number"
    case .text: "text"
    }
  }
}
