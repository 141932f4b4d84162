import Foundation
import TestSupport
import Testing

@testable import Domain

struct RegistrationTests {
  private let sandbox = AccountRules(firstUserBecomesAdmin: true)

  @Test(arguments: TestDatabase.available)
  func `who registers is signed in`(kind: TestDatabase) async throws {
    try await withAccounts(kind, rules: sandbox) { fixture in
      let signedIn = try await fixture.register("  Ann  ", email: " Ann@Example.com ")

      #expect(signedIn.user.name == "Ann")
      #expect(signedIn.user.email == "Ann@Example.com")
      #expect(signedIn.user.lastSeenAt == fixture.clock.now)
      let session = try #require(try await fixture.session(signedIn.token))
      #expect(session.principal.userID == signedIn.user.id)
      #expect(session.principal.requestID == "request-1")
      #expect(session.formToken == signedIn.formToken)
      #expect(session.expiresAt == fixture.clock.now.addingTimeInterval(30 * 24 * 3600))
      #expect(session.renewedToken == nil)
    }
  }

  @Test(arguments: [
    ("", "email"), ("ann", "email"), ("ann@", "email"), ("@example.com", "email"),
    ("a@b@c", "email"), ("a b@example.com", "email"), ("ann@exam ple.com", "email"),
    ("a..b@example.com", "email"), (".a@example.com", "email"), ("a.@example.com", "email"),
    ("ann@-example.com", "email"), ("ann@example..com", "email"), ("ann@[192.0.2.1]", "email"),
    ("ann@exa_mple.com", "email"), ("\"a b\"@example.com", "email"), ("a\0@example.com", "email"),
    ("a\u{202e}b@example.com", "email"), ("a\u{200b}@example.com", "email"),
    (String(repeating: "a", count: 65) + "@example.com", "email"),
    ("a@" + String(repeating: "bcd.", count: 63) + "com", "email"),
  ])
  func `a bad address is refused`(email: String, field: String) {
    let registration = Registration(email: email, name: "Ann", password: "a fine passphrase")

    #expect(registration.tidied().mistakes().map(\.field) == [field])
  }

  @Test(arguments: [
    "a@b", "ann.lee+tag@example.com", "o'neil@example.co.uk", "jürgen@bücher.example",
    "a@" + String(repeating: "bcd.", count: 62) + "org",
    String(repeating: "a", count: 64) + "@example.com",
  ])
  func `a useful address is taken`(email: String) {
    let registration = Registration(email: email, name: "Ann", password: "a fine passphrase")

    #expect(registration.tidied().mistakes().isEmpty)
  }

  @Test(arguments: [
    ("", false), ("   ", false), ("\u{200b}\u{200d}", false), ("A\nB", false), ("A\u{7}B", false),
    ("A\u{2028}B", false), ("A\u{202e}B", false), (String(repeating: "x", count: 81), false),
    (String(repeating: "x", count: 80), true), ("A", true), ("محمد", true), ("👩‍🚀 Ann", true),
    (#"<b>"Ann" & 'Co'</b>"#, true),
  ])
  func `a name is 1 to 80 visible characters`(name: String, isFine: Bool) {
    let registration = Registration(
      email: "ann@example.com", name: name, password: "a fine passphrase")

    #expect(registration.tidied().mistakes().map(\.field) == (isFine ? [] : ["name"]))
  }

  @Test(arguments: [
    ("ninechars", false), ("ten chars!", true), ("password123", false), ("PASSWORD123", false),
    ("aaaaaaaaaaaa", false), ("abababababab", false), ("klmnopqrstu", false),
    ("utsrqponmlk", false), ("ANN@example.com", false), ("Ann Example Lee", false),
    ("Kubernetes1", false), ("äöüäöüßßß", false), ("🐘🐘🦒🦒🐘🦒🦓🦓🐘🦒", true),
    (String(repeating: "xyz", count: 85) + "x", true),
    (String(repeating: "xyz", count: 85) + "xy", false),
  ])
  func `a password is 10 to 256 characters and not a common one`(
    password: String, isFine: Bool
  ) {
    let registration = Registration(
      email: "ann@example.com", name: "ann example LEE", password: password)

    #expect(registration.tidied().mistakes().map(\.field) == (isFine ? [] : ["password"]))
  }

  @Test(arguments: TestDatabase.available)
  func `everything that is wrong is said at once`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      _ = try await fixture.accounts.start()

      let all = await refusal {
        try await fixture.register(" ", email: "nobody", password: "short")
      }

      #expect(all?.reason == .invalid)
      #expect(all?.wrongFields == ["email", "name", "password", "setupCode"])
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM users") == 0)
      #expect(fixture.hasher.count == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a taken address is said at the field, with the other mistakes`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind, rules: sandbox) { fixture in
      try await fixture.make("Zoë")
      let variants = ["ZOË@example.COM", "zoe\u{308}@example.com", " zoë@example.com\n"]

      for email in variants {
        let error = await refusal { try await fixture.register("Other", email: email) }
        #expect(error?.wrongFields == ["email"], "\(email)")
      }
      let both = await refusal {
        try await fixture.register("Other", email: variants[0], password: "short")
      }
      #expect(both?.wrongFields == ["email", "password"])
      #expect(try await fixture.number("SELECT COUNT(*) AS number FROM users") == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `of several with one address exactly one gets it`(kind: TestDatabase) async throws {
    try await withAccounts(kind, rules: sandbox) { fixture in
      let outcomes = await outcomes(of: 6) { number in
        try await fixture.register("Ann \(number)", email: "ann@example.com")
      }

      #expect(outcomes.filter { $0 == nil }.count == 1)
      for error in outcomes.compactMap(\.self) { #expect(error.wrongFields == ["email"]) }
      let users = try await fixture.number("SELECT COUNT(*) AS number FROM users")
      let sessions = try await fixture.number("SELECT COUNT(*) AS number FROM sessions")
      #expect(users == 1)
      #expect(sessions == 1)
    }
  }

  /// - Returns: for each call its error, or nil.
  private func outcomes(
    of count: Int, _ call: @escaping @Sendable (Int) async throws -> SignedIn
  ) async -> [DomainError?] {
    await withTaskGroup(of: DomainError?.self) { group in
      for number in 0..<count {
        group.addTask { await refusal { try await call(number) } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
  }
}
