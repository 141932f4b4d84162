import Foundation
import TestSupport
import Testing

@testable import Domain

struct APITokenTests {
  private static func principal(
    _ secret: String, _ fixture: AccountsFixture
  ) async throws -> Principal? {
    try await fixture.accounts.authenticate(
      apiToken: secret, requestID: "request-1", address: "192.0.2.7")?.principal
  }

  private static func make(
    _ scope: TokenScope, days: Int = 7, name: String = "CI", as owner: SignedIn,
    _ fixture: AccountsFixture
  ) async throws -> NewAPIToken {
    try await fixture.accounts.createToken(
      named: name, scope: scope, days: days, as: owner.principal)
  }

  @Test(arguments: TestDatabase.available)
  func `a token acts for its owner until it runs out, and only its hash is kept`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let ann = try await fixture.enter("Ann")
      let made = try await Self.make(.deploy, as: ann, fixture)

      let acting = try #require(try await Self.principal(made.secret, fixture))
      #expect(acting.userID == ann.user.id && acting.scope == .deploy)
      #expect(try await Self.principal(made.secret + "x", fixture) == nil)
      #expect(try await Self.principal("babyhelm_", fixture) == nil)
      #expect(try await Self.principal("", fixture) == nil)
      let rows = try await fixture.database.read { connection in
        try connection.query("SELECT * FROM api_tokens").map { "\($0)" }
      }
      #expect(rows.count == 1 && rows.allSatisfy { !$0.contains(made.secret.dropFirst(9)) })
      let used = try await fixture.accounts.ownAccount(as: ann.principal).tokens.first
      #expect(used?.lastUsedAt == fixture.clock.now)

      fixture.clock.turn(by: 7 * 24 * 3600)
      #expect(try await Self.principal(made.secret, fixture) == nil)
      try await fixture.accounts.purgeExpired()
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM api_tokens") == 0)
    }
  }

  @Test func `revoked, or its owner suspended, it is worth nothing at once`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann")
      let bob = try await fixture.enter("Bob")
      let first = try await Self.make(.read, as: ann, fixture)
      let second = try await Self.make(.read, name: "other", as: ann, fixture)

      let foreign = await refusal {
        try await fixture.accounts.revokeToken(first.token.id, as: bob.principal)
      }
      #expect(foreign?.reason == .notFound)
      try await fixture.accounts.revokeToken(first.token.id, as: ann.principal)
      #expect(try await Self.principal(first.secret, fixture) == nil)
      #expect(try await Self.principal(second.secret, fixture) != nil)
      try await fixture.suspend(ann.user.id)
      #expect(try await Self.principal(second.secret, fixture) == nil)
    }
  }

  @Test(arguments: TokenScope.allCases)
  func `a scope narrows every permission, and never widens one`(scope: TokenScope) {
    for role in PlatformRole.allCases {
      for projectRole in [nil] + ProjectRole.allCases.map(Optional.some) {
        var person = Principal(
          userID: User.ID(rawValue: "a"), name: "Ann", email: "ann@example.com", role: role,
          credential: .commandLine)
        for permission in Permission.allCases {
          person.credential = .commandLine
          let own = AccessTable.decide(permission, of: person, projectRole: projectRole)
          person.credential = .token(APIToken.ID(rawValue: "t"), scope)
          let narrowed = AccessTable.decide(permission, of: person, projectRole: projectRole)
          if permission.leastScope <= scope {
            #expect(narrowed == own)
          } else if own.isAllowed {
            #expect(!narrowed.isAllowed && narrowed != .hidden)
          } else {
            #expect(narrowed == own)
          }
        }
      }
    }
  }

  @Test func `a token changes nothing about the account that it belongs to`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann", .admin)
      let made = try await Self.make(.admin, as: ann, fixture)
      let acting = try #require(try await Self.principal(made.secret, fixture))
      let accounts = fixture.accounts
      let refusals = [
        await refusal { _ = try await accounts.ownAccount(as: acting) },
        await refusal { try await accounts.rename(to: "Eve", as: acting) },
        await refusal {
          try await accounts.changePassword(
            from: AccountsFixture.password, to: "another passphrase", as: acting)
        },
        await refusal {
          _ = try await accounts.createToken(named: "b", scope: .admin, days: 365, as: acting)
        },
        await refusal { try await accounts.revokeToken(made.token.id, as: acting) },
        await refusal { _ = try await accounts.endOtherSessions(as: acting) },
      ]
      #expect(refusals.allSatisfy { $0?.reason == .forbidden })
    }
  }

  @Test func `what is wrong with a new token is told`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann")
      let error = await refusal {
        _ = try await Self.make(.read, days: 8, name: "", as: ann, fixture)
      }
      #expect(error?.fields.map(\.field) == ["name", "days"])
      _ = try await Self.make(.read, as: ann, fixture)
      let taken = await refusal { _ = try await Self.make(.read, as: ann, fixture) }
      #expect(taken?.fields.map(\.field) == ["name"])
      for number in 1..<APIToken.limit {
        _ = try await Self.make(.read, name: "\(number)", as: ann, fixture)
      }
      let full = await refusal { _ = try await Self.make(.read, name: "more", as: ann, fixture) }
      #expect(full?.reason == .conflict)
    }
  }
}
