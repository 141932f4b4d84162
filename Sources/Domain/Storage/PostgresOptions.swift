import CLibPQ

/// How to reach a PostgreSQL server, and this process's limits.
struct PostgresOptions: Sendable {
  /// As libpq wants it; may hold a password.
  var url: String
  /// How many connections are open at most.
  var poolSize = 10
  /// How long a transaction waits for a free connection, or for a server that
  /// is being restarted.
  var waitLimit = Duration.seconds(5)
  /// How often a transaction runs that loses against others.
  var tries = 12
  /// How many prepared statements a connection keeps.
  var statementLimit = 256

  /// Sent on every new connection. A statement that takes longer than 30 s, or
  /// a transaction that this process forgot, must not hold locks for ever.
  static let session = """
    SET statement_timeout = '30s';
    SET idle_in_transaction_session_timeout = '60s';
    SET client_min_messages = warning
    """

  /// libpq's connection parameters. It expands the URL where `dbname` stands:
  /// what comes before is a default, what comes after can't be changed.
  var parameters: [(key: String, value: String)] {
    [
      ("connect_timeout", "5"),
      ("fallback_application_name", "babyhelm"),
      // A standby is refused, and of several servers the primary is found.
      ("target_session_attrs", "read-write"),
      ("dbname", url),
      ("client_encoding", "UTF8"),
    ]
  }

  /// Lets libpq parse a URL.
  ///
  /// - Throws: ``DatabaseURLError`` when it refuses.
  static func check(url: String) throws(DatabaseURLError) {
    var message: UnsafeMutablePointer<CChar>?
    let parsed = PQconninfoParse(url, &message)
    defer {
      PQconninfoFree(parsed)
      PQfreemem(message)
    }
    guard parsed == nil else { return }
    var reason = "Check it against postgres://USER:PASSWORD@HOST:PORT/NAME; "
    reason += "special characters in a password are written %XX."
    // Any other message may repeat a part of the URL that is a password.
    if let message, case let text = String(cString: message), text.contains("query parameter") {
      reason = String(text.prefix { $0 != "\n" }) + "."
    }
    throw DatabaseURLError(message: "The PostgreSQL URL can't be read. \(reason)")
  }
}
