import Foundation
import TestSupport
import Testing

@testable import Domain

/// What admins do to others' accounts besides their roles.
struct SuspendingTests {
  private static let new = "an even finer passphrase"

  @Test(arguments: TestDatabase.available)
  func `who is suspended is out at once, everywhere, and comes back when let in`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Root", .admin).principal
      let bob = try await fixture.enter("Bob")
      #expect(try await fixture.session(bob.token) != nil)

      let suspended = try await fixture.accounts.setSuspended(true, bob.user.id, as: admin)

      #expect(suspended.suspendedAt == fixture.clock.now)
      #expect(try await fixture.session(bob.token) == nil)
      #expect(try await fixture.replica().session(bob.token) == nil)
      let refused = await refusal { try await fixture.signIn("Bob") }
      #expect(refused?.fields.map(\.field) == ["email"])
      _ = try await fixture.accounts.setSuspended(false, bob.user.id, as: admin)
      #expect(try await fixture.session(bob.token) == nil, "the sessions ended for good")
      _ = try await fixture.signIn("Bob")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two admins who suspend each other at once leave one who can log in`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let one = try await fixture.enter("One", .admin)
      let two = try await fixture.enter("Two", .admin)
      async let first = refusal {
        try await fixture.accounts.setSuspended(true, two.user.id, as: one.principal)
      }
      async let second = refusal {
        try await fixture.accounts.setSuspended(true, one.user.id, as: two.principal)
      }
      let refusals = await [first, second]

      #expect(refusals.filter { $0 == nil }.count == 1)
      let left = try await fixture.number(
        """
        SELECT COUNT(*) AS number FROM users WHERE role = 'admin' AND suspended_at IS NULL
        """)
      #expect(left == 1)
      let last = refusals[0] == nil ? one : two
      let own = await refusal {
        try await fixture.accounts.setSuspended(true, last.user.id, as: last.principal)
      }
      #expect(own?.reason == .conflict)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a link sets a password once, within an hour, and ends every session`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Root", .admin).principal
      let bob = try await fixture.enter("Bob")
      let accounts = fixture.accounts
      let first = try await accounts.makeReset(for: bob.user.id, as: admin).secret
      let second = try await accounts.makeReset(for: bob.user.id, as: admin).secret
      #expect(try await accounts.resetUser(secret: first) == nil, "an earlier link is dead")
      #expect(try await accounts.resetUser(secret: second)?.id == bob.user.id)
      let weak = await refusal {
        try await accounts.resetPassword(
          secret: second, to: "short", from: AccountsFixture.client)
      }
      #expect(weak?.fields.map(\.field) == ["password"])

      try await accounts.resetPassword(
        secret: second, to: Self.new, from: AccountsFixture.client)

      #expect(try await fixture.session(bob.token) == nil)
      _ = try await fixture.signIn("Bob", password: Self.new)
      let again = await refusal {
        try await accounts.resetPassword(
          secret: second, to: "a third passphrase", from: AccountsFixture.client)
      }
      #expect(again?.reason == .notFound)
      let late = try await accounts.makeReset(for: bob.user.id, as: admin).secret
      fixture.clock.turn(by: Accounts.resetLifetime)
      #expect(try await accounts.resetUser(secret: late) == nil)
      let kept = try await fixture.database.read { connection in
        try connection.query("SELECT hash FROM password_resets").map { "\($0)" }
      }
      #expect(kept.allSatisfy { !$0.contains(late) }, "only a hash is kept")
    }
  }

  @Test func `a link to an account that is suspended doesn't let anybody in`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let admin = try await fixture.enter("Root", .admin).principal
      let bob = try await fixture.make("Bob")
      _ = try await fixture.accounts.setSuspended(true, bob.id, as: admin)
      let secret = try await fixture.accounts.makeReset(for: bob.id, as: admin).secret
      try await fixture.accounts.resetPassword(
        secret: secret, to: Self.new, from: AccountsFixture.client)
      let refused = await refusal { try await fixture.signIn("Bob", password: Self.new) }
      #expect(refused?.fields.map(\.field) == ["email"])
    }
  }

  @Test func `members do neither`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let ann = try await fixture.enter("Ann").principal
      let bob = try await fixture.make("Bob")
      let suspended = await refusal {
        try await fixture.accounts.setSuspended(true, bob.id, as: ann)
      }
      let reset = await refusal { _ = try await fixture.accounts.makeReset(for: bob.id, as: ann) }
      #expect(suspended?.reason == .forbidden && reset?.reason == .forbidden)
    }
  }
}
