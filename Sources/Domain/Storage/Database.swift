/// A connection inside a transaction. It is valid only within the closure
/// that got it.
///
/// After a statement failed, the transaction can only roll back: every
/// further statement, and the commit, throw the first error again. That is
/// PostgreSQL's rule, and the SQLite driver keeps it too. So a closure may
/// catch a ``StorageError/uniqueViolation(constraint:)`` only to throw
/// something better.
public protocol Connection {
  /// Which database this is.
  var dialect: Dialect { get }

  /// All rows of a result, also of `… RETURNING`.
  ///
  /// - Throws: ``StorageError``.
  func query(_ sql: SQL) throws(StorageError) -> [Row]

  /// Runs a statement.
  ///
  /// - Returns: how many rows it inserted, updated or deleted; 0 for any other
  ///   statement.
  /// - Throws: ``StorageError``.
  @discardableResult
  func execute(_ sql: SQL) throws(StorageError) -> Int
}

extension Connection {
  /// The first row of a result; nil when there is none. It doesn't add a
  /// `LIMIT`.
  public func first(_ sql: SQL) throws(StorageError) -> Row? {
    try query(sql).first
  }
}

/// A database, SQLite or PostgreSQL. Open one with ``DatabaseURL``.
///
/// The closures are synchronous and run on a thread that may block, never on
/// an event loop. **A closure may run more than once**: PostgreSQL repeats a
/// transaction that lost against another one or whose connection broke before
/// the commit. It must have no effect outside the database.
public protocol Database: Sendable {
  /// Which database this is.
  var dialect: Dialect { get }

  /// The most connections that are used at the same time.
  var connectionLimit: Int { get }

  /// Runs a closure in a read-only transaction that sees one snapshot.
  ///
  /// - Throws: what the closure throws, ``StorageError``, or
  ///   `CancellationError` when the task was cancelled.
  func read<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T

  /// Runs a closure in a transaction, as if no other ran at the same time. It
  /// commits when the closure returns and rolls back when it throws.
  ///
  /// - Throws: as ``read(_:)``.
  @discardableResult
  func write<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T

  /// Like ``write(_:)``, and at most one of them runs at a time over all
  /// processes that use this database. For migrations; ordinary writes go on
  /// meanwhile.
  @discardableResult
  func writeAlone<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T

  /// Tells the other processes that use this database. Nobody keeps it: who
  /// doesn't listen right now never hears it.
  ///
  /// - Parameter text: below 8,000 bytes.
  func announce(_ text: String) async throws

  /// What is announced from now on, by this process too; nil where no other
  /// process shares the database. The stream goes on through lost connections.
  func announcements() -> AsyncStream<Announcement>?

  /// Waits for transactions that run, then closes. Later calls throw
  /// ``StorageError/unavailable(_:)``.
  func close() async
}

/// What a process hears of the others.
public enum Announcement: Sendable, Hashable {
  case text(String)
  /// The connection was lost: something may have been said meanwhile.
  case missed
}

extension Database {
  /// Nobody else is there to hear it.
  public func announce(_ text: String) async throws {}
  /// Nobody else is there to say anything.
  public func announcements() -> AsyncStream<Announcement>? { nil }
}

extension Database {
  /// ``read(_:)`` for services: a `DomainError` of the closure passes
  /// unchanged, a ``StorageError`` is translated, anything else becomes an
  /// `internalError`.
  public func reading<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws(DomainError) -> T {
    do { return try await read(work) } catch { throw DomainError(fromStorage: error) }
  }

  /// ``write(_:)`` for services: errors as in ``reading(_:)``. Whatever the
  /// closure throws rolls everything back.
  @discardableResult
  public func writing<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws(DomainError) -> T {
    do { return try await write(work) } catch { throw DomainError(fromStorage: error) }
  }
}

extension DomainError {
  fileprivate init(fromStorage error: any Error) {
    switch error {
    case let error as DomainError: self = error
    case let error as StorageError: self = error.asDomainError
    case is CancellationError:
      self.init(
        .unavailable, "The request ended before the database answered.",
        advice: "Nothing was changed. Try again.", underlying: "cancelled")
    default:
      self.init(
        .internalError, "Something went wrong inside BabyHelm.",
        advice: "Nothing was changed. Tell an operator the request id.",
        underlying: String(reflecting: error))
    }
  }
}
