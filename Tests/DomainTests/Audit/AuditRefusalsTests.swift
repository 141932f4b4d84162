import Foundation
import TestSupport
import Testing

@testable import Domain

/// What was refused is in the log, without filling it.
struct AuditRefusalsTests {
  private static func rows(_ fixture: AccountsFixture) async throws -> [AuditEvent] {
    var admin = Principal.commandLine
    admin.email = "root@example.com"
    return try await AuditLog(database: fixture.database).page(
      AuditQuery(outcome: .refused), as: admin)
  }

  @Test(arguments: TestDatabase.available)
  func `a thousand equal refusals are one row, and those a minute later another`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let bob = try await fixture.enter("Bob").principal
      let refusals = fixture.accounts.refusals
      let error = try #require(
        await refusal { try await fixture.accounts.users(matching: "", page: 1, as: bob) })
      for _ in 0..<1000 { refusals.note(error, project: nil, as: bob) }
      await refusals.flush(at: fixture.clock.now)
      for _ in 0..<5 { refusals.note(error, project: nil, as: bob) }
      await refusals.flush(at: fixture.clock.now)
      #expect(try await Self.rows(fixture).map(\.occurrences) == [1000])

      fixture.clock.turn(by: AuditRefusals.window)
      await refusals.flush(at: fixture.clock.now)

      let rows = try await Self.rows(fixture)
      #expect(rows.map(\.occurrences) == [5, 1000])
      #expect(rows[0].action == "access.refuse" && rows[0].target.name == "listUsers")
      #expect(rows[0].actorEmail == "bob@example.com")
      #expect(rows[0].reason == "Only admins may see the list of users.")
      #expect(try await AuditLog(database: fixture.database).verify() == .whole(rows: 4))
    }
  }

  @Test func `a wrong password is noted, and what was typed instead of an address isn't kept`()
    async throws
  {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      for email in ["ann@example.com", "hunter2@hunter2.example", "my secret"] {
        _ = await refusal {
          try await fixture.accounts.signIn(
            email: email, password: "wrong wrong wrong", from: AccountsFixture.client)
        }
      }
      await fixture.accounts.refusals.flush(at: fixture.clock.now)

      let rows = try await Self.rows(fixture)
      #expect(Set(rows.map(\.target.name)) == ["ann@example.com", "no account"])
      #expect(rows.allSatisfy { $0.action == "session.sign-in" && $0.address == "192.0.2.7" })
      #expect(rows.allSatisfy { !"\($0)".contains("hunter2") && !"\($0)".contains("my secret") })
    }
  }

  @Test func `different attempts beyond all measure are counted together`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let bob = try await fixture.enter("Bob").principal
      var error = DomainError(.notFound, "There is no such project.")
      error.permission = .readProject
      for number in 0..<(AuditRefusals.capacity + 100) {
        fixture.accounts.refusals.note(error, project: "p\(number)", as: bob)
      }
      await fixture.accounts.refusals.flush(at: fixture.clock.now)

      let count = try await fixture.number(
        "SELECT COUNT(*) AS number FROM audit_events WHERE outcome = 'refused'")
      #expect(count == AuditRefusals.capacity + 1)
      let together = try await fixture.number(
        "SELECT occurrences AS number FROM audit_events WHERE target_kind = 'many'")
      #expect(together == 100)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `rows older than an operator wants go, and the rest is verifiable`(kind: TestDatabase)
    async throws
  {
    try await withAccounts(kind) { fixture in
      try await fixture.make("Old")
      fixture.clock.turn(by: 401 * 24 * 3600)
      try await fixture.make("New")

      try await fixture.accounts.audit.removeOld(after: 400, logger: quietLogger)

      let rows = try await AuditLog(database: fixture.database).page(as: .commandLine)
      #expect(rows.map(\.action) == ["audit.prune", "account.create"])
      #expect(rows.last?.target.name == "new@example.com")
      #expect(try await fixture.accounts.audit.verify() == .whole(rows: 2))
    }
  }
}
