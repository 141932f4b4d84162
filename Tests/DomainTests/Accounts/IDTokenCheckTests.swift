import Crypto
import Foundation
import Kubernetes
import Testing

@testable import Domain

@Suite struct IDTokenCheckTests {
  private let key = P256.Signing.PrivateKey()
  private let now = Date(timeIntervalSince1970: 1_900_000_000)

  private var check: IDTokenCheck {
    IDTokenCheck(
      issuer: "https://id.example.net", clientID: "babyhelm", nonce: "the nonce", now: now)
  }

  @Test func `a token that is right is believed`() async throws {
    let claims = try await check.claims(in: try token(), keys: [jwk()])

    #expect(claims["sub"]?.string == "ann")
  }

  @Test func `clocks may differ by less than a minute`() async throws {
    let time = now.timeIntervalSince1970
    _ = try await check.claims(in: try token(["exp": .number(time - 50)]), keys: [jwk()])
    _ = try await check.claims(
      in: try token(["iat": .number(time + 50), "nbf": .number(time + 50)]), keys: [jwk()])
  }

  @Test(
    arguments: [
      ("iss", .string("https://id.example.net.evil")), ("iss", .null),
      ("aud", .string("another")), ("aud", .array([])), ("aud", .null),
      ("aud", .array([.string("babyhelm"), .string("another")])),
      ("azp", .string("another")), ("sub", .null), ("sub", .string("")),
      ("exp", .number(1_900_000_000 - 61)), ("exp", .null),
      ("iat", .number(1_900_000_000 + 61)), ("iat", .null),
      ("nbf", .number(1_900_000_000 + 61)),
      ("nonce", .string("another")), ("nonce", .null),
    ] as [(String, JSONValue)])
  func `a wrong claim is not believed`(claim: String, value: JSONValue) async throws {
    let token = try token([claim: value])

    await #expect(throws: OpenIDFailure.self) { try await check.claims(in: token, keys: [jwk()]) }
  }

  @Test func `a signature by another key is not believed`() async throws {
    let token = try token(signedBy: P256.Signing.PrivateKey())

    await #expect(throws: OpenIDFailure.self) { try await check.claims(in: token, keys: [jwk()]) }
  }

  @Test func `an edited token is not believed`() async throws {
    let right = try token().split(separator: ".")
    let other = try token(["sub": .string("bob")]).split(separator: ".")
    let edited = "\(right[0]).\(other[1]).\(right[2])"

    await #expect(throws: OpenIDFailure.self) {
      try await check.claims(in: edited, keys: [jwk()])
    }
  }

  @Test(arguments: ["none", "None", "HS256", "RS1", ""])
  func `an algorithm that needs no key of the provider is not taken`(
    algorithm: String
  ) async throws {
    let token = try token(algorithm: algorithm)
    // What would be signed with the published key as a shared secret.
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("\(parts[0]).\(parts[1])".utf8),
      using: SymmetricKey(data: Data(key.publicKey.pemRepresentation.utf8)))

    for signature in ["", Data(code).base64URL] {
      await #expect(throws: OpenIDFailure.self) {
        try await check.claims(in: "\(parts[0]).\(parts[1]).\(signature)", keys: [jwk()])
      }
    }
  }

  @Test func `the key's own algorithm and name count`() async throws {
    let token = try token()

    await #expect(throws: OpenIDFailure.self) {
      try await check.claims(in: token, keys: [jwk(["alg": .string("ES384")])])
    }
    await #expect(throws: OpenIDFailure.self) {
      try await check.claims(in: token, keys: [jwk(["kid": .string("other")])])
    }
    await #expect(throws: OpenIDFailure.self) { try await check.claims(in: token, keys: []) }
  }

  @Test func `what is no token is told so`() async {
    for text in ["", ".", "..", "a.b", "a.b.c.d", String(repeating: "a.", count: 40_000)] {
      await #expect(throws: OpenIDFailure.self) {
        try await check.claims(in: text, keys: [jwk()])
      }
    }
  }

  @Test func `the highest role of somebody's groups counts`() {
    var settings = OpenIDSettings(issuer: "https://id.example.net", clientID: "babyhelm")
    #expect(settings.role(of: ["staff"]) == nil)
    settings.roles = ["admins": .admin, "staff": .member, "*": .visitor]
    #expect(settings.role(of: ["staff", "admins"]) == .admin)
    #expect(settings.role(of: ["admins", "staff"]) == .admin)
    #expect(settings.role(of: []) == .visitor)
    settings.roles["*"] = nil
    #expect(settings.role(of: ["strangers"]) == nil)
  }

  // MARK: Tokens

  private func jwk(_ more: [String: JSONValue] = [:]) -> JSONValue {
    let point = key.publicKey.rawRepresentation
    return .object(
      [
        "kty": .string("EC"), "crv": .string("P-256"), "kid": .string("one"),
        "x": .string(Data(point.prefix(32)).base64URL),
        "y": .string(Data(point.suffix(32)).base64URL),
      ].merging(more) { _, new in new })
  }

  /// - Parameter changes: claims; null takes one away.
  private func token(
    _ changes: [String: JSONValue] = [:], algorithm: String = "ES256",
    signedBy other: P256.Signing.PrivateKey? = nil
  ) throws -> String {
    let header = JSONValue.object(["alg": .string(algorithm), "kid": .string("one")])
    let claims: [String: JSONValue] = [
      "iss": .string("https://id.example.net"), "aud": .string("babyhelm"), "sub": .string("ann"),
      "exp": .number(now.timeIntervalSince1970 + 300), "iat": .number(now.timeIntervalSince1970),
      "nonce": .string("the nonce"),
    ].merging(changes) { _, new in new }.filter { $0.value != .null }
    let text = [header, .object(claims)].map { Data($0.serialized()).base64URL }
      .joined(separator: ".")
    let signature = try (other ?? key).signature(for: Data(text.utf8)).rawRepresentation
    return "\(text).\(signature.base64URL)"
  }
}
