import Foundation
import TestSupport
import Testing

@testable import Domain

struct SessionTests {
  private let month: Double = 30 * 24 * 3600

  @Test(arguments: TestDatabase.available)
  func `a request reads the database once and writes nothing`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")
      let before = fixture.database.counts

      for _ in 0..<3 { #expect(try await fixture.isSignedIn(signedIn.token)) }

      #expect(fixture.database.counts.reads - before.reads == 3)
      #expect(fixture.database.counts.writes == before.writes)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a token is refused right after the sign-out, on every replica`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let replica = fixture.replica()
      let here = try await fixture.enter("Ann")
      let elsewhere = try await replica.signIn("Ann")
      #expect(try await replica.isSignedIn(here.token))

      try await fixture.accounts.signOut(as: here.principal)

      #expect(try await !fixture.isSignedIn(here.token))
      #expect(try await !replica.isSignedIn(here.token))
      // Another device stays signed in.
      #expect(try await fixture.isSignedIn(elsewhere.token))
      // Twice is harmless, and so is the command line.
      try await fixture.accounts.signOut(as: here.principal)
      var console = here.principal
      console.credential = .commandLine
      try await fixture.accounts.signOut(as: console)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a suspended person is out at once`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")

      try await fixture.suspend(signedIn.user.id)

      #expect(try await !fixture.isSignedIn(signedIn.token))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a new role counts with the next request`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Ann", .admin)
      let other = try await fixture.enter("Bob")
      #expect(try await fixture.session(other.token)?.principal.role == .member)

      _ = try await fixture.accounts.changeRole(
        of: other.user.id, to: .visitor, as: admin.principal)

      #expect(try await fixture.session(other.token)?.principal.role == .visitor)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a token is replaced when half of its life is gone`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")

      fixture.clock.turn(by: 450)
      let fresh = try #require(try await fixture.session(signedIn.token))
      fixture.clock.turn(by: 1)
      let old = try #require(try await fixture.session(signedIn.token))
      let renewed = try #require(old.renewedToken)

      #expect(fresh.renewedToken == nil)
      #expect(renewed != signedIn.token)
      let again = try #require(try await fixture.session(renewed))
      #expect(again.principal == fresh.principal)
      #expect(again.renewedToken == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an expired token counts while the session lives, and is replaced`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")

      fixture.clock.turn(by: month - 1)
      let session = try #require(try await fixture.session(signedIn.token))

      #expect(session.renewedToken != nil)
      #expect(session.expiresAt == fixture.clock.now.addingTimeInterval(month))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a session that nobody uses ends`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")

      fixture.clock.turn(by: month)

      #expect(try await !fixture.isSignedIn(signedIn.token))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `use keeps a session alive, written at most once a minute`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")
      let before = fixture.database.counts.writes

      fixture.clock.turn(by: 59)
      #expect(try await fixture.isSignedIn(signedIn.token))
      #expect(fixture.database.counts.writes == before)
      fixture.clock.turn(by: 1)
      for _ in 0..<3 { #expect(try await fixture.isSignedIn(signedIn.token)) }

      #expect(fixture.database.counts.writes == before + 1)
      let seen = Int(fixture.clock.now.timeIntervalSince1970 * 1000)
      #expect(try await fixture.number("SELECT last_seen_at AS number FROM sessions") == seen)
      #expect(try await fixture.number("SELECT last_seen_at AS number FROM users") == seen)
      let end = seen + Int(month) * 1000
      #expect(try await fixture.number("SELECT expires_at AS number FROM sessions") == end)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `many requests of one session at once are all let in`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")
      fixture.clock.turn(by: 3600)

      let letIn = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<12 {
          group.addTask { (try? await fixture.isSignedIn(signedIn.token)) ?? false }
        }
        return await group.reduce(into: [Bool]()) { $0.append($1) }
      }

      #expect(letIn == Array(repeating: true, count: 12))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `without the database nobody is let in, and nobody is signed out`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let signedIn = try await fixture.enter("Ann")

      fixture.database.fail(reads: true)
      let error = await refusal { try await fixture.session(signedIn.token) }
      fixture.database.fail()

      #expect(error?.reason == .unavailable)
      #expect(try await fixture.isSignedIn(signedIn.token))
    }
  }

  @Test func `a failed note of use refuses nobody`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let signedIn = try await fixture.enter("Ann")
      fixture.clock.turn(by: 120)

      fixture.database.fail(writes: true)
      let session = try #require(try await fixture.session(signedIn.token))

      #expect(session.expiresAt == signedIn.expiresAt)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what has expired is removed, and nothing else`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let old = try await fixture.enter("Ann")
      fixture.clock.turn(by: 2 * 24 * 3600)
      let young = try await fixture.enter("Bob")
      try await fixture.accounts.rotateSigningKey()
      fixture.clock.turn(by: month - 24 * 3600)

      try await fixture.accounts.purgeExpired()

      #expect(try await !fixture.isSignedIn(old.token))
      #expect(try await fixture.isSignedIn(young.token))
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM sessions") == 1)
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM signing_keys") == 2)

      fixture.clock.turn(by: month)
      try await fixture.accounts.purgeExpired()
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM sessions") == 0)
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM signing_keys") == 1)
    }
  }
}

extension AccountsFixture {
  func isSignedIn(_ token: String) async throws -> Bool { try await session(token) != nil }
}
