import Foundation
import TestSupport
import Testing

@testable import Domain

struct SQLiteDatabaseTests {
  @Test func `a new file and its folders are for their owner only`() async throws {
    try await inFolder { folder in
      let path = folder + "/a/b/new.db"

      let database = try SQLiteDatabase(path: path)

      #expect(try permissions(of: path) == 0o600)
      #expect(try permissions(of: path + "-wal") == 0o600)
      #expect(try permissions(of: folder + "/a") == 0o700)
      #expect(try permissions(of: folder + "/a/b") == 0o700)
      await database.close()
    }
  }

  @Test func `the file is kept safe and checked`() async throws {
    try await withDatabase(.sqlite) { database in
      let settings = try await database.write { connection in
        [
          try connection.first("PRAGMA journal_mode")?.values.first,
          try connection.first("PRAGMA synchronous")?.values.first,
          try connection.first("PRAGMA foreign_keys")?.values.first,
        ]
      }

      #expect(settings == [.text("wal"), .integer(2), .integer(1)])
    }
  }

  @Test func `a folder instead of a file is refused in words`() throws {
    try inFolder { folder in
      let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: folder) }

      #expect(
        error?.description == "The database path \(folder) is a folder. Name a file in it.")
    }
  }

  /// `/proc` refuses everybody, also root, who may write to any other folder.
  @Test(arguments: ["/proc/babyhelm.db", "/proc/babyhelm/data.db"])
  func `a folder that can't be written is refused in words`(path: String) throws {
    let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: path) }

    let message = try #require(error?.description)
    #expect(message.contains("/proc/babyhelm"))
    #expect(message.contains("hoose another path"))
  }

  @Test func `a file in the way of a folder is refused in words`() throws {
    try inFolder { folder in
      try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/file"))

      let error = #expect(throws: StorageError.self) {
        try SQLiteDatabase(path: folder + "/file/data.db")
      }

      #expect(error?.description.contains(folder + "/file") == true)
    }
  }

  @Test func `a file that is no database is refused in words`() throws {
    try inFolder { folder in
      let path = folder + "/data.db"
      try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))

      let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: path) }

      #expect(
        error
          == .unavailable(
            "The database file \(path) is damaged or not a SQLite database. Restore a backup."))
    }
  }

  @Test func `a full disk is said in words`() async throws {
    try await withDatabase(.sqlite) { database in
      let error = await #expect(throws: StorageError.self) {
        try await database.write { connection in
          // No page more than the file has: what a full disk looks like.
          let pages = try connection.first("PRAGMA page_count")?.get("page_count", as: Int.self)
          #expect(pages != nil)
          _ = try connection.query("PRAGMA max_page_count = 1")
          try connection.execute("CREATE TABLE filler (text TEXT)")
          let text = String(repeating: "x", count: 100_000)
          try connection.execute("INSERT INTO filler (text) VALUES (\(text))")
        }
      }

      #expect(error?.description.contains("is full. Make room.") == true)
      #expect(error?.asDomainError.reason == .unavailable)
    }
  }

  @Test func `a database that another process has locked is busy`() async throws {
    try await inFolder { folder in
      let path = folder + "/data.db"
      let first = try SQLiteDatabase(path: path)
      let second = try SQLiteDatabase(path: path, busyTimeout: 0.1)
      let isLocked = AsyncStream<Void>.makeStream()
      let mayEnd = DispatchSemaphore(value: 0)
      let holder = Task {
        try await first.write { connection in
          try connection.execute("CREATE TABLE t (n INTEGER)")
          isLocked.continuation.finish()
          #expect(mayEnd.wait(timeout: .now() + 60) == .success)
        }
      }
      for await _ in isLocked.stream {}

      let start = ContinuousClock.now
      await #expect(throws: StorageError.busy) {
        try await second.write { try $0.execute("CREATE TABLE u (n INTEGER)") }
      }
      let time = ContinuousClock.now - start
      // Readers don't wait for a writer.
      let tables = try await second.read { try $0.query("SELECT name FROM sqlite_master").count }

      mayEnd.signal()
      try await holder.value
      #expect(time >= .milliseconds(90) && time < .seconds(4))
      #expect(tables == 0)
      await first.close()
      await second.close()
    }
  }

  private func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  private func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func makeFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("babyhelm-sqlite-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.path
  }

  private func permissions(of path: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return attributes[.posixPermissions] as? Int
  }
}
