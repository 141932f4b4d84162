internal import Crypto
internal import Foundation
internal import JWTKit

/// The public half of a key that identity tokens are signed with: ES256 over
/// P-256 (RFC 7518 §3.4), for a key set (RFC 7517 §5).
public struct IdentityKey: Sendable, Hashable {
  /// The `kid` in the header of its tokens.
  public let id: String
  /// The point's coordinates, 32 bytes each in Base64 with the URL alphabet
  /// (RFC 7518 §6.2.1).
  public let x: String
  public let y: String
}

/// Tokens that tell another program who somebody is, for a few minutes. It
/// checks them with the public keys alone, so it can make none.
///
/// Each signing key of the database gives one pair of keys, the same on every
/// replica, so they are made and rotated together (`babyhelm keys rotate`).
/// Whoever has a session's key could compute this one; the other way round
/// nothing follows (HMAC, RFC 2104).
public struct IdentityTokens: Sendable {
  /// How long a token counts, in seconds.
  public static let lifetime: Double = 600
  /// How long a new key is published before it signs, in seconds: others keep
  /// the key set for a while, and must know the key by then.
  public static let lead: Double = 600
  /// How long a retired key stays published, in seconds: it signs for
  /// ``lead`` after a newer one was made, and its last token then lives on.
  static let tail: Double = 3_600

  private struct Pair {
    let id: String
    let createdAt: Date
    let key: P256.Signing.PrivateKey
  }

  private let keyring: Keyring
  private let tokens: SessionTokens
  private let now: @Sendable () -> Date

  init(keyring: Keyring, tokens: SessionTokens, now: @escaping @Sendable () -> Date) {
    self.keyring = keyring
    self.tokens = tokens
    self.now = now
  }

  /// The public keys that tokens are signed with now, a moment ago or soon; the
  /// oldest first.
  ///
  /// - Throws: `unavailable`.
  public func keys() async throws(DomainError) -> [IdentityKey] {
    try await pairs().map { pair in
      // The point without a prefix: x, then y (SEC 1 §2.3.3).
      let point = pair.key.publicKey.rawRepresentation
      return IdentityKey(
        id: pair.id, x: Data(point.prefix(32)).base64URL, y: Data(point.suffix(32)).base64URL)
    }
  }

  /// Signs claims with the newest key that others know by now.
  ///
  /// - Throws: `unavailable`.
  func sign(_ claims: some JWTPayload) async throws(DomainError) -> String {
    let pairs = try await pairs()
    let known = now().addingTimeInterval(-Self.lead)
    guard let pair = pairs.last(where: { $0.createdAt <= known }) ?? pairs.first else {
      throw DomainError(
        .unavailable, "There is no key for signing in elsewhere yet.",
        advice: "Try again in a moment.", retryAfter: .seconds(1))
    }
    do {
      let collection = JWTKeyCollection()
      let kid = JWKIdentifier(string: pair.id)
      await collection.add(ecdsa: try ES256PrivateKey(backing: pair.key), kid: kid)
      return try await collection.sign(claims, kid: kid)
    } catch {
      throw DomainError(
        .internalError, "The token for another program couldn't be signed.",
        underlying: "\(type(of: error))")
    }
  }

  private func pairs() async throws(DomainError) -> [Pair] {
    try await keyring.refresh(ifOlderThan: Keyring.signingInterval)
    let oldest = now().addingTimeInterval(-Self.tail)
    return tokens.all.filter { $0.retiredAt.map { $0 > oldest } ?? true }.compactMap { key in
      privateKey(of: key).map { Pair(id: key.id, createdAt: key.createdAt, key: $0) }
    }
  }

  /// A number below the curve's order, which all but one in 2³² are; the next
  /// try is for that one.
  private func privateKey(of key: SigningKey) -> P256.Signing.PrivateKey? {
    for attempt in 0..<8 {
      if let secret = tokens.secret(for: "identity tokens \(attempt)", keyID: key.id),
        let pair = try? P256.Signing.PrivateKey(rawRepresentation: secret)
      {
        return pair
      }
    }
    return nil
  }
}
