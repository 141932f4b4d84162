import Foundation
import TestSupport
import Testing

@testable import Domain

/// What people do with their own accounts.
struct OwnAccountTests {
  private static let new = "an even finer passphrase"

  @Test(arguments: TestDatabase.available)
  func `a changed password ends every other session, and the old one is worth nothing`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let ann = try await fixture.enter("Ann")
      let phone = try await fixture.signIn("Ann")
      let bob = try await fixture.enter("Bob")

      try await fixture.accounts.changePassword(
        from: AccountsFixture.password, to: Self.new, as: ann.principal)

      #expect(try await fixture.session(ann.token) != nil)
      #expect(try await fixture.session(phone.token) == nil)
      #expect(try await fixture.session(bob.token) != nil)
      let old = await refusal { try await fixture.signIn("Ann") }
      #expect(old?.reason == .invalid)
      _ = try await fixture.signIn("Ann", password: Self.new)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a language that was chosen is known to every session of the person, and to no other`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let ann = try await fixture.enter("Ann")
      let bob = try await fixture.enter("Bob")
      #expect(try await fixture.session(ann.token)?.language == nil)

      try await fixture.accounts.chooseLanguage("ru", as: ann.principal)
      let phone = try await fixture.signIn("Ann")

      #expect(try await fixture.session(phone.token)?.language == "ru")
      #expect(try await fixture.session(bob.token)?.language == nil)
    }
  }

  @Test func `a wrong current password changes nothing, and guessing it is slowed down`()
    async throws
  {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann")
      let both = await refusal {
        try await fixture.accounts.changePassword(
          from: "not this one", to: "short", as: ann.principal)
      }
      #expect(both?.fields.map(\.field) == ["current", "password"], "all at once")

      var last: DomainError?
      for _ in 0..<10 {
        last = await refusal {
          try await fixture.accounts.changePassword(
            from: "not this one", to: Self.new, as: ann.principal)
        }
      }
      #expect(last?.reason == .tooManyRequests)
      _ = try await fixture.signIn("Ann")
    }
  }

  @Test func `without a password there is none to change, and the page can say why`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann")
      _ = try await fixture.database.write { connection in
        try connection.execute("UPDATE users SET password_hash = ''")
        try connection.execute(
          """
          INSERT INTO external_identities (issuer, subject, user_id, created_at)
          VALUES ('https://id.example.com', 'ann', \(ann.user.id), 1)
          """)
      }
      let error = await refusal {
        try await fixture.accounts.changePassword(from: "", to: Self.new, as: ann.principal)
      }
      #expect(error?.reason == .conflict)
      let account = try await fixture.accounts.ownAccount(as: ann.principal)
      #expect(!account.hasPassword)
      #expect(account.issuers == ["https://id.example.com"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `sessions are listed with where they came from, and ended one by one or together`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let first = try await fixture.enter("Ann")
      fixture.clock.turn(by: 60)
      let second = try await fixture.signIn("Ann")
      let bob = try await fixture.enter("Bob")

      let sessions = try await fixture.accounts.ownAccount(as: second.principal).sessions
      #expect(sessions.map(\.isCurrent) == [true, false])
      #expect(sessions.allSatisfy { $0.address == "192.0.2.7" && $0.userAgent == "Test/1" })

      let foreign = await refusal {
        try await fixture.accounts.endSession(sessions[1].id, as: bob.principal)
      }
      #expect(foreign?.reason == .notFound, "nobody ends somebody else's")
      try await fixture.accounts.endSession(sessions[1].id, as: second.principal)
      #expect(try await fixture.session(first.token) == nil)
      #expect(try await fixture.session(second.token) != nil)

      _ = try await fixture.signIn("Ann")
      #expect(try await fixture.accounts.endOtherSessions(as: second.principal) == 1)
      #expect(try await fixture.accounts.endOtherSessions(as: second.principal) == 0)
      #expect(try await fixture.session(bob.token) != nil)
    }
  }

  @Test func `a name is tidied and checked as at registration`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann")
      try await fixture.accounts.rename(to: "  Ann Lee ", as: ann.principal)
      let account = try await fixture.accounts.ownAccount(as: ann.principal)
      #expect(account.user.name == "Ann Lee")
      let error = await refusal {
        try await fixture.accounts.rename(to: " ", as: ann.principal)
      }
      #expect(error?.fields.map(\.field) == ["name"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `each change has its row in the audit log, without any secret`(kind: TestDatabase)
    async throws
  {
    try await withAccounts(kind) { fixture in
      let root = try await fixture.enter("Root", .admin)
      let accounts = fixture.accounts
      try await accounts.rename(to: "Rooty", as: root.principal)
      try await accounts.changePassword(
        from: AccountsFixture.password, to: Self.new, as: root.principal)
      let made = try await accounts.createToken(
        named: "CI", scope: .read, days: 7, as: root.principal)
      try await accounts.revokeToken(made.token.id, as: root.principal)

      let rows = try await AuditLog(database: fixture.database).page(as: root.principal)

      #expect(
        rows.reversed().map(\.action).suffix(4) == [
          "account.rename", "account.password.change", "token.create", "token.revoke",
        ])
      for secret in [Self.new, made.secret, AccountsFixture.password] {
        #expect(rows.allSatisfy { !"\($0)".contains(secret) })
      }
    }
  }
}
