import Crypto
import Foundation
import TestSupport
import Testing

@testable import Domain

/// Which keys are published, and which of them signs.
struct IdentityTokensTests {
  private static let person = GrafanaClaims(
    .visitors, issuer: "https://babyhelm.example.net", namespaces: [], at: Date())

  private static func signer(of tokens: IdentityTokens) async throws -> String {
    struct Header: Decodable {
      let alg: String
      let kid: String
    }
    let token = try await tokens.sign(person)
    let head = try #require(token.split(separator: ".").first)
    let header = try JSONDecoder().decode(
      Header.self, from: try #require(Data(base64URL: head)))
    #expect(header.alg == "ES256")
    return header.kid
  }

  @Test(arguments: TestDatabase.available)
  func `a new key is published before it signs, and the old one after it did`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      _ = try await fixture.accounts.start()
      let tokens = fixture.accounts.identityTokens
      let old = try #require(try await tokens.keys().first?.id)
      #expect(try await Self.signer(of: tokens) == old, "the only one, however new")
      fixture.clock.turn(by: IdentityTokens.lead)

      try await fixture.accounts.rotateSigningKey()
      let both = try await tokens.keys().map(\.id)
      #expect(both.count == 2 && both.first == old)
      #expect(try await Self.signer(of: tokens) == old, "nobody has fetched the new one yet")

      fixture.clock.turn(by: IdentityTokens.lead)
      #expect(try await Self.signer(of: tokens) == both.last)
      #expect(try await tokens.keys().count == 2, "tokens of the old one still count")

      fixture.clock.turn(by: IdentityTokens.tail)
      #expect(try await tokens.keys().map(\.id) == [both.last])
      #expect(try await fixture.accounts.signingKeys().count == 2, "sessions need it longer")
    }
  }

  @Test func `all replicas and every start have the same keys`() async throws {
    try await withAccounts(.sqlite) { fixture in
      _ = try await fixture.accounts.start()
      let keys = try await fixture.accounts.identityTokens.keys()
      let replica = fixture.replica()

      #expect(try await replica.accounts.identityTokens.keys() == keys)
      let key = try #require(keys.first)
      #expect(Data(base64URL: key.x[...])?.count == 32 && Data(base64URL: key.y[...])?.count == 32)
      let stored = try await fixture.database.read { try AccountStore().keys(in: $0) }
      let secret = try #require(stored.first?.secret)
      #expect(![key.x, key.y].contains(secret))
    }
  }

  @Test func `the public key verifies a token, and no other does`() async throws {
    try await withAccounts(.sqlite) { fixture in
      _ = try await fixture.accounts.start()
      let tokens = fixture.accounts.identityTokens
      let token = try await tokens.sign(Self.person)
      let key = try #require(try await tokens.keys().first)
      let point = try #require(Data(base64URL: key.x[...])) + #require(Data(base64URL: key.y[...]))
      let good = try P256.Signing.PublicKey(rawRepresentation: point)
      #expect(try Self.isSigned(token, by: good))
      #expect(try !Self.isSigned(token, by: P256.Signing.PrivateKey().publicKey))
      #expect(try !Self.isSigned(token.replacing(".ey", with: ".ez"), by: good))
    }
  }

  /// RFC 7515 §5.2 and RFC 7518 §3.4.
  private static func isSigned(_ token: String, by key: P256.Signing.PublicKey) throws -> Bool {
    let dot = try #require(token.lastIndex(of: "."))
    let bytes = try #require(Data(base64URL: token[token.index(after: dot)...]))
    let signature = try P256.Signing.ECDSASignature(rawRepresentation: bytes)
    return key.isValidSignature(signature, for: Data(token[..<dot].utf8))
  }

  @Test func `a session's token isn't one for others, and theirs opens no session`() async throws {
    try await withAccounts(.sqlite) { fixture in
      let session = try await fixture.enter("Ann").token
      let token = try await fixture.accounts.identityTokens.sign(Self.person)

      #expect(try await fixture.isSignedIn(session))
      #expect(try await !fixture.isSignedIn(token))
    }
  }
}
