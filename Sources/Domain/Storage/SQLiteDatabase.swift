import Dispatch
import Foundation
import GRDB

/// The SQLite driver: a GRDB pool in WAL mode, one writer and several readers,
/// each on a queue of its own.
struct SQLiteDatabase: Database {
  let dialect = Dialect.sqlite
  /// The readers and the one writer.
  var connectionLimit: Int { Self.readers + 1 }

  private static let readers = 8
  private let pool: DatabasePool

  /// Opens the database file, and makes it and its folder when missing.
  ///
  /// - Parameters:
  ///   - path: of the file; relative to the working directory.
  ///   - busyTimeout: how long a transaction waits for another process's lock,
  ///     in seconds.
  /// - Throws: ``StorageError/unavailable(_:)`` with a sentence that names the
  ///   file and says what to do, or ``StorageError/busy``.
  init(path: String, busyTimeout: TimeInterval = 5) throws(StorageError) {
    try SQLiteFile.prepare(path)
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(busyTimeout)
    configuration.maximumReaderCount = Self.readers
    do {
      pool = try DatabasePool(path: path, configuration: configuration)
      // GRDB sets NORMAL, which may lose the last commits in a power cut.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    } catch {
      throw StorageError(sqlite: error, path: path)
    }
  }

  func read<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    let pool = pool
    return try await translating {
      try await pool.read { database in
        let connection = SQLiteConnection(database, path: pool.path, readOnly: true)
        let value = try work(connection)
        if let failure = connection.failure { throw failure }
        return value
      }
    }
  }

  @discardableResult
  func write<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    let pool = pool
    return try await translating {
      try await pool.writeWithoutTransaction { database in
        var result: T?
        // IMMEDIATE takes the write lock at once: a transaction that reads
        // first and then writes can't fail half-way because another one wrote.
        try database.inTransaction(.immediate) {
          let connection = SQLiteConnection(database, path: pool.path, readOnly: false)
          result = try work(connection)
          if let failure = connection.failure { throw failure }
          return .commit
        }
        guard let result else { throw StorageError.other("The transaction gave no result.") }
        return result
      }
    }
  }

  @discardableResult
  func writeAlone<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    // SQLite has one writer at a time anyway.
    try await write(work)
  }

  func close() async {
    let pool = pool
    // Readers close last, and they can't move the log into the file. When it
    // fails, the next start does it. As a statement: GRDB's own call crashes when
    // the pool is closed already.
    try? await pool.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    await withCheckedContinuation { continuation in
      // It waits for transactions that run, so not on a thread others need.
      DispatchQueue.global().async {
        do { try pool.close() } catch { pool.releaseMemory() }
        continuation.resume()
      }
    }
  }

  private func translating<T>(_ body: () async throws -> T) async throws -> T {
    do {
      return try await body()
    } catch let error as DatabaseError {
      // A cancelled task interrupts its statement.
      if Task.isCancelled { throw CancellationError() }
      throw StorageError(sqlite: error, path: pool.path)
    } catch let error as StorageError where Task.isCancelled {
      throw error.isInterruption ? CancellationError() : error
    }
  }
}

/// The writer or a reader, inside a transaction.
private final class SQLiteConnection: Connection {
  let dialect = Dialect.sqlite
  /// The first statement's failure; see ``Connection``.
  private(set) var failure: StorageError?

  private let database: GRDB.Database
  private let path: String
  private let readOnly: Bool

  init(_ database: GRDB.Database, path: String, readOnly: Bool) {
    self.database = database
    self.path = path
    self.readOnly = readOnly
  }

  func query(_ sql: SQL) throws(StorageError) -> [Row] {
    try run(sql) { statement, arguments in
      let names = statement.columnNames
      var rows: [Row] = []
      let cursor = try GRDB.Row.fetchCursor(statement, arguments: arguments)
      while let row = try cursor.next() {
        rows.append(Row(columns: names, values: row.databaseValues.map(SQLValue.init)))
      }
      return rows
    }
  }

