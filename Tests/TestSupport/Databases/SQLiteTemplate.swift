import Domain
import Foundation

/// A migrated SQLite file, made once a process and copied for each test.
actor SQLiteTemplate {
  static let shared = SQLiteTemplate()

  private var making: Task<Data, any Error>?

  func copy(migrated: Bool) async throws -> TemporaryDatabase {
    let folder = try Self.makeFolder()
    let file = folder.appendingPathComponent("test.db")
    if migrated { try await template().write(to: file) }
    return TemporaryDatabase(url: "sqlite://\(file.path)") {
      try FileManager.default.removeItem(at: folder)
    }
  }

  /// The bytes of the template; the first caller makes it.
  private func template() async throws -> Data {
    let task = making ?? Task { try await Self.make() }
    making = task
    return try await task.value
  }

  private static func make() async throws -> Data {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("template.db")
    let database = try await DatabaseURL("sqlite://\(file.path)")
      .open(logger: TemporaryDatabase.quiet)
    try await MigrationChain.all.up(database)
    // Closing the last connection moves the write-ahead log into the file.
    await database.close()
    return try Data(contentsOf: file)
  }

  private static func makeFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("babyhelm-test-\(UUID().uuidString.lowercased())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}
