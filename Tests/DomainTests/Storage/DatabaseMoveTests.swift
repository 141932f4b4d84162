import TestSupport
import Testing

@testable import Domain

/// From one database to another, with every table filled.
struct DatabaseMoveTests {
  private func withTwo(
    _ from: TestDatabase, _ to: TestDatabase,
    _ body: @escaping @Sendable (any Database, any Database) async throws -> Void
  ) async throws {
    try await withEmptyDatabase(from) { source in
      try await MigrationChain.all.up(source)
      _ = try await MigrationChainTests().fill(source)
      try await withEmptyDatabase(to) { target in try await body(source, target) }
    }
  }

  @Test(arguments: TestDatabase.available, TestDatabase.available)
  func `every row of every table moves, and the checksums say so`(
    from: TestDatabase, to: TestDatabase
  ) async throws {
    try await withTwo(from, to) { source, target in
      // Smaller than most tables, so that rows come in several goes.
      let copied = try await DatabaseMove(from: source, to: target, batch: 1).run()

      #expect(copied.count >= 20)
      #expect(copied.allSatisfy { $0.rows > 0 }, "\(copied)")
      let again = await #expect(throws: DatabaseMove.Refusal.self) {
        try await DatabaseMove(from: source, to: target).run()
      }
      #expect(again?.description.contains("holds data already") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a source that changes meanwhile is told, and the target stays empty`(
    kind: TestDatabase
  ) async throws {
    try await withTwo(kind, .sqlite) { source, target in
      let refusal = await #expect(throws: DatabaseMove.Refusal.self) {
        try await DatabaseMove(from: source, to: ChangingSource(target, source)).run()
      }
      #expect(refusal?.description.contains("differs after copying") == true)
      let people: Int? = try await target.read { connection in
        try connection.first("SELECT COUNT(*) AS n FROM users")?.get("n")
      }
      #expect(people == 0)
    }
  }

  @Test func `a table's digest tells contents, not their order`() throws {
    let columns = try ["id", "name"].map { try #require(SchemaName($0)) }
    var (one, other, changed) = (TableDigest(), TableDigest(), TableDigest())
    let rows: [[SQLValue]] = [[.integer(1), .text("a")], [.integer(2), .null]]
    for row in rows { one.add(row, of: columns) }
    for row in rows.reversed() { other.add(row.reversed(), of: columns.reversed()) }
    for row in [[.integer(1), .text("a")], [.integer(2), .text("")]] as [[SQLValue]] {
      changed.add(row, of: columns)
    }
    #expect(one == other && one != changed && one.rows == 2)
  }

  @Test func `nothing else passes for the name of a table`() {
    for text in ["", "users; DROP", "a\"b", "Users", "a b", "é"] {
      #expect(SchemaName(text) == nil, "\(text)")
    }
    #expect(SchemaName("usage_hours")?.text == "usage_hours")
  }
}

/// A target beside which somebody renames people in the source.
private struct ChangingSource: Database {
  let target: any Database
  let source: any Database

  init(_ target: any Database, _ source: any Database) {
    (self.target, self.source) = (target, source)
  }

  var dialect: Dialect { target.dialect }
  var connectionLimit: Int { target.connectionLimit }

  func read<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T { try await target.read(work) }

  func write<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T {
    let result = try await target.write(work)
    try await source.write { try $0.execute("UPDATE users SET name = name || '.'") }
    return result
  }

  func writeAlone<T: Sendable>(
    _ work: @escaping @Sendable (any Connection) throws -> T
  ) async throws -> T { try await target.writeAlone(work) }

  func close() async {}
}
