import CLibPQ

#if canImport(Glibc)
import Glibc
#endif

/// One libpq connection. Its calls block; only the actor
/// ``PostgresConnection`` holds one, on a thread of its own.
final class PostgresLink: Connection {
  let dialect = Dialect.postgres

  /// The first failure since ``begin(_:)``; see ``Connection``.
  private(set) var failure: StorageError?
  /// The connection is of no use any more.
  private(set) var isBroken = false
  /// Another try of the whole transaction may succeed.
  private(set) var isWorthAnotherTry = false
  /// The server refused to change anything.
  private(set) var isRefusedAsReadOnly = false

  private let handle: OpaquePointer
  private var statements: PostgresStatements

  /// Connects and prepares the session.
  ///
  /// - Throws: ``StorageError/unavailable(_:)`` or ``StorageError/readOnly(_:)``
  ///   with libpq's message, which names host, port, user and database but no
  ///   password, and what to do where that is known.
  init(_ options: PostgresOptions) throws(StorageError) {
    let parameters = options.parameters
    let opened = withCStrings(parameters.map(\.key)) { keys in
      withCStrings(parameters.map(\.value)) { values in
        PQconnectdbParams(keys, values, 1)
      }
    }
    guard let opened else { throw .unavailable("libpq is out of memory.") }
    guard PQstatus(opened) == CONNECTION_OK else {
      let message = PostgresFailure.message(of: opened)
      PQfinish(opened)
      throw PostgresRefusal.error(of: message)
    }
    handle = opened
    statements = PostgresStatements(limit: options.statementLimit)
    // Otherwise libpq writes the server's notices to standard error.
    PQsetNoticeProcessor(opened, { _, _ in }, nil)
    try command(PostgresOptions.session)
  }

  deinit {
    PQfinish(handle)
  }

  /// The server's name and port, or its socket's folder.
  var address: String {
    let host = PQhost(handle).map { String(cString: $0) } ?? ""
    let port = PQport(handle).map { String(cString: $0) } ?? ""
    return host.hasPrefix("/") ? host : "\(host):\(port)"
  }

  /// Starts a transaction.
  func begin(_ statement: String) throws(StorageError) {
    failure = nil
    isWorthAnotherTry = false
    isRefusedAsReadOnly = false
    try command(statement)
  }

  /// Commits, or throws the first failure: the server would answer a COMMIT
  /// of a failed transaction with a friendly ROLLBACK.
  func commit() throws(StorageError) {
    if let failure { throw failure }
    try command("COMMIT")
  }

  func rollback() {
    guard !isBroken else { return }
    failure = nil
    // When even this fails the server has ended the transaction with the
    // connection, and `isBroken` is set.
    do { try command("ROLLBACK") } catch { isBroken = true }
  }

  func query(_ sql: SQL) throws(StorageError) -> [Row] {
    let (result, statement) = try run(sql)
    defer { PQclear(result) }
    return statement.rows(of: result)
  }

  func execute(_ sql: SQL) throws(StorageError) -> Int {
    let (result, _) = try run(sql)
    defer { PQclear(result) }
    // `SELECT 3` is a count too, but of nothing that changed.
    if String(cString: PQcmdStatus(result)).hasPrefix("SELECT") { return 0 }
    return Int(String(cString: PQcmdTuples(result))) ?? 0
  }

  /// Runs text that has no values, also outside a transaction.
  func command(_ text: String) throws(StorageError) {
    let result = PQexec(handle, text)
    defer { PQclear(result) }
    try check(result)
  }

  /// What other connections announced on channels that this one listens to;
  /// waits until something comes.
  func announcements(within milliseconds: Int32) throws(StorageError) -> [String] {
    var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    _ = poll(&socket, 1, milliseconds)
    guard PQconsumeInput(handle) == 1 else {
      isBroken = true
      throw .unavailable("The connection broke: \(PostgresFailure.message(of: handle))")
    }
    var texts: [String] = []
    while let notification = PQnotifies(handle) {
      if let text = notification.pointee.extra { texts.append(String(cString: text)) }
      PQfreemem(notification)
    }
    return texts
  }

  private func run(
    _ sql: SQL
  ) throws(StorageError) -> (result: OpaquePointer, statement: PostgresStatements.Statement) {
    if let failure { throw failure }
    if Task.isCancelled { throw fail(.other("The task was cancelled.")) }
    let rendered: SQL.Rendered
    do { rendered = try sql.rendered(for: .postgres) } catch { throw fail(error) }
    let statement = try prepared(rendered)
    let values = rendered.values.map(\.postgresText)
    let result = withCStrings(values) { pointers in
      PQexecPrepared(handle, statement.name, Int32(values.count), pointers, nil, nil, 0)
    }
    do {
      try check(result)
    } catch {
      PQclear(result)
      throw error
    }
    // `check` throws for a nil result.
    guard let result else { throw fail(.other("libpq gave no result.")) }
    return (result, statement)
  }

  private func prepared(
    _ rendered: SQL.Rendered
  ) throws(StorageError) -> PostgresStatements.Statement {
    let types = rendered.values.map(\.postgresType)
    let key = PostgresStatements.Key(text: rendered.text, types: types)
    if let known = statements.find(key) { return known }
    if let oldest = statements.evictIfFull() { try command("DEALLOCATE \(oldest)") }
    let statement = statements.make()
    let result = PQprepare(
      handle, statement.name, rendered.text, Int32(types.count), types)
    defer { PQclear(result) }
    try check(result)
    statements.insert(statement, for: key)
    return statement
  }

  private func check(_ result: OpaquePointer?) throws(StorageError) {
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return
    default: break
    }
    let seen = PostgresFailure(result: result, connection: handle)
    if seen.breaksConnection || PQstatus(handle) != CONNECTION_OK { isBroken = true }
    if seen.isLostRace { isWorthAnotherTry = true }
    if seen.isRefusedAsReadOnly { isRefusedAsReadOnly = true }
    if seen.isStaleStatement {
      // The schema changed, or a pooler in between forgot the statements.
      statements.removeAll()
      isWorthAnotherTry = true
    }
    throw fail(isBroken ? .unavailable("The connection broke: \(seen.message)") : seen.error)
  }

  private func fail(_ error: StorageError) -> StorageError {
    failure = failure ?? error
    return error
  }
}

/// Calls a C function with an array of C strings; nil stands for NULL.
private func withCStrings<Result>(
  _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  var bytes: [CChar] = []
  var offsets: [Int?] = []
  for text in texts {
    guard let text else {
      offsets.append(nil)
      continue
    }
    offsets.append(bytes.count)
    bytes.append(contentsOf: text.utf8.lazy.map(CChar.init(bitPattern:)))
    bytes.append(0)
  }
  return bytes.withUnsafeBufferPointer { buffer in
    var pointers = offsets.map { offset in
      offset.flatMap { offset in buffer.baseAddress.map { $0 + offset } }
    }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
  withCStrings(texts.map(Optional.some), body)
}
