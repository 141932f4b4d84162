import TestSupport
import Testing

@testable import Domain

/// Each change has its row, and what failed has none.
struct AuditedCallsTests {
  @Test(arguments: TestDatabase.available)
  func `accounts leave one row for each change`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let root = try await fixture.enter("Root", .admin)
      let bob = try await fixture.make("Bob")
      let reader = root.principal
      _ = try await fixture.accounts.changeRole(of: bob.id, to: .visitor, as: reader)
      _ = try await fixture.accounts.changeRole(of: bob.id, to: .visitor, as: reader)
      _ = await refusal { try await fixture.signIn("Bob", password: "hunter2 hunter2") }
      try await fixture.accounts.signOut(as: reader)

      let log = AuditLog(database: fixture.database)
      let rows = try await log.page(as: reader)
      let verdict = try await log.verify()

      #expect(
        rows.reversed().map(\.action) == [
          "account.create", "session.sign-in", "account.create", "account.role.change",
          "session.sign-out",
        ])
      let change = try #require(rows.first { $0.action == "account.role.change" })
      #expect(change.changes == #"[{"after":"visitor","before":"member","field":"role"}]"#)
      #expect(change.actorEmail == "root@example.com")
      #expect(change.target.name == "bob@example.com")
      #expect(rows.allSatisfy { !"\($0)".contains(AccountsFixture.password) })
      #expect(rows.first { $0.action == "session.sign-in" }?.address == "192.0.2.7")
      #expect(verdict == .whole(rows: 5))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `projects and their members leave one row for each change`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.projects.addMember(
        email: fixture.bob.email, role: .viewer, to: "shop", as: fixture.ann)
      _ = try await fixture.projects.changeRole(
        of: fixture.bob.userID, to: .editor, in: "shop", as: fixture.ann)
      _ = await refusal {
        try await fixture.projects.removeMember(
          fixture.ann.userID, from: "shop", as: fixture.ann)
      }
      _ = try await fixture.projects.removeMember(
        fixture.bob.userID, from: "shop", as: fixture.ann)
      try await fixture.projects.restoreGuards(of: "shop", as: fixture.ann)

      var admin = fixture.ann
      admin.role = .admin
      let rows = try await fixture.projects.audit.page(AuditQuery(project: "shop"), as: admin)

      #expect(
        rows.reversed().map(\.action) == [
          "project.create", "member.add", "member.role.change", "member.remove",
          "project.guards.restore",
        ])
      #expect(rows.allSatisfy { $0.target.project == "shop" && $0.outcome == .done })
    }
  }
}
