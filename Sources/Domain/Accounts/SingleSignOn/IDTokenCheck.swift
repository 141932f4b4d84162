internal import Foundation
internal import JWTKit
internal import Kubernetes

/// Decides whether an ID token is believed (OpenID Connect Core 1.0 §3.1.3.7).
struct IDTokenCheck {
  /// How far the provider's clock may be from ours, in seconds.
  static let leeway: Double = 60
  /// Only signatures that need the provider's own key: with `none` or a shared
  /// secret somebody else could have made the token.
  private static let algorithms: Set<String> = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
  ]

  let issuer: String
  let clientID: String
  let nonce: String
  let now: Date

  struct Header {
    let algorithm: String
    let keyID: String?
  }

  /// What a token says about its signature.
  static func header(of token: String) throws(OpenIDFailure) -> Header {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard token.utf8.count <= 64 * 1024, parts.count == 3, let json = json(parts[0]),
      let algorithm = json["alg"]?.string
    else { throw .unbelievable("the ID token is no signed token") }
    guard algorithms.contains(algorithm) else {
      throw .unbelievable("the ID token is signed with “\(algorithm)”, which isn't taken")
    }
    return Header(algorithm: algorithm, keyID: json["kid"]?.string)
  }

  /// The token's claims.
  ///
  /// - Parameter keys: the provider's, as JSON Web Keys (RFC 7517).
  func claims(in token: String, keys: [JSONValue]) async throws(OpenIDFailure) -> JSONValue {
    let header = try Self.header(of: token)
    guard await isSigned(token, header, keys) else {
      throw .unbelievable("the ID token's signature is not by a key of the provider")
    }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard let claims = Self.json(parts[1]) else {
      throw .unbelievable("the ID token's claims are no JSON")
    }
    try checkParties(claims)
    try checkTimes(claims)
    guard let said = claims["nonce"]?.string, RandomText.isSame(said, nonce) else {
      throw .unbelievable("the ID token answers another request")
    }
    return claims
  }

  private func checkParties(_ claims: JSONValue) throws(OpenIDFailure) {
    guard claims["iss"]?.string == issuer else {
      throw .unbelievable("the ID token is of another issuer")
    }
    let audience =
      claims["aud"]?.string.map { [$0] } ?? (claims["aud"]?.array ?? []).compactMap(\.string)
    guard audience.contains(clientID) else {
      throw .unbelievable("the ID token is for another client")
    }
    let party = claims["azp"]?.string
    guard party == clientID || (party == nil && audience.count == 1) else {
      throw .unbelievable("the ID token was handed out to another client")
    }
    let subject = claims["sub"]?.string ?? ""
    guard (1...255).contains(subject.utf8.count) else {
      throw .unbelievable("the ID token doesn't say whose it is")
    }
  }

  private func checkTimes(_ claims: JSONValue) throws(OpenIDFailure) {
    let time = now.timeIntervalSince1970
    guard let end = claims["exp"]?.double, end > time - Self.leeway else {
      throw .unbelievable("the ID token has expired")
    }
    guard let start = claims["iat"]?.double, start <= time + Self.leeway,
      (claims["nbf"]?.double ?? start) <= time + Self.leeway
    else {
      throw .unbelievable("the ID token is from the future: compare the clocks")
    }
  }

  /// The signature alone: what the token says is looked at afterwards.
  private struct Signed: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) throws {}
  }

  private func isSigned(_ token: String, _ header: Header, _ keys: [JSONValue]) async -> Bool {
    for key in keys {
      if let keyID = header.keyID, key["kid"]?.string != keyID { continue }
      if let algorithm = key["alg"]?.string, algorithm != header.algorithm { continue }
      guard var jwk = try? JSONDecoder().decode(JWK.self, from: Data(key.serialized())) else {
        continue
      }
      // The private half has no business in a published set.
      jwk.privateExponent = nil
      jwk.algorithm = JWK.Algorithm(rawValue: header.algorithm)
      jwk.keyIdentifier = JWKIdentifier(string: header.keyID ?? "only")
      let collection = JWTKeyCollection()
      guard (try? await collection.add(jwk: jwk)) != nil else { continue }
      if (try? await collection.verify(token, as: Signed.self)) != nil { return true }
    }
    return false
  }

  private static func json(_ part: Substring) -> JSONValue? {
    Data(base64URL: part).flatMap { try? JSONValue(parsing: $0) }
  }
}
