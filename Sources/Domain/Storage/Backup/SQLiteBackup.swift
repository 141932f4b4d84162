internal import Foundation
internal import GRDB

/// Copies of a SQLite file by SQLite's online backup (sqlite.org/backup.html).
enum SQLiteBackup {
  /// Copies a database that may be in use, and checks the copy.
  @concurrent static func copy(_ path: String, to copy: String) async throws {
    let source = try readOnly(path)
    defer { try? source.close() }
    try write(source, to: copy)
  }

  /// Puts a copy in a database's place.
  ///
  /// - Returns: where the former file is.
  @concurrent static func restore(
    _ backup: String, to path: String, replacing: Bool
  ) async throws -> String? {
    try await requireOurs(backup)
    let source = try readOnly(backup)
    defer { try? source.close() }
    let files = FileManager.default
    let size = (try? files.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    if size > 0 {
      guard replacing else {
        throw DatabaseBackup.Refusal(
          description: "The database \(path) holds data already. Stop the server, and add "
            + "--replace to put the backup in its place; the file that is there is kept.")
      }
      try requireUnused(path)
    }
    try SQLiteFile.prepare(path + ".restoring")
    try? files.removeItem(atPath: path + ".restoring")
    do {
      try write(source, to: path + ".restoring")
      var former: String?
      if size > 0 {
        let stamp = Date.now.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let kept = "\(path).before-\(stamp)"
        try files.moveItem(atPath: path, toPath: kept)
        former = kept
      } else {
        try? files.removeItem(atPath: path)
      }
      // Of the former file; they would be played into the new one.
      for suffix in ["-wal", "-shm"] { try? files.removeItem(atPath: path + suffix) }
      try files.moveItem(atPath: path + ".restoring", toPath: path)
      return former
    } catch {
      try? files.removeItem(atPath: path + ".restoring")
      throw error
    }
  }

  private static func readOnly(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    do {
      return try DatabaseQueue(path: path, configuration: configuration)
    } catch {
      throw DatabaseBackup.Refusal(description: "\(path) is not a SQLite database.")
    }
  }

  private static func write(_ source: DatabaseQueue, to copy: String) throws {
    guard
      FileManager.default.createFile(
        atPath: copy, contents: nil, attributes: [.posixPermissions: 0o600])
    else {
      throw DatabaseBackup.Refusal(
        description: "The file \(copy) can't be written. Check its folder.")
    }
    let target = try DatabaseQueue(path: copy)
    defer { try? target.close() }
    try source.backup(to: target)
    let verdict = try target.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
    guard verdict == "ok" else {
      throw DatabaseBackup.Refusal(
        description:
          "The database is damaged: \(verdict ?? "it can't be checked"). Nothing was kept.")
    }
  }

  /// Refuses a file that isn't BabyHelm's, or is newer than this program.
  private static func requireOurs(_ backup: String) async throws {
    let head = FileManager.default.contents(atPath: backup)?.prefix(16)
    guard head.map({ Data($0) }) == Data("SQLite format 3\u{0}".utf8) else {
      throw DatabaseBackup.Refusal(
        description: "\(backup) is not a SQLite database. A backup of PostgreSQL goes to a "
          + "postgres:// database.")
    }
    // Looked at in a copy: reading may make files beside it.
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let look = folder.appending(path: "look.sqlite").path
    let source = try readOnly(backup)
    defer { try? source.close() }
    try write(source, to: look)
    let database = try SQLiteDatabase(path: look)
    do {
      let steps = try await MigrationChain.all.status(of: database)
      guard steps.contains(where: { $0.appliedAt != nil }) else {
        throw DatabaseBackup.Refusal(description: "\(backup) is not a backup of BabyHelm.")
      }
      try await MigrationChain.all.check(database)
    } catch {
      await database.close()
      throw error
    }
    await database.close()
  }

  /// Refuses a database that a server has open: in exclusive mode, SQLite lets
  /// nobody else in, and so it finds out (sqlite.org/pragma.html#pragma_locking_mode).
  private static func requireUnused(_ path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(1)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      defer { try? queue.close() }
      try queue.inDatabase { database in
        try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        try database.execute(sql: "BEGIN EXCLUSIVE; COMMIT")
        // Everything is in the one file that is kept.
        try database.execute(sql: "PRAGMA journal_mode = DELETE")
      }
    } catch let error as DatabaseError
      where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
    {
      throw DatabaseBackup.Refusal(
        description: "A server has the database \(path) open. Stop it first.")
    } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
      // Damaged: that is what backups are for.
    }
  }
}
