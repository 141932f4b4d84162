import Foundation
import TestSupport
import Testing

@testable import Domain

struct SignInTests {
  @Test(arguments: TestDatabase.available)
  func `the right password signs in, however the address is written`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let made = try await fixture.make("Ann")
      #expect(made.lastSeenAt == nil)
      fixture.clock.turn(by: 5)

      let signedIn = try await fixture.accounts.signIn(
        email: " ANN@EXAMPLE.com", password: AccountsFixture.password,
        from: ClientInfo(
          address: "192.0.2.7", userAgent: "A\u{0}B\n" + String(repeating: "x", count: 400)))

      #expect(signedIn.user.id == made.id)
      #expect(signedIn.user.lastSeenAt == fixture.clock.now)
      #expect(
        try await fixture.session(signedIn.token)?.principal
          == Principal(
            userID: made.id, name: "Ann", email: "ann@example.com", role: .member,
            credential: signedIn.principal.credential, requestID: "request-1"))
      let agent = try await fixture.database.read { connection in
        try connection.first("SELECT user_agent FROM sessions")?.get("user_agent", as: String.self)
      }
      #expect(agent == "AB" + String(repeating: "x", count: 298))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a wrong password and an unknown address can't be told apart`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      try await fixture.make("Ann")
      let start = fixture.hasher.count

      let wrong = await refusal { try await fixture.signIn("Ann", password: "not this one") }
      let afterWrong = fixture.hasher.count
      let unknown = await refusal { try await fixture.signIn("Nobody", password: "not this one") }
      let afterUnknown = fixture.hasher.count

      #expect(wrong?.reason == .invalid)
      #expect(wrong?.wrongFields == ["password"])
      #expect(wrong == unknown)
      #expect(afterWrong - start == 1)
      #expect(afterUnknown - afterWrong == 1)
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM sessions") == 0)
    }
  }

  @Test func `a hash of nobody takes as long as a real one`() async throws {
    let hasher = PasswordHasher(cost: .init(memory: 4096, passes: 2), parallel: 1)
    let real = try await hasher.hash("a fine passphrase")

    // Alternating, so that a busy machine slows both.
    var times: (real: [Duration], decoy: [Duration]) = ([], [])
    for _ in 0..<15 {
      times.real.append(
        try await ContinuousClock().measure { _ = try await hasher.verify("x", against: real) })
      times.decoy.append(
        try await ContinuousClock().measure {
          let isRight = try await hasher.verify("x", against: hasher.decoy)
          #expect(!isRight)
        })
    }

    let ratio = times.decoy.sorted()[7] / times.real.sorted()[7]
    #expect(ratio > 0.4 && ratio < 2.5, "the medians' ratio is \(ratio)")
  }

  @Test(arguments: [
    "", "nobody", "a\0b@example.com", String(repeating: "x", count: 5000) + "@example.com",
    "%@example.com", "' OR 1=1 --",
  ])
  func `an impossible address is refused like an unknown one`(email: String) async throws {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      let start = fixture.hasher.count

      let error = await refusal {
        try await fixture.accounts.signIn(
          email: email, password: AccountsFixture.password, from: AccountsFixture.client)
      }

      #expect(error?.wrongFields == ["password"])
      #expect(fixture.hasher.count == start + 1)
    }
  }

  @Test func `a password that is too long is refused without work`() async throws {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      let start = fixture.hasher.count

      for name in ["Ann", "Nobody"] {
        let error = await refusal {
          try await fixture.signIn(name, password: String(repeating: "xy", count: 50_000))
        }
        #expect(error?.wrongFields == ["password"])
      }

      #expect(fixture.hasher.count == start)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a suspended person learns it only with the right password`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let user = try await fixture.make("Ann")
      try await fixture.suspend(user.id)

      let wrong = await refusal { try await fixture.signIn("Ann", password: "not this one") }
      let right = await refusal { try await fixture.signIn("Ann") }

      #expect(wrong?.wrongFields == ["password"])
      #expect(wrong?.message.contains("suspended") == false)
      #expect(right?.message.contains("suspended") == true)
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM sessions") == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a hash is made anew when its cost has risen`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      try await fixture.make("Ann")
      let before = try await hash(in: fixture)
      let stronger = fixture.replica(hasher: .cheap(passes: 3))

      _ = await refusal { try await stronger.signIn("Ann", password: "not this one") }
      let afterWrong = try await hash(in: fixture)
      _ = try await stronger.signIn("Ann")
      let after = try await hash(in: fixture)
      _ = try await stronger.signIn("Ann")
      _ = try await fixture.signIn("Ann")

      #expect(before.contains("m=8,t=1,p=1"))
      #expect(afterWrong == before)
      #expect(after.contains("m=8,t=3,p=1"))
      // The same and the weaker cost leave it alone.
      #expect(try await hash(in: fixture) == after)
    }
  }

  @Test func `an accent is the same from every keyboard`() async throws {
    try await withAccounts(.sqlite) { fixture in
      _ = try await fixture.accounts.createUser(
        email: "ann@example.com", name: "Ann", password: "caf\u{e9} au lait", role: .member)

      let signedIn = try await fixture.signIn("Ann", password: "cafe\u{301} au lait")

      #expect(signedIn.user.name == "Ann")
    }
  }

  @Test func `a flood is refused, and those who wait get in`() async throws {
    try await withDatabase(.sqlite) { database in
      let hasher = PasswordHasher(
        cost: .init(memory: 8192, passes: 2), parallel: 1, waiting: 2)
      let fixture = AccountsFixture(database, hasher: hasher)
      try await fixture.make("Ann")

      let errors = await withTaskGroup(of: DomainError?.self) { group in
        for _ in 0..<30 { group.addTask { await refusal { try await fixture.signIn("Ann") } } }
        return await group.reduce(into: [DomainError?]()) { $0.append($1) }
      }

      #expect(errors.filter { $0 == nil }.count >= 3)
      let refused = errors.compactMap(\.self)
      #expect(!refused.isEmpty)
      #expect(refused.allSatisfy { $0.reason == .tooManyRequests && $0.retryAfter != nil })
    }
  }

  @Test(arguments: TestDatabase.available)
  func `no error tells a password, a code or a token`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let code = try #require(try await fixture.accounts.start())
      let secret = "s3cret-\(UUID().uuidString)"
      let signedIn = try await fixture.register("Ann", password: secret, setupCode: code)
      let rotten = signedIn.token + "x"

      var errors: [DomainError?] = []
      errors.append(await refusal { try await fixture.register("Ann", password: secret) })
      errors.append(
        await refusal { try await fixture.register("", email: "x", password: secret) })
      errors.append(await refusal { try await fixture.signIn("Ann", password: secret + "x") })
      fixture.database.fail(reads: true, writes: true)
      errors.append(await refusal { try await fixture.signIn("Ann", password: secret) })
      errors.append(await refusal { try await fixture.register("Bob", password: secret) })
      errors.append(await refusal { try await fixture.session(signedIn.token) })
      fixture.database.fail()
      _ = try await fixture.database.write { connection in
        try connection.execute("UPDATE users SET password_hash = 'damaged'")
      }
      errors.append(await refusal { try await fixture.signIn("Ann", password: secret) })
      let nobody = try await fixture.session(rotten)
      #expect(nobody == nil)

      #expect(errors.allSatisfy { $0 != nil })
      let text = errors.map { String(reflecting: $0) }.joined()
      for hidden in [secret, code, signedIn.token, "argon2id$"] {
        #expect(!text.contains(hidden))
      }
    }
  }

  @Test func `a damaged hash is not taken for a wrong password`() async throws {
    try await withAccounts(.sqlite) { fixture in
      try await fixture.make("Ann")
      _ = try await fixture.database.write { connection in
        try connection.execute("UPDATE users SET password_hash = 'damaged'")
      }

      let error = await refusal { try await fixture.signIn("Ann") }

      #expect(error?.reason == .unavailable)
    }
  }

  private func hash(in fixture: AccountsFixture) async throws -> String {
    try await fixture.database.read { connection in
      try #require(try connection.first("SELECT password_hash FROM users"))
        .get("password_hash", as: String.self)
    }
  }
}
