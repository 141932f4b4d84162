public import Logging

/// Where the database is: `sqlite:babyhelm.db`, `sqlite:///var/lib/babyhelm.db`
/// or `postgres://user:password@host:5432/name?sslmode=verify-full`.
///
/// A PostgreSQL URL takes every parameter of libpq, and `pool_size` (1 to
/// 100, default 10): how many connections this process opens at most.
public struct DatabaseURL: Sendable, Hashable {
  enum Location: Sendable, Hashable {
    case sqlite(path: String)
    /// The URL as libpq wants it.
    case postgres(url: String, poolSize: Int)
  }

  let location: Location

  /// Which database it names.
  public var dialect: Dialect {
    switch location {
    case .sqlite: .sqlite
    case .postgres: .postgres
    }
  }

  /// Parses a URL.
  ///
  /// - Throws: ``DatabaseURLError``; its message never repeats a password.
  public init(_ text: String) throws(DatabaseURLError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw DatabaseURLError(
        message: "The database URL has no scheme. Write sqlite:PATH or postgres://HOST/NAME.")
    }
    switch parts[0].lowercased() {
    case "sqlite":
      location = .sqlite(path: try Self.path(in: String(parts[1])))
    case "postgres", "postgresql":
      location = try Self.postgres(text)
    default:
      throw DatabaseURLError(
        message: "The database URL's scheme must be sqlite or postgres, not “\(parts[0])”.")
    }
  }

  /// Opens the database, and for PostgreSQL a first connection.
  ///
  /// - Throws: ``StorageError`` with a sentence for the operator.
  public func open(logger: Logger) async throws(StorageError) -> any Database {
    switch location {
    case .sqlite(let path):
      return try SQLiteDatabase(path: path)
    case .postgres(let url, let poolSize):
      let database = PostgresDatabase(
        PostgresOptions(url: url, poolSize: poolSize), logger: logger)
      try await database.connect()
      return database
    }
  }

  private static func path(in rest: String) throws(DatabaseURLError) -> String {
    var path = rest[...]
    if path.hasPrefix("//") {
      path = path.dropFirst(2)
      guard path.hasPrefix("/") else {
        throw DatabaseURLError(
          message: "A SQLite URL names no host: write sqlite:///absolute/path or sqlite:relative.")
      }
    }
    guard !path.isEmpty, path != "/", !path.hasPrefix(":memory:") else {
      throw DatabaseURLError(message: "A SQLite URL needs a file: write sqlite:babyhelm.db.")
    }
    return String(path)
  }

  private static func postgres(_ text: String) throws(DatabaseURLError) -> Location {
    guard text.contains("://") else {
      throw DatabaseURLError(message: "A PostgreSQL URL starts with postgres://.")
    }
    let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var url = String(halves[0])
    var poolSize = 10
    if halves.count == 2 {
      var kept: [Substring] = []
      for parameter in halves[1].split(separator: "&") {
        guard parameter.hasPrefix("pool_size=") else {
          kept.append(parameter)
          continue
        }
        guard let size = Int(parameter.dropFirst("pool_size=".count)), (1...100).contains(size)
        else {
          throw DatabaseURLError(message: "pool_size must be a number from 1 to 100.")
        }
        poolSize = size
      }
      if !kept.isEmpty { url += "?" + kept.joined(separator: "&") }
    }
    try PostgresOptions.check(url: url)
    return .postgres(url: url, poolSize: poolSize)
  }
}

/// What is wrong with a database URL, in a sentence.
public struct DatabaseURLError: Error, Sendable, Hashable, CustomStringConvertible {
  public let message: String

  public var description: String { message }
}
