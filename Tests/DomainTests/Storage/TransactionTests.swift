import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

struct TransactionTests {
  private struct Stop: Error {}

  @Test(arguments: TestDatabase.available)
  func `what a closure throws rolls everything back`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      await #expect(throws: Stop.self) {
        try await database.write { connection in
          try insertUser("a", on: connection)
          throw Stop()
        }
      }

      try await expectUsers(0, in: database)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a cancelled task commits nothing`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let task = Task {
        try await database.write { connection in
          try insertUser("a", on: connection)
          withUnsafeCurrentTask { $0?.cancel() }
          try insertUser("b", on: connection)
        }
      }

      await #expect(throws: CancellationError.self) { try await task.value }
      try await expectUsers(0, in: database)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a read can't write`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let error = await #expect(throws: StorageError.self) {
        try await database.read { try insertUser("a", on: $0) }
      }

      guard case .other = error else {
        Issue.record("got \(String(describing: error))")
        return
      }
      try await expectUsers(0, in: database)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a read sees one snapshot`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let (before, after) = try await database.read { connection in
        let before = try connection.query("SELECT id FROM users").count
        let isWritten = DispatchSemaphore(value: 0)
        Task {
          try await database.write { try insertUser("a", on: $0) }
          isWritten.signal()
        }
        #expect(isWritten.wait(timeout: .now() + 60) == .success)
        return (before, try connection.query("SELECT id FROM users").count)
      }

      #expect(before == 0)
      #expect(after == 0)
      try await expectUsers(1, in: database)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the number of changed rows is counted`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let counts = try await database.write { connection in
        try insertUser("a", on: connection)
        try insertUser("b", on: connection)
        return [
          try connection.execute("UPDATE users SET name = \("x")"),
          try connection.execute("UPDATE users SET name = \("y") WHERE id = \("nobody")"),
          try connection.execute("SELECT id FROM users"),
          try connection.execute("CREATE TABLE t (n INTEGER)"),
          try connection.execute("DELETE FROM users WHERE id = \("a")"),
        ]
      }

      #expect(counts == [2, 0, 0, 0, 1])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a query may change rows and return them`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let name = try await database.write { connection in
        try insertUser("a", on: connection)
        return try connection.first(
          "UPDATE users SET name = \("new") WHERE id = \("a") RETURNING name"
        )?.get("name", as: String.self)
      }

      #expect(name == "new")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `violated constraints have the same names on both databases`(
    kind: TestDatabase
  ) async throws {
    try await withDatabase(kind) { database in
      try await database.write { connection in
        try insertUser("a", on: connection)
        try insertProject("p", by: "a", on: connection)
        try connection.execute("INSERT INTO memberships VALUES (\("p"), \("a"), \("owner"), \(0))")
      }

      #expect(
        await violation(in: database) { try insertUser("b", email: "a@example.com", on: $0) }
          == .uniqueViolation(constraint: "users.email_key"))
      #expect(
        await violation(in: database) { try insertUser("a", email: "other", on: $0) }
          == .uniqueViolation(constraint: "users.id"))
      #expect(
        await violation(in: database) {
          try $0.execute("INSERT INTO memberships VALUES (\("p"), \("a"), \("viewer"), \(0))")
        } == .uniqueViolation(constraint: "memberships.project_id,user_id"))
      #expect(
        await violation(in: database) { try insertProject("q", by: "nobody", on: $0) }
          == .foreignKeyViolation)
      #expect(
        await violation(in: database) { try $0.execute("DELETE FROM users WHERE id = \("a")") }
          == .foreignKeyViolation)
      #expect(
        await violation(in: database) { try $0.execute("UPDATE users SET role = \("king")") }
          == .checkViolation)
      #expect(
        await violation(in: database) {
          try $0.execute("UPDATE users SET name = \(String?.none)")
        } == .checkViolation)
      guard case .other = await violation(in: database, { try $0.execute("SELEC 1") }) else {
        Issue.record("a syntax error must be .other")
        return
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a transaction with a failed statement can't commit`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let error = await violation(in: database) { connection in
        try insertUser("a", on: connection)
        // Swallowed: nothing after it may take effect, on either database.
        _ = try? insertUser("a", on: connection)
        return
      }
      let next = await violation(in: database) { connection in
        _ = try? connection.execute("UPDATE users SET role = \("king")")
        _ = try? insertUser("a", email: "b", on: connection)
        _ = try? connection.execute("SELEC 1")
        try insertUser("c", on: connection)
      }

      guard case .uniqueViolation = error else {
        Issue.record("got \(String(describing: error))")
        return
      }
      guard case .other = next else {
        Issue.record("got \(String(describing: next))")
        return
      }
      try await expectUsers(0, in: database)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `writers at the same time lose no update`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      try await database.write { connection in
        try connection.execute("CREATE TABLE counter (n BIGINT NOT NULL)")
        try connection.execute("INSERT INTO counter VALUES (\(0))")
      }

      try await withThrowingTaskGroup { group in
        for _ in 0..<2 {
          group.addTask {
            for _ in 0..<200 {
              try await database.write { connection in
                let n = try connection.first("SELECT n FROM counter")?.get("n", as: Int.self) ?? 0
                try connection.execute("UPDATE counter SET n = \(n + 1)")
              }
            }
          }
        }
        try await group.waitForAll()
      }

      let count = try await database.read { connection in
        try connection.first("SELECT n FROM counter")?.get("n", as: Int.self)
      }
      #expect(count == 400)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two who check and then write can't both win`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      try await database.write { connection in
        for id in ["a", "b"] {
          try insertUser(id, on: connection)
          try connection.execute("UPDATE users SET role = \(PlatformRole.admin)")
        }
      }
      // Each steps down unless they are the last one: write skew. SQLite lets
      // only one in, so there they can't meet.
      let meeting = kind == .postgres ? Meeting() : nil
      let stepDown: @Sendable (String) async throws -> Bool = { id in
        try await database.write { connection in
          let admins = try connection.query(
            "SELECT id FROM users WHERE role = \(PlatformRole.admin)")
          guard admins.count > 1 else { return false }
          meeting?.wait()
          try connection.execute(
            "UPDATE users SET role = \(PlatformRole.member) WHERE id = \(id)")
          return true
        }
      }

      async let first = stepDown("a")
      async let second = stepDown("b")
      let results = try await [first, second]

      #expect(results.filter { $0 }.count == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a service gets its own errors unchanged and others translated`(
    kind: TestDatabase
  ) async throws {
    try await withDatabase(kind) { database in
      let own = DomainError(.notFound, "There is no such thing.")

      await #expect(throws: own) { try await database.writing { _ in throw own } }
      let foreign = await #expect(throws: DomainError.self) {
        try await database.reading { try $0.execute("SELEC 1") }
      }
      let unknown = await #expect(throws: DomainError.self) {
        try await database.reading { _ in throw Stop() }
      }

      #expect(foreign?.reason == .internalError)
      #expect(unknown?.reason == .internalError)
      #expect(unknown?.message.contains("Stop") == false)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a closed database says so`(kind: TestDatabase) async throws {
    try await withTemporaryDatabase(kind) { temporary in
      let database = try await temporary.open()
      await database.close()
      // Who closes it again, as a server does that stops twice, does no harm.
      await database.close()

      let error = await #expect(throws: DomainError.self) {
        try await database.reading { try $0.query("SELECT 1") }
      }

      #expect(error?.reason == .unavailable)
      #expect(error?.retryAfter == .seconds(5))
      #expect(error?.underlying == "The database is closed.")
    }
  }

  private func violation(
    in database: any Database, _ work: @escaping @Sendable (any Connection) throws -> Void
  ) async -> StorageError? {
    do {
      try await database.write(work)
      return nil
    } catch {
      return error as? StorageError
    }
  }
}

