import Foundation
import TestSupport
import Testing

@testable import Domain

struct AttemptLimitsTests {
  private static func client(_ address: String) -> ClientInfo {
    ClientInfo(address: address, userAgent: "test")
  }

  /// What a login with a wrong password is refused for.
  private static func guess(
    _ fixture: AccountsFixture, _ email: String, from address: String
  ) async -> DomainError? {
    await refusal {
      try await fixture.accounts.signIn(
        email: email, password: "not the right one", from: client(address))
    }
  }

  private static func enter(
    _ fixture: AccountsFixture, _ email: String, from address: String
  ) async throws -> SignedIn {
    try await fixture.accounts.signIn(
      email: email, password: AccountsFixture.password, from: client(address))
  }

  // Brute-force guard bypass: counters survive restarts and are every replica's.
  @Test(arguments: TestDatabase.available)
  func `after ten wrong passwords an address waits longer and longer, on every replica`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      try await fixture.make("Ann")
      try await fixture.make("Bob")
      for _ in 0..<10 {
        let error = await Self.guess(fixture, "ann@example.com", from: "192.0.2.1")
        #expect(error?.reason == .invalid)
      }
      // A new process, as after a restart.
      let replica = fixture.replica()
      var waits: [Duration?] = []
      for _ in 0..<5 {
        let error = await Self.guess(replica, "ann@example.com", from: "192.0.2.1")
        #expect(error?.reason == .tooManyRequests)
        waits.append(error?.retryAfter)
        let seconds = error?.retryAfter.map { Double($0.components.seconds) } ?? 0
        fixture.clock.turn(by: seconds)
        let wrong = await Self.guess(replica, "ann@example.com", from: "192.0.2.1")
        #expect(wrong?.reason == .invalid, "one more try")
      }
      #expect(waits == [30, 60, 120, 240, 480].map { Duration.seconds($0) })

