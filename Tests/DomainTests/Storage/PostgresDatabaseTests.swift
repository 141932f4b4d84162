import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Domain

@Suite(.enabled(if: TestDatabase.serverURL != nil, Comment(rawValue: TestDatabase.skipped)))
struct PostgresDatabaseTests {
  @Test func `the pool never opens more connections than its size`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 3)) { database in
      let running = Gauge()

      try await withThrowingTaskGroup { group in
        for _ in 0..<30 {
          group.addTask {
            try await database.read { connection in
              running.enter()
              defer { running.leave() }
              // The first ones wait for each other, however slow the machine is.
              running.wait(forMost: 3, atMost: .seconds(30))
              _ = try connection.query("SELECT pg_sleep(0.005)")
            }
          }
        }
        try await group.waitForAll()
      }
      let open = try await database.read { connection in
        try connection.first(
          "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database()"
        )?.get("n", as: Int.self)
      }

      #expect(running.most == 3)
      #expect(open == 3)
    }
  }

  @Test func `who waits too long for a connection gets busy`() async throws {
    let options = PostgresOptions(url: "", poolSize: 1, waitLimit: .milliseconds(100))
    try await withPool(options) { database in
      try await whileAllAreTaken(in: database) {
        let start = ContinuousClock.now
        await #expect(throws: StorageError.busy) {
          try await database.read { try $0.query("SELECT 1") }
        }
        #expect(ContinuousClock.now - start < .seconds(4))
      }

      // The waiter that gave up is forgotten.
      try await database.read { _ = try $0.query("SELECT 1") }
    }
  }

  @Test func `a cancelled waiter leaves at once and takes nothing`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 1)) { database in
      try await whileAllAreTaken(in: database) {
        let waiter = Task { try await database.read { try $0.query("SELECT 1") } }
        let start = ContinuousClock.now
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(ContinuousClock.now - start < .seconds(4))
      }

      try await database.read { _ = try $0.query("SELECT 1") }
    }
  }

  @Test func `closing waits for a transaction that runs`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 2)) { database in
      let isDone = Mutex(false)
      let hasStarted = AsyncStream<Void>.makeStream()
      let work = Task {
        try await database.read { connection in
          hasStarted.continuation.finish()
          _ = try connection.query("SELECT pg_sleep(0.2)")
          isDone.withLock { $0 = true }
        }
      }
      for await _ in hasStarted.stream {}

      await database.close()

      #expect(isDone.withLock { $0 })
      try await work.value
    }
  }

  @Test func `connections that the server ended are replaced unnoticed`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 4)) { database in
      try await openAll(4, in: database)
      try await endConnections(of: database)

      try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask { try await database.read { _ = try $0.query("SELECT 1") } }
        }
        try await group.waitForAll()
      }
      try await endConnections(of: database)
      try await database.write { try $0.execute("CREATE TABLE t (n INTEGER)") }
    }
  }

  @Test func `a write whose connection breaks before the commit runs again`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 2)) { database in
      try await database.write { try $0.execute("CREATE TABLE t (n INTEGER)") }
      let tries = Mutex(0)

      try await database.write { connection in
        try connection.execute("INSERT INTO t VALUES (\(1))")
        let isFirst = tries.withLock {
          $0 += 1
          return $0 == 1
        }
        if isFirst { _ = try connection.query("SELECT pg_terminate_backend(pg_backend_pid())") }
      }

      let rows = try await database.read { try $0.query("SELECT n FROM t").count }
      #expect(tries.withLock { $0 } == 2)
      #expect(rows == 1)
    }
  }

  @Test func `a connection that breaks in the commit leaves the outcome open`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 2)) { database in
      try await database.write { connection in
        try connection.execute("CREATE TABLE t (n INTEGER)")
        try connection.execute(
          """
          CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
          """)
        // It fires when COMMIT has been sent.
        try connection.execute(
          """
          CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION die()
          """)
      }

      let error = await #expect(throws: StorageError.self) {
        try await database.write { try $0.execute("INSERT INTO t VALUES (\(1))") }
      }

      #expect(error?.description.contains("outcome is unknown") == true)
      #expect(error?.asDomainError.reason == .unavailable)
    }
  }

  @Test func `a transaction that loses every time is a conflict`() async throws {
    try await withPool(PostgresOptions(url: "", tries: 3)) { database in
      let tries = Mutex(0)

      let error = await #expect(throws: StorageError.self) {
        try await database.write { connection in
          tries.withLock { $0 += 1 }
          try connection.execute(
            "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")
        }
      }

      #expect(error == .serialization)
      #expect(error?.asDomainError.reason == .conflict)
      #expect(tries.withLock { $0 } == 3)
    }
  }

  @Test func `the statement cache has a bound`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 1, statementLimit: 4)) { database in
      let count = try await database.read { connection in
        // Lists of different length are different statements.
        for length in 1...20 {
          _ = try connection.query("SELECT 1 WHERE 1 IN \(list: Array(0..<length))")
        }
        return try connection.first("SELECT COUNT(*) AS n FROM pg_prepared_statements")?
          .get("n", as: Int.self)
      }

      #expect(count == 4)
    }
  }

  @Test func `a changed table doesn't break prepared statements`() async throws {
    try await withPool(PostgresOptions(url: "", poolSize: 1)) { database in
      let columns: @Sendable () async throws -> [String]? = {
        try await database.read { try $0.first("SELECT * FROM t")?.columns }
      }
      try await database.write { connection in
        try connection.execute("CREATE TABLE t (a INTEGER)")
        try connection.execute("INSERT INTO t VALUES (\(1))")
      }
      let before = try await columns()

      try await database.write { try $0.execute("ALTER TABLE t ADD COLUMN b INTEGER") }
      let after = try await columns()

      #expect(before == ["a"])
      #expect(after == ["a", "b"])
    }
  }

  @Test func `every session has limits and a name`() async throws {
    try await withPool(PostgresOptions(url: "")) { database in
      let row = try await database.write { connection in
        try connection.first(
          """
          SELECT current_setting('statement_timeout') AS statement,
            current_setting('idle_in_transaction_session_timeout') AS idle,
            current_setting('application_name') AS name,
            current_setting('transaction_isolation') AS isolation
          """)
      }

      #expect(row?.values == ["30s", "1min", "babyhelm", "serializable"].map(SQLValue.text))
    }
  }

  @Test func `a server that isn't there is said in words after the wait limit`() async throws {
    // Port 1 is privileged and unused.
    let options = PostgresOptions(
      url: "postgres://ann:s3cret@127.0.0.1:1/x", waitLimit: .milliseconds(300))
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let database = PostgresDatabase(options, logger: quiet)
    let start = ContinuousClock.now

    let error = await #expect(throws: StorageError.self) { try await database.connect() }

    let message = try #require(error?.description)
    #expect(message.hasPrefix("PostgreSQL can't be reached: "))
    #expect(message.contains("127.0.0.1"))
    #expect(!message.contains("s3cret"))
    #expect(ContinuousClock.now - start < .seconds(30))
    await database.close()
  }

  @Test func `a server that stops taking changes is said in words, and taken again`() async throws {
    try await withPool(PostgresOptions(url: "", waitLimit: .milliseconds(500))) { database in
      try await database.write { try $0.execute("CREATE TABLE t (n INTEGER)") }
      try await database.command(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "
          + "current_database()); END $$")
      try await endConnections(of: database)

      let error = await #expect(throws: StorageError.self) {
        try await database.write { try $0.execute("INSERT INTO t VALUES (\(1))") }
      }

      guard case .readOnly(let message) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(message.contains("session is read-only") && message.contains("BabyHelm needs"))
      #expect(error?.asDomainError.message == "The database takes no changes right now.")
    }
  }

  @Test func `a change on a connection that became read-only isn't lost in other errors`()
    async throws
  {
    try await withPool(PostgresOptions(url: "", poolSize: 1)) { database in
      try await database.write { try $0.execute("CREATE TABLE t (n INTEGER)") }
      try await database.command("SET default_transaction_read_only = on")

      // The next connection takes changes, as the new primary's would.
      try await database.write { try $0.execute("INSERT INTO t VALUES (\(1))") }

      let rows = try await database.read { try $0.query("SELECT n FROM t").count }
      #expect(rows == 1)
    }
  }

  @Test func `what one process announces another one hears, through a lost connection too`()
    async throws
  {
    try await withTemporaryDatabase(.postgres, migrated: false) { temporary in
      let (one, other) = (try await temporary.open(), try await temporary.open())
      let heard = Mutex<[Announcement]>([])
      let listening = Task {
        for await announcement in try #require(other.announcements()) {
          heard.withLock { $0.append(announcement) }
        }
      }
      try await eventually("it listens") { heard.withLock { $0 } == [.missed] }

      try await one.announce("a b")
      try await eventually("it heard") { heard.withLock { $0 }.contains(.text("a b")) }
      _ = try await one.read { connection in
        try connection.query(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND query LIKE 'LISTEN%'
          """)
      }
      try await eventually("it listens again") {
        heard.withLock { $0.filter { $0 == .missed }.count } == 2
      }
      try await one.announce("c")
      try await eventually("it heard again") { heard.withLock { $0 }.last == .text("c") }

      listening.cancel()
      await one.close()
      await other.close()
    }
  }

  // MARK: Given

  private func withPool(
    _ options: PostgresOptions, _ body: (PostgresDatabase) async throws -> Void
  ) async throws {
    try await withTemporaryDatabase(.postgres, migrated: false) { temporary in
      var options = options
      options.url = temporary.url
      let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let database = PostgresDatabase(options, logger: quiet)
      do {
        try await body(database)
        await database.close()
      } catch {
        await database.close()
        throw error
      }
    }
  }

  private func openAll(_ count: Int, in database: PostgresDatabase) async throws {
    try await withThrowingTaskGroup { group in
      for _ in 0..<count {
        group.addTask { try await database.read { _ = try $0.query("SELECT pg_sleep(0.05)") } }
      }
      try await group.waitForAll()
    }
  }

  /// As a restart of the server does it.
  private func endConnections(of database: PostgresDatabase) async throws {
    try await database.command(
      """
      SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
    // Its own comes last: it can't wait for itself.
    await #expect(throws: StorageError.self) {
      try await database.command("SELECT pg_terminate_backend(pg_backend_pid())")
    }
  }

  private func whileAllAreTaken(
    in database: PostgresDatabase, _ body: () async throws -> Void
  ) async throws {
    let isTaken = AsyncStream<Void>.makeStream()
    let mayEnd = DispatchSemaphore(value: 0)
    let holder = Task {
      try await database.read { _ in
        isTaken.continuation.finish()
        // Blocks the connection's own thread only.
        #expect(mayEnd.wait(timeout: .now() + 60) == .success)
      }
    }
    for await _ in isTaken.stream {}
    do {
      try await body()
      mayEnd.signal()
      try await holder.value
    } catch {
      mayEnd.signal()
      throw error
    }
  }
}

/// How many are inside now, and were at most.
private final class Gauge: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  var most: Int { counts.withLock { $0.most } }

  func enter() {
    counts.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
  }

  /// Blocks the thread, as work on a connection does.
  func wait(forMost count: Int, atMost limit: Duration) {
    let deadline = ContinuousClock.now + limit
    while most < count, ContinuousClock.now < deadline { usleep(1000) }
  }

  func leave() {
    counts.withLock { $0.now -= 1 }
  }
}
