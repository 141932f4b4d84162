import Domain
import Foundation

/// Migrated PostgreSQL databases. A template is made once for each schema; a
/// test gets a copy of it, and since a copy takes long, it is cleaned and given
/// to another test afterwards.
///
/// The server is for tests only (scripts/postgres): the copies of a process
/// that has ended are dropped by the next one.
actor PostgresTemplate {
  static let shared = PostgresTemplate()

  /// Why a PostgreSQL test can't run.
  struct Unavailable: Error, CustomStringConvertible {
    let description: String
  }

  /// Begins the names of this process's databases, and is the name of its
  /// connections: that is how others see that it lives.
  private let process = "test_" + String(format: "%08x", UInt32.random(in: 0...UInt32.max))
  private var made = 0
  private var spare: [String] = []
  private var shape: String?
  private var opening: Task<PostgresDatabase, any Error>?
  private var making: Task<String, any Error>?
  /// The last of the commands that make and drop databases.
  private var last: Task<Void, any Error>?

  func copy(migrated: Bool) async throws -> TemporaryDatabase {
    guard let server = TestDatabase.serverURL else {
      throw Unavailable(description: TestDatabase.skipped)
    }
    let admin = try await admin(of: server)
    guard migrated else {
      let name = try await create(from: "template0", on: admin)
      return TemporaryDatabase(url: try Self.url(of: name, on: server)) {
        try await self.drop(name, on: admin)
      }
    }
    let template = try await template(on: admin, server)
    var name = spare.popLast()
    if name == nil { name = try await create(from: template, on: admin) }
    guard let name else { throw Unavailable(description: "No database was made.") }
    let url = try Self.url(of: name, on: server)
    // All copies have the same shape; take it before a test can change it.
    if shape == nil { shape = try await PostgresCleaning.shape(of: url) }
    return TemporaryDatabase(url: url) { try await self.recycle(name, url, on: admin) }
  }

  /// Keeps a database for the next test if it can be made as good as new.
  private func recycle(_ name: String, _ url: String, on admin: PostgresDatabase) async throws {
    if let shape, try await PostgresCleaning.clean(url, shape: shape) {
      spare.append(name)
    } else {
      try await drop(name, on: admin)
    }
  }

  private func create(from template: String, on admin: PostgresDatabase) async throws -> String {
    made += 1
    let name = "\(process)_\(made)"
    try await run("CREATE DATABASE \(name) TEMPLATE \(template)", on: admin)
    return name
  }

  private func drop(_ name: String, on admin: PostgresDatabase) async throws {
    try await run("DROP DATABASE \(name) WITH (FORCE)", on: admin)
  }

  /// Runs one command after the other: they would only wait for the same
  /// locks, and for the pool's wait limit.
  private func run(_ command: String, on admin: PostgresDatabase) async throws {
    let before = last
    let task = Task {
      _ = await before?.result
      try await admin.command(command)
    }
    last = task
    try await task.value
  }

  /// Connections to the server's own database, shared by all tests.
  private func admin(of server: String) async throws -> PostgresDatabase {
    let task = opening ?? Task { try await Self.openAdmin(of: server, as: process) }
    opening = task
    return try await task.value
  }

  private static func openAdmin(
    of server: String, as process: String
  ) async throws -> PostgresDatabase {
    guard var parts = URLComponents(string: server) else {
      throw Unavailable(description: "\(TestDatabase.serverVariable) is not a URL")
    }
    parts.queryItems =
      (parts.queryItems ?? []) + [URLQueryItem(name: "application_name", value: process)]
    let database = try await DatabaseURL(parts.string ?? server)
      .open(logger: TemporaryDatabase.quiet)
    guard let admin = database as? PostgresDatabase else {
      throw Unavailable(description: "\(TestDatabase.serverVariable) must be a postgres:// URL")
    }
    let orphans = try await admin.read { connection in
      try connection.query(
        """
        SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%' AND NOT EXISTS (
          SELECT 1 FROM pg_stat_activity
          WHERE application_name = 'test_' || split_part(pg_database.datname, '_', 2))
        """
      ).map { try $0.get("datname", as: String.self) }
    }
    for name in orphans {
      // Another new process may drop the same ones.
      try await admin.command("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
    return admin
  }

  /// The template's name; the first caller makes it.
  private func template(on admin: PostgresDatabase, _ server: String) async throws -> String {
    let task = making ?? Task { try await Self.make(on: admin, server) }
    making = task
    return try await task.value
  }

  /// Makes the template unless another process has. It gets its name when it
  /// is complete, and then nobody connects to it any more: PostgreSQL copies
  /// only a database that is not in use.
  private static func make(on admin: PostgresDatabase, _ server: String) async throws -> String {
    let name = "babyhelm_template_" + (try MigrationChain.all.fingerprint()).prefix(16)
    let exists: @Sendable () async throws -> Bool = {
      try await admin.read { connection in
        try connection.first("SELECT 1 FROM pg_database WHERE datname = \(name)") != nil
      }
    }
    if try await exists() { return name }
    let draft = "babyhelm_draft_" + String(format: "%016llx", UInt64.random(in: 0...UInt64.max))
    try await admin.command("CREATE DATABASE \(draft) TEMPLATE template0")
    let database = try await DatabaseURL(try url(of: draft, on: server))
      .open(logger: TemporaryDatabase.quiet)
    try await MigrationChain.all.up(database)
    await database.close()
    do {
      try await admin.command("ALTER DATABASE \(draft) RENAME TO \(name)")
    } catch {
      // Another process was faster, or else this is a real failure.
      try await admin.command("DROP DATABASE \(draft) WITH (FORCE)")
      guard try await exists() else { throw error }
    }
    return name
  }

  private static func url(of name: String, on server: String) throws -> String {
    guard var parts = URLComponents(string: server) else {
      throw Unavailable(description: "\(TestDatabase.serverVariable) is not a URL")
    }
    parts.path = "/" + name
    return parts.string ?? server
  }
}