      // Nobody can lock Ann out from elsewhere, and Bob isn't concerned.
      _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.2")
      _ = try await Self.enter(fixture, "bob@example.com", from: "192.0.2.1")
      fixture.clock.turn(by: 3600)
      _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.1")
    }
  }

  @Test func `an hour of peace, or a right password, forgives`() async throws {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      for _ in 0..<3 {
        for _ in 0..<9 { _ = await Self.guess(fixture, "ann@example.com", from: "192.0.2.1") }
        _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.1")
      }
      for _ in 0..<9 { _ = await Self.guess(fixture, "ann@example.com", from: "192.0.2.1") }
      fixture.clock.turn(by: 3601)
      for _ in 0..<9 {
        let error = await Self.guess(fixture, "ann@example.com", from: "192.0.2.1")
        #expect(error?.reason == .invalid)
      }
    }
  }

  @Test func `an address that tries many accounts waits a minute at most, its regulars don't`()
    async throws
  {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      try await fixture.make("Bob")
      _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.1")
      for number in 0..<60 {
        _ = await Self.guess(fixture, "person-\(number)@example.com", from: "192.0.2.1")
      }
      for _ in 0..<3 {
        let error = await Self.guess(fixture, "bob@example.com", from: "192.0.2.1")
        let seconds = error?.retryAfter?.components.seconds ?? 0
        #expect(error?.reason == .tooManyRequests && seconds > 0 && seconds <= 60)
        fixture.clock.turn(by: Double(seconds))
        _ = await Self.guess(fixture, "bob@example.com", from: "192.0.2.1")
      }
      _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.1")
      _ = try await Self.enter(fixture, "bob@example.com", from: "192.0.2.2")
    }
  }

  // A victim can't be locked out by strangers for ever.
  @Test func `an account that is tried from everywhere lets its owner in from anywhere`()
    async throws
  {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      for number in 0..<120 {
        _ = await Self.guess(fixture, "ann@example.com", from: "198.51.100.\(number)")
      }
      let first = await Self.guess(fixture, "ann@example.com", from: "203.0.113.1")
      let second = await Self.guess(fixture, "ann@example.com", from: "203.0.113.1")
      #expect(first?.reason == .invalid)
      #expect(second?.reason == .tooManyRequests, "one free try, not ten")
      _ = try await Self.enter(fixture, "ann@example.com", from: "203.0.113.2")
    }
  }

  @Test func `whoever changes the address within its network is the same`() async throws {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      for number in 0..<10 {
        _ = await Self.guess(fixture, "ann@example.com", from: "2001:db8::\(number)")
      }
      let same = await Self.guess(fixture, "ann@example.com", from: "2001:db8:0:0:ffff::1")
      #expect(same?.reason == .tooManyRequests)
      let other = await Self.guess(fixture, "ann@example.com", from: "2001:db8:0:1::1")
      #expect(other?.reason == .invalid)
      for _ in 0..<10 { _ = await Self.guess(fixture, "ann@example.com", from: "192.0.2.1") }
      let mapped = await Self.guess(fixture, "ann@example.com", from: "::ffff:192.0.2.1")
      #expect(mapped?.reason == .tooManyRequests)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `ten thousand wrong logins keep nobody waiting who knows their password`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      try await fixture.make("Ann")
      _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.1")
      let flood = Task {
        await withTaskGroup(of: Void.self) { group in
          for lane in 0..<8 {
            group.addTask {
              for number in 0..<1_250 where !Task.isCancelled {
                _ = await Self.guess(
                  fixture, "person-\(lane)-\(number)@example.com", from: "192.0.2.1")
              }
            }
          }
        }
      }
      var slowest = Duration.zero
      for _ in 0..<20 {
        let elapsed = try await ContinuousClock().measure {
          _ = try await Self.enter(fixture, "ann@example.com", from: "192.0.2.1")
        }
        slowest = max(slowest, elapsed)
      }
      await flood.value
      #expect(slowest < .seconds(1))
      let rows = try await fixture.number("SELECT COUNT(*) AS number FROM attempts")
      #expect(rows ?? .max < 400, "a flood fills no table")
    }
  }

  @Test func `what was typed as an address isn't kept, and old counts go`() async throws {
    try await withAccounts(.sqlite) { fixture in
      _ = await Self.guess(fixture, "my-pass-word@example.com", from: "192.0.2.1")
      let keys = try await fixture.database.read { connection in
        try connection.query("SELECT key FROM attempts").map { try $0.get("key", as: String.self) }
      }
      #expect(keys.count == 3)
      #expect(keys.allSatisfy { $0.count == 32 && !$0.contains("pass") })
      fixture.clock.turn(by: 3601)
      try await fixture.accounts.purgeExpired()
      let left = try await fixture.number("SELECT COUNT(*) AS number FROM attempts")
      #expect(left == 0)
    }
  }

  @Test func `an address makes a hundred accounts in an hour, not more`() async throws {
    try await withAccounts(.sqlite, rules: AccountRules(firstUserBecomesAdmin: true)) { fixture in
      for number in 0..<100 { _ = try await fixture.register("Person\(number)") }
      let refused = await refusal { try await fixture.register("Onemore") }
      #expect(refused?.reason == .tooManyRequests)
      #expect(refused?.retryAfter == .seconds(30))
      fixture.clock.turn(by: 30)
      _ = try await fixture.register("Onemore")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `setup codes are guessed slowly, and strangers don't keep the operator out`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let code = try #require(try await fixture.accounts.start())
      for _ in 0..<20 {
        let empty = await refusal { try await fixture.register("Ann") }
        #expect(empty?.wrongFields == ["setupCode"], "an empty code is no try")
      }
      for _ in 0..<10 {
        let wrong = await refusal {
          try await fixture.register("Ann", setupCode: "AAAA-AAAA")
        }
        #expect(wrong?.wrongFields == ["setupCode"])
      }
      let right = await refusal { try await fixture.register("Ann", setupCode: code) }
      #expect(right?.reason == .tooManyRequests)

      let operatorsOwn = try await fixture.accounts.register(
        Registration(
          email: "root@example.com", name: "Root", password: AccountsFixture.password,
          setupCode: code),
        from: Self.client("198.51.100.9"))
      #expect(operatorsOwn.user.role == .admin)
    }
  }

  // Existence oracle: an owner can't try out a whole list of addresses.
  @Test func `who adds members finds few addresses that have no account`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      var last: DomainError?
      for number in 0..<31 {
        last = await refusal {
          _ = try await fixture.projects.addMember(
            email: "person-\(number)@example.net", role: .viewer, to: "shop", as: fixture.ann)
        }
      }
      #expect(last?.reason == .tooManyRequests)
    }
  }
}
