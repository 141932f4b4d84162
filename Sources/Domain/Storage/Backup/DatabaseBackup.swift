internal import Foundation
public import Logging

/// Copies of a database in one file: of SQLite while servers run, of
/// PostgreSQL through its own programs, which do the same.
public struct DatabaseBackup: Sendable {
  /// Why nothing was written.
  public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
  }

  let url: DatabaseURL
  let logger: Logger

  public init(of url: DatabaseURL, logger: Logger) {
    self.url = url
    self.logger = logger
  }

  /// Writes a copy to a new file, which only its owner may read.
  ///
  /// - Throws: ``Refusal``; ``StorageError``.
  public func write(to path: String) async throws {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw Refusal(description: "The file \(path) exists already. Name a new one.")
    }
    // Beside its place first, so that what has the name is whole.
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    do {
      switch url.location {
      case .sqlite(let database):
        guard FileManager.default.fileExists(atPath: database) else {
          throw Refusal(description: "There is no database at \(database).")
        }
        try await SQLiteBackup.copy(database, to: partial)
      case .postgres(let connection, _):
        try await PostgresTools(url: connection).dump(to: partial)
      }
      try FileManager.default.moveItem(atPath: partial, toPath: path)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
  }

  /// Puts a copy in the database's place. No server may run on it.
  ///
  /// - Parameter replacing: whether what is there may go. A SQLite file is kept
  ///   beside the new one.
  /// - Returns: where the former SQLite file is, if there was one.
  /// - Throws: ``Refusal``; ``MigrationError`` for a copy that a newer program
  ///   made; ``StorageError``.
  public func restore(from path: String, replacing: Bool) async throws -> String? {
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw Refusal(description: "The backup \(path) can't be read.")
    }
    switch url.location {
    case .sqlite(let database):
      return try await SQLiteBackup.restore(path, to: database, replacing: replacing)
    case .postgres(let connection, _):
      if !replacing { try await requireEmpty() }
      try await PostgresTools(url: connection).restore(from: path, replacing: replacing)
      return nil
    }
  }

  private func requireEmpty() async throws {
    let database = try await url.open(logger: logger)
    let tables: Result<Int, any Error>
    do {
      tables = .success(try await database.read { try SchemaTables(on: $0).tables.count })
    } catch {
      tables = .failure(error)
    }
    await database.close()
    guard try tables.get() == 0 else {
      throw Refusal(
        description: "The database holds data already. Stop every server on it, and add --replace "
          + "to put the backup in its place.")
    }
  }
}