private func insertUser(
  _ id: String, email: String? = nil, on connection: any Connection
) throws {
  let email = email ?? "\(id)@example.com"
  try connection.execute(
    """
    INSERT INTO users (id, email, email_key, name, password_hash, role, created_at)
    VALUES (\(id), \(email), \(email), \("Name"), \("hash"), \(PlatformRole.member), \(0))
    """)
}

private func insertProject(_ id: String, by user: String, on connection: any Connection) throws {
  try connection.execute(
    """
    INSERT INTO projects (id, name, state, cpu, memory, pods, created_by, created_at)
    VALUES (\(id), \(id), \("ready"), \("1"), \("1Gi"), \(5), \(user), \(0))
    """)
}

private func expectUsers(
  _ count: Int, in database: any Database, at location: SourceLocation = #_sourceLocation
) async throws {
  let found = try await database.read { try $0.query("SELECT id FROM users").count }
  #expect(found == count, sourceLocation: location)
}

/// Where two transactions wait for each other, the first time they come.
private final class Meeting: Sendable {
  private let arrived = Mutex(0)
  private let both = DispatchSemaphore(value: 0)

  /// Blocks the connection's own thread.
  func wait() {
    let number = arrived.withLock { count in
      count += 1
      return count
    }
    if number == 2 { for _ in 0..<2 { both.signal() } }
    guard number <= 2 else { return }
    #expect(both.wait(timeout: .now() + 60) == .success)
  }
}
