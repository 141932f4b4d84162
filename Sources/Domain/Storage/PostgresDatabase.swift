import Logging

/// The PostgreSQL driver: a bounded pool of libpq connections, and the rules
/// for when a transaction runs again.
package struct PostgresDatabase: Database {
  package let dialect = Dialect.postgres
  package var connectionLimit: Int { options.poolSize }

  private let pool: PostgresPool
  let options: PostgresOptions
  let logger: Logger

  init(_ options: PostgresOptions, logger: Logger) {
    self.options = options
    self.logger = logger
    pool = PostgresPool(options, logger: logger)
  }

  /// Opens a first connection, waiting for a server that is just starting.
  func connect() async throws(StorageError) {
    do {
      pool.give(try await pool.take())
    } catch {
      throw error as? StorageError ?? .unavailable("Opening the database was cancelled.")
    }
  }

  package func read<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await run(.read, work)
  }

  @discardableResult
  package func write<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await run(.write, work)
  }

  @discardableResult
  package func writeAlone<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    try await run(.alone, work)
  }

  package func close() async {
    await pool.close()
  }

  /// Runs text outside a transaction: `CREATE DATABASE` for tests.
  package func command(_ text: String) async throws {
    let connection = try await pool.take()
    do {
      try await connection.command(text)
      pool.give(connection)
    } catch {
      pool.discard(connection)
      throw error
    }
  }

  private func run<T: Sendable>(
    _ kind: PostgresConnection.Kind, _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    var losses = 0
    var breaks = 0
    while true {
      try Task.checkCancellation()
      let connection = try await pool.take()
      switch await connection.transaction(kind, isQueueing: losses >= 2, work) {
      case .done(let value):
        pool.give(connection)
        return value
      case .failed(let error):
        pool.give(connection)
        throw error
      case .lost:
        pool.give(connection)
        losses += 1
        guard losses < options.tries else { throw StorageError.serialization }
        try await Task.sleep(for: Self.pause(after: losses))
      case .refused(let error):
        // Reads go on here until another server is the primary.
        pool.give(connection)
        breaks += 1
        guard breaks < 3, await pool.findsPrimary() else { throw error }
      case .broken(let error):
        // Its siblings are as old and most likely broken too.
        pool.discardAll(with: connection)
        breaks += 1
        logger.notice("a PostgreSQL connection broke", metadata: ["reason": "\(error)"])
        guard breaks < 3 else { throw error }
      case .unknown(let error):
        pool.discardAll(with: connection)
        throw StorageError.outcomeUnknown(
          "The connection broke during a commit; its outcome is unknown. \(error)")
      }
    }
  }

  /// A random pause that grows, so that those who collided don't meet again:
  /// up to 2, 4, 8 … 128 ms.
  private static func pause(after losses: Int) -> Duration {
    .microseconds(Int.random(in: 200...(1000 << min(losses, 7))))
  }
}
