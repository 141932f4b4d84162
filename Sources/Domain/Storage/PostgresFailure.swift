import CLibPQ

/// What the server or libpq said about a failed call.
struct PostgresFailure {
  /// SQLSTATE (PostgreSQL 15, appendix A); empty when the connection broke.
  let state: String
  let message: String
  private let table: String
  private let constraint: String
  private let detail: String

  init(result: OpaquePointer?, connection: OpaquePointer) {
    func field(_ code: Character) -> String {
      guard let result, let ascii = code.asciiValue,
        let text = PQresultErrorField(result, Int32(ascii))
      else { return "" }
      return String(cString: text)
    }
    // The codes of PG_DIAG_… in postgres_ext.h; the macros don't import.
    state = field("C")
    table = field("t")
    constraint = field("n")
    detail = field("D")
    let primary = field("M")
    message = primary.isEmpty ? Self.message(of: connection) : primary
  }

  /// libpq's last message about a connection, as one line.
  static func message(of connection: OpaquePointer) -> String {
    let text = String(cString: PQerrorMessage(connection))
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The server ended the connection, or the connection ended itself: class
  /// 08, administrator's or crash shutdown, not accepting yet.
  var breaksConnection: Bool {
    state.hasPrefix("08") || ["57P01", "57P02", "57P03", "25P03"].contains(state)
  }

  /// A change on a server that takes none: a standby, or one whose
  /// `default_transaction_read_only` is on. Mistakes of our own have the same
  /// code, but only within a transaction that was begun as read only.
  var isRefusedAsReadOnly: Bool {
    state == "25006" || (state == "0A000" && message.contains("hot standby"))
  }

  /// Serialization failure or deadlock: the same transaction may win next time.
  var isLostRace: Bool { state == "40001" || state == "40P01" }

  /// The prepared statement is unknown, or its result would change shape.
  var isStaleStatement: Bool {
    state == "26000" || (state == "0A000" && message.contains("cached plan"))
  }

  var error: StorageError {
    switch state {
    case "23505": .uniqueViolation(constraint: normalisedConstraint)
    case "23503": .foreignKeyViolation
    case "23502", "23514": .checkViolation
    case "40001", "40P01": .serialization
    // Lock not available; a statement that ran into its time limit.
    case "55P03", "57014": .busy
    case _ where state.hasPrefix("53"):
      .unavailable("PostgreSQL is out of resources: \(message)")
    default: .other("PostgreSQL error \(state): \(message)")
    }
  }

  /// `Key (project_id, name)=(…) already exists.` of the table `applications`
  /// becomes `applications.project_id,name`, as SQLite says it. The words
  /// around the parentheses depend on the server's language.
  private var normalisedConstraint: String {
    guard let open = detail.firstIndex(of: "("),
      let close = detail.firstRange(of: ")=(")?.lowerBound, open < close
    else { return constraint }
    let columns = detail[detail.index(after: open)..<close]
    return "\(table).\(columns.filter { $0 != " " })"
  }
}
