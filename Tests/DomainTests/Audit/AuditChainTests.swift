import Foundation
import TestSupport
import Testing

@testable import Domain

struct AuditChainTests {
  private static let ann = Principal(
    userID: User.ID.random(), name: "Ann", email: "ann@example.com", role: .admin,
    credential: .commandLine)

  private func add(_ names: [String], to log: AuditLog) async throws {
    for name in names {
      try await log.database.write { connection in
        try log.record(
          .memberAdd, .user(name, in: "shop"), [AuditChange("role", to: "viewer")], as: Self.ann,
          in: connection)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `rows are numbered without gaps, newest first, and the chain is whole`(
    kind: TestDatabase
  ) async throws {
    try await withDatabase(kind) { database in
      let log = AuditLog(database: database)
      try await add(["a", "b\u{0}", "c"], to: log)

      let rows = try await log.page(as: Self.ann)
      let verdict = try await log.verify()

      #expect(rows.map(\.number) == [3, 2, 1])
      #expect(rows.map(\.target.name) == ["c", "b", "a"])
      #expect(rows.first?.changes == #"[{"after":"viewer","field":"role"}]"#)
      #expect(verdict == .whole(rows: 3))
    }
  }

  static let tampering: [(SQL, Int)] = [
    ("UPDATE audit_events SET outcome = 'failed' WHERE number = 2", 2),
    ("UPDATE audit_events SET actor_email = 'eve@example.com' WHERE number = 1", 1),
    ("UPDATE audit_events SET at = at + 1 WHERE number = 3", 3),
    ("UPDATE audit_events SET project = NULL WHERE number = 2", 2),
    ("UPDATE audit_events SET hash = 'x' WHERE number = 2", 2),
    ("DELETE FROM audit_events WHERE number = 2", 2),
    ("DELETE FROM audit_events WHERE number = 3", 3),
    ("DELETE FROM audit_events WHERE number = 1", 1),
  ]

  @Test(arguments: TestDatabase.available, 0..<tampering.count)
  func `the first row that somebody changed or removed is told`(
    kind: TestDatabase, index: Int
  ) async throws {
    let (sql, row) = Self.tampering[index]
    try await withDatabase(kind) { database in
      let log = AuditLog(database: database)
      try await add(["a", "b", "c"], to: log)
      _ = try await database.write { connection in try connection.execute(sql) }

      let verdict = try await log.verify()

      guard case .broken(row, _) = verdict else {
        Issue.record("\(verdict) instead of row \(row)")
        return
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a change that is rolled back leaves no row`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let log = AuditLog(database: database)
      let error = await refusal {
        try await database.writing { connection in
          try log.record(.memberAdd, .user("a"), as: Self.ann, in: connection)
          throw DomainError(.conflict, "no")
        }
      }
      let verdict = try await log.verify()

      #expect(error?.reason == .conflict)
      #expect(verdict == .whole(rows: 0))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `writers at the same time share one chain`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let log = AuditLog(database: database)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<80 { group.addTask { try await self.add(["p\(number)"], to: log) } }
        try await group.waitForAll()
      }
      let verdict = try await log.verify()

      #expect(verdict == .whole(rows: 80))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `old rows go, and the kept ones are still a chain`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let clock = TurnedClock()
      let log = AuditLog(database: database, now: { clock.now })
      try await add(["a", "b"], to: log)
      clock.turn(by: 100)
      try await add(["c"], to: log)

      let removed = try await log.prune(before: clock.now)
      let again = try await log.prune(before: clock.now)
      let rows = try await log.page(as: Self.ann)
      let verdict = try await log.verify()

      #expect((removed, again) == (2, 0))
      #expect(rows.map(\.action) == ["audit.prune", "member.add"])
      #expect(rows.map(\.number) == [4, 3])
      #expect(verdict == .whole(rows: 2))
    }
  }

  @Test func `no two rows are encoded alike`() {
    func event(_ kind: String, _ name: String, _ project: String?) -> AuditEvent {
      AuditEvent(
        number: 1, at: Date(timeIntervalSince1970: 0), actorID: nil, actorEmail: "", via: "",
        address: "", requestID: "", action: "",
        target: .init(kind: kind, name: name, project: project),
        outcome: .done, reason: "", changes: "[]", occurrences: 1, hash: "")
    }
    let hashes = [
      event("ab", "c", nil), event("a", "bc", nil), event("a", "bc", ""), event("a", "b", "c"),
    ].map { AuditChain.hash($0, after: AuditChain.beginning) }

    #expect(Set(hashes).count == hashes.count)
  }

  @Test func `only admins read it`() async throws {
    try await withDatabase(.sqlite) { database in
      var bob = Self.ann
      bob.role = .member
      let log = AuditLog(database: database)
      let asked = bob
      let error = await refusal { try await log.page(as: asked) }
      #expect(error?.reason == .forbidden)
    }
  }
}
