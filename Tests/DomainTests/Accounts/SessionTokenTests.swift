import Crypto
import Foundation
import TestSupport
import Testing

@testable import Domain

/// Tokens that somebody made or changed. The session behind them lives.
struct SessionTokenTests {
  @Test func `a token made by hand with the right key is taken`() async throws {
    // Without this, the refusals below would prove nothing.
    try await withToken { fixture, forge in
      let isSignedIn = try await fixture.isSignedIn(forge(Change()))
      #expect(isSignedIn)
    }
  }

  @Test(arguments: [
    Change("no algorithm", header: ["alg": "none"], signature: .empty),
    Change("no algorithm, signed", header: ["alg": "none"]),
    Change("no algorithm in capitals", header: ["alg": "NONE"], signature: .empty),
    Change("another algorithm", header: ["alg": "HS512"]),
    Change("a public key algorithm", header: ["alg": "RS256"]),
    Change("no alg", header: ["alg": nil]),
    Change("no kid", header: ["kid": nil]),
    Change("an unknown kid", header: ["kid": "somebody-else"]),
    Change("an empty kid", header: ["kid": ""]),
    Change("a kid that is a number", header: ["kid": 1]),
    Change("another key", signature: .otherKey),
    Change("an empty key", signature: .emptyKey),
    Change("no signature", signature: .empty),
    Change("no typ", claims: ["typ": nil]),
    Change("another typ", claims: ["typ": "refresh"]),
    Change("no iss", claims: ["iss": nil]),
    Change("another iss", claims: ["iss": "mallory"]),
    Change("no aud", claims: ["aud": nil]),
    Change("another aud", claims: ["aud": "another-service"]),
    Change("no sub", claims: ["sub": nil]),
    Change("another person", claims: ["sub": "0e9c1b9e-0000-4000-8000-000000000000"]),
    Change("no session", claims: ["sid": nil]),
    Change("another session", claims: ["sid": "0e9c1b9e-0000-4000-8000-000000000000"]),
    Change("an empty session", claims: ["sid": ""]),
    Change("no exp", claims: ["exp": nil]),
    Change("no iat", claims: ["iat": nil]),
    Change("no nbf", claims: ["nbf": nil]),
    Change("from the future", claims: ["nbf": 1_800_000_061]),
    Change("numbers as text", claims: ["exp": "1800000900"]),
  ])
  func `a forged token is refused`(change: Change) async throws {
    try await withToken { fixture, forge in
      let isSignedIn = try await fixture.isSignedIn(forge(change))
      #expect(!isSignedIn)
    }
  }

  @Test func `a token with any character changed is refused`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let token = try await fixture.enter("Ann").token
      let characters = Array(token)

      // The last character carries unused bits, which change nothing.
      for index in stride(from: 0, to: characters.count - 1, by: 7) {
        var changed = characters
        changed[index] = changed[index] == "A" ? "B" : "A"
        #expect(try await !fixture.isSignedIn(String(changed)), "at \(index)")
      }
    }
  }

  @Test(arguments: [
    "", ".", "..", "...", "a.b.c", "e30.e30.", "bearer", String(repeating: "A", count: 100_000),
    "🐘.🐘.🐘", "eyJhbGciOiJIUzI1NiJ9", "\0",
  ])
  func `rubbish is refused`(token: String) async throws {
    try await withAccounts(.sqlite) { fixture in
      _ = try await fixture.enter("Ann")

      #expect(try await !fixture.isSignedIn(token))
    }
  }

  @Test func `a token says no more than it must`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let signedIn = try await fixture.enter("Ann")

      let parts = signedIn.token.split(separator: ".").map(String.init)
      let claims = try #require(
        try JSONSerialization.jsonObject(with: decoded(parts[1])) as? [String: Any])

      #expect(
        Set(claims.keys) == ["iss", "aud", "sub", "sid", "typ", "iat", "nbf", "exp"])
      #expect(claims["exp"] as? Int == 1_800_000_900)
      #expect(claims["sub"] as? String == signedIn.user.id.rawValue)
    }
  }

  // MARK: Forging

  /// How a token differs from a good one.
  struct Change: Sendable, CustomTestStringConvertible {
    enum Signature: Sendable { case good, otherKey, emptyKey, empty }

    var name = "no change"
    var header: [String: (any Sendable)?] = [:]
    var claims: [String: (any Sendable)?] = [:]
    var signature = Signature.good

    init() {}

    init(
      _ name: String, header: [String: (any Sendable)?] = [:],
      claims: [String: (any Sendable)?] = [:], signature: Signature = .good
    ) {
      self.name = name
      self.header = header
      self.claims = claims
      self.signature = signature
    }

    var testDescription: String { name }
  }

  /// Signs somebody in, and makes tokens of the same session by hand.
  private func withToken(
    _ body: (AccountsFixture, (Change) throws -> String) async throws -> Void
  ) async throws {
    try await withAccounts(.sqlite) { fixture in
      let signedIn = try await fixture.enter("Ann")
      let key = try #require(
        try await fixture.database.read { try AccountStore().keys(in: $0) }.first)
      let parts = signedIn.token.split(separator: ".").map(String.init)
      try await body(fixture) { change in
        var header = try #require(
          try JSONSerialization.jsonObject(with: decoded(parts[0])) as? [String: Any])
        var claims = try #require(
          try JSONSerialization.jsonObject(with: decoded(parts[1])) as? [String: Any])
        for (name, value) in change.header { header[name] = value }
        for (name, value) in change.claims { claims[name] = value }
        let text = try encoded(header) + "." + encoded(claims)
        return try text + "." + signature(change.signature, of: text, key: key)
      }
    }
  }

  private func signature(
    _ kind: Change.Signature, of text: String, key: SigningKey
  ) throws -> String {
    let secret: Data
    switch kind {
    case .empty: return ""
    case .emptyKey: secret = Data()
    case .otherKey: secret = Data(repeating: 7, count: 32)
    case .good: secret = try #require(Data(base64Encoded: key.secret))
    }
    let code = HMAC<SHA256>.authenticationCode(
      for: Data(text.utf8), using: SymmetricKey(data: secret))
    return base64URL(Data(code))
  }

  private func encoded(_ object: [String: Any]) throws -> String {
    base64URL(try JSONSerialization.data(withJSONObject: object))
  }

  private func base64URL(_ data: Data) -> String {
    data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  private func decoded(_ text: String) throws -> Data {
    var padded = text.replacingOccurrences(of: "-", with: "+")
      .replacingOccurrences(of: "_", with: "/")
    while padded.count % 4 != 0 { padded.append("=") }
    return try #require(Data(base64Encoded: padded))
  }
}