  func execute(_ sql: SQL) throws(StorageError) -> Int {
    try run(sql) { statement, arguments in
      let before = database.totalChangesCount
      try statement.execute(arguments: arguments)
      // `changesCount` keeps the number of the last change, so a statement
      // that changes nothing would repeat it.
      return database.totalChangesCount == before ? 0 : database.changesCount
    }
  }

  private func run<T>(
    _ sql: SQL, _ body: (Statement, StatementArguments) throws -> T
  ) throws(StorageError) -> T {
    if let failure { throw failure }
    do {
      let rendered = try sql.rendered(for: .sqlite)
      let arguments = StatementArguments(rendered.values.map(\.databaseValue))
      return try body(database.cachedStatement(sql: rendered.text), arguments)
    } catch {
      var translated = StorageError(sqlite: error, path: path)
      if readOnly, (error as? DatabaseError)?.resultCode == .SQLITE_READONLY {
        translated = .other("A read transaction tried to write.")
      }
      failure = translated
      throw translated
    }
  }
}

extension SQLValue {
  fileprivate var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    }
  }

  fileprivate init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let number): self = .integer(number)
    case .double(let number): self = .real(number)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .text(String(decoding: data, as: UTF8.self))
    }
  }
}

extension StorageError {
  private static let interruption = StorageError.other("The statement was interrupted.")

  fileprivate var isInterruption: Bool { self == Self.interruption }

  fileprivate init(sqlite error: any Error, path: String) {
    guard let error = error as? DatabaseError else {
      self =
        error is CancellationError
        ? Self.interruption : error as? StorageError ?? .other(String(reflecting: error))
      return
    }
    let message = error.message ?? "no message"
    switch (error.extendedResultCode, error.resultCode) {
    case (.SQLITE_CONSTRAINT_UNIQUE, _), (.SQLITE_CONSTRAINT_PRIMARYKEY, _),
      (.SQLITE_CONSTRAINT_ROWID, _):
      self = .uniqueViolation(constraint: Self.constraint(inMessage: message))
    case (.SQLITE_CONSTRAINT_FOREIGNKEY, _): self = .foreignKeyViolation
    case (.SQLITE_CONSTRAINT_CHECK, _), (.SQLITE_CONSTRAINT_NOTNULL, _): self = .checkViolation
    case (_, .SQLITE_BUSY), (_, .SQLITE_LOCKED): self = .busy
    case (_, .SQLITE_INTERRUPT), (_, .SQLITE_ABORT): self = Self.interruption
    case (_, .SQLITE_CORRUPT), (_, .SQLITE_NOTADB):
      self = .unavailable(
        "The database file \(path) is damaged or not a SQLite database. Restore a backup.")
    case (_, .SQLITE_FULL):
      self = .unavailable("The disk that holds the database file \(path) is full. Make room.")
    case (_, .SQLITE_READONLY):
      self = .unavailable("The database file \(path) can't be written. Check its permissions.")
    case (_, .SQLITE_CANTOPEN), (_, .SQLITE_IOERR), (_, .SQLITE_PERM), (_, .SQLITE_AUTH):
      self = .unavailable(
        "The database file \(path) can't be opened or read: \(message). "
          + "Check the disk and its permissions.")
    case (_, .SQLITE_MISUSE) where message.contains("closed"):
      self = .unavailable("The database is closed.")
    default:
      self = .other("SQLite error \(error.extendedResultCode.rawValue): \(message)")
    }
  }

  /// `UNIQUE constraint failed: memberships.project_id, memberships.user_id`
  /// becomes `memberships.project_id,user_id`.
  private static func constraint(inMessage message: String) -> String {
    guard let colon = message.range(of: ": ") else { return message }
    let columns = message[colon.upperBound...].components(separatedBy: ", ")
    guard let table = columns.first?.split(separator: ".").first, columns[0].contains(".") else {
      return String(message[colon.upperBound...])
    }
    let names = columns.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    return "\(table).\(names.joined(separator: ","))"
  }
}
