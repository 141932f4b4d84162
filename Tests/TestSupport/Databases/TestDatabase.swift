public import Domain
import Foundation
import Logging

/// Which database a test runs on. A store test takes it as an argument:
/// ```swift
/// @Test(arguments: TestDatabase.available)
/// func `a name is unique`(kind: TestDatabase) async throws {
///   try await withDatabase(kind) { database in … }
/// }
/// ```
public enum TestDatabase: String, Sendable, CaseIterable {
  case sqlite, postgres

  /// The URL of a server on which tests may make and drop databases.
  public static let serverVariable = "BABYHELM_TEST_POSTGRES"

  /// The URL in ``serverVariable``; nil when it is not set.
  public static let serverURL: String? = {
    let value = ProcessInfo.processInfo.environment[serverVariable] ?? ""
    return value.isEmpty ? nil : value
  }()

  /// The databases that this run can use.
  public static let available: [TestDatabase] = serverURL == nil ? [.sqlite] : allCases

  /// Why PostgreSQL is missing, for a test that is skipped.
  public static let skipped = "PostgreSQL tests are skipped: \(serverVariable) is not set"
}

/// Runs a test with a database of its own: new, with the whole schema, and
/// removed afterwards.
public func withDatabase<Result>(
  _ kind: TestDatabase, _ body: (any Database) async throws -> Result
) async throws -> Result {
  try await withTemporaryDatabase(kind) { try await $0.use(body) }
}

/// Like ``withDatabase(_:_:)``, without any table: for tests of migrations.
public func withEmptyDatabase<Result>(
  _ kind: TestDatabase, _ body: (any Database) async throws -> Result
) async throws -> Result {
  try await withTemporaryDatabase(kind, migrated: false) { try await $0.use(body) }
}

/// Like ``withDatabase(_:_:)``, but the test opens the database itself, as
/// often as it wants: each ``TemporaryDatabase/open()`` is another process's
/// view of it.
public func withTemporaryDatabase<Result>(
  _ kind: TestDatabase, migrated: Bool = true,
  _ body: (TemporaryDatabase) async throws -> Result
) async throws -> Result {
  try await TestGate.shared.pass {
    let database = try await TemporaryDatabase.make(kind, migrated: migrated)
    do {
      let result = try await body(database)
      try await database.remove()
      return result
    } catch {
      // The test's own error says more than a failed removal.
      try? await database.remove()
      throw error
    }
  }
}

/// A database that exists as long as the closure that got it.
public struct TemporaryDatabase: Sendable {
  /// As in BabyHelm's configuration.
  public let url: String

  fileprivate let remove: @Sendable () async throws -> Void

  init(url: String, remove: @escaping @Sendable () async throws -> Void) {
    self.url = url
    self.remove = remove
  }

  /// Opens it. Close it before the closure ends.
  public func open() async throws -> any Database {
    try await DatabaseURL(url).open(logger: Self.quiet)
  }

  fileprivate static func make(
    _ kind: TestDatabase, migrated: Bool
  ) async throws -> TemporaryDatabase {
    switch kind {
    case .sqlite: try await SQLiteTemplate.shared.copy(migrated: migrated)
    case .postgres: try await PostgresTemplate.shared.copy(migrated: migrated)
    }
  }

  fileprivate func use<Result>(
    _ body: (any Database) async throws -> Result
  ) async throws -> Result {
    let database = try await open()
    do {
      let result = try await body(database)
      await database.close()
      return result
    } catch {
      await database.close()
      throw error
    }
  }

  static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
