internal import Crypto
public import Foundation
internal import JWTKit
internal import Synchronization

/// A key that signs session tokens.
struct SigningKey: Sendable, Hashable {
  let id: String
  /// 32 random bytes in Base64.
  let secret: String
  let createdAt: Date
  /// When a newer key took over; it verifies until its last token has run out.
  let retiredAt: Date?

  static func random(at time: Date) -> SigningKey {
    SigningKey(
      id: UUID().uuidString.lowercased(), secret: RandomText.base64(bytes: 32), createdAt: time,
      retiredAt: nil)
  }
}

/// How a signing key stands.
public struct SigningKeyState: Sendable, Hashable {
  /// The `kid` in the header of its tokens (RFC 7515 §4.1.4).
  public let id: String
  public let createdAt: Date
  /// When its last token will have run out; nil for the one that signs.
  public let verifiesUntil: Date?
}

/// What a session token says (RFC 7519).
struct SessionClaims: JWTPayload {
  static let issuer = "babyhelm"
  static let audience = "babyhelm-web"
  static let kind = "session"

  var iss: IssuerClaim
  var aud: AudienceClaim
  /// The user.
  var sub: SubjectClaim
  /// The session.
  var sid: String
  /// Tells this token from any other kind that BabyHelm may sign.
  var typ: String
  var iat: IssuedAtClaim
  var nbf: NotBeforeClaim
  var exp: ExpirationClaim

  /// The user's id.
  var user: String { sub.value }
  /// From when on the token counts.
  var begin: Date { nbf.value }
  /// Until when the token is fresh.
  var expiry: Date { exp.value }

  /// Everything but the expiry, which the caller judges: an old token of a
  /// living session is renewed.
  func verify(using algorithm: some JWTAlgorithm) throws {
    guard iss.value == Self.issuer else {
      throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "another issuer")
    }
    try aud.verifyIntendedAudience(includes: Self.audience)
    guard typ == Self.kind else {
      throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "another kind of token")
    }
  }
}

/// Signs and verifies session tokens: HS256, with a key id.
final class SessionTokens: Sendable {
  /// How long a token is fresh, in seconds.
  static let lifetime: Double = 15 * 60
  /// How far clocks of replicas may differ, in seconds.
  static let leeway: Double = 60

  private struct Keys: Sendable {
    var signing: SigningKey?
    var known: [String: SigningKey] = [:]
    var collection = JWTKeyCollection()
    /// The claims of tokens that were verified with these keys, by the token's
    /// SHA-256.
    var verified: [SHA256Digest: SessionClaims] = [:]
  }

  /// How many verified tokens are remembered at most; a few hundred bytes each.
  private static let memory = 4_096

  private let keys = Mutex(Keys())

  /// All keys that are known here, the oldest first.
  var all: [SigningKey] {
    keys.withLock { Array($0.known.values) }.sorted {
      ($0.createdAt, $0.id) < ($1.createdAt, $1.id)
    }
  }

  /// Whether a token's key is known here.
  func knows(_ keyID: String) -> Bool { keys.withLock { $0.known[keyID] != nil } }

  /// Replaces all keys. The newest that isn't retired signs.
  func use(_ all: [SigningKey]) async throws {
    let collection = JWTKeyCollection()
    for key in all {
      guard let secret = Data(base64Encoded: key.secret), secret.count >= 32 else {
        throw DomainError(
          .internalError, "A key for session tokens is damaged or has less than 256 bits.",
          advice: "An operator must remove it from the table signing_keys.",
          underlying: "signing key \(key.id)")
      }
      await collection.add(
        hmac: HMACKey(from: secret), digestAlgorithm: .sha256, kid: JWKIdentifier(string: key.id))
    }
    // An unknown key id must fail, not fall back to the first key.
    await collection.clearDefault()
    let signing = all.last { $0.retiredAt == nil }
    let known = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
    keys.withLock { $0 = Keys(signing: signing, known: known, collection: collection) }
  }

  /// 32 bytes for another purpose than signing tokens, the same on every
  /// replica. Nothing about the key follows from them (HMAC, RFC 2104), and a
  /// token's text always has dots, so no purpose can stand for one.
  ///
  /// - Throws: `unavailable` before the first ``use(_:)``.
  func secret(for purpose: String) throws(DomainError) -> [UInt8] {
    try newestSecret(for: purpose).secret
  }

  /// The same with the id of the key it follows from.
  ///
  /// - Throws: `unavailable` before the first ``use(_:)``.
  func newestSecret(
    for purpose: String
  ) throws(DomainError) -> (secret: [UInt8], keyID: String) {
    guard let key = keys.withLock({ $0.signing }), let secret = Self.secret(for: purpose, key)
    else { throw Self.noKey }
    return (secret, key.id)
  }

  /// What ``newestSecret(for:)`` gave while that key was the newest; nil for
  /// a key that isn't there any more.
  func secret(for purpose: String, keyID: String) -> [UInt8]? {
    keys.withLock { $0.known[keyID] }.flatMap { Self.secret(for: purpose, $0) }
  }

  private static func secret(for purpose: String, _ key: SigningKey) -> [UInt8]? {
    guard let bytes = Data(base64Encoded: key.secret) else { return nil }
    return Array(
      HMAC<SHA256>.authenticationCode(
        for: Data("babyhelm \(purpose)".utf8), using: SymmetricKey(data: bytes)))
  }

  /// A token that is fresh from now on.
  ///
  /// - Throws: `unavailable` before the first ``use(_:)``.
  func sign(_ session: Session, at time: Date) async throws -> String {
    let (signing, collection) = keys.withLock { ($0.signing, $0.collection) }
    guard let signing else { throw Self.noKey }
    // Whole seconds, as a NumericDate is best written (RFC 7519 §2).
    let now = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
    let claims = SessionClaims(
      iss: IssuerClaim(value: SessionClaims.issuer),
      aud: AudienceClaim(value: [SessionClaims.audience]),
      sub: SubjectClaim(value: session.userID.rawValue), sid: session.id.rawValue,
      typ: SessionClaims.kind, iat: IssuedAtClaim(value: now), nbf: NotBeforeClaim(value: now),
      exp: ExpirationClaim(value: now.addingTimeInterval(Self.lifetime)))
    return try await collection.sign(claims, kid: JWKIdentifier(string: signing.id))
  }

  /// What ``verified(_:)`` found for the same token a moment ago. A browser
  /// sends one token for a quarter of an hour, and reading it anew takes longer
  /// than rendering a page.
  func remembered(_ token: String) -> SessionClaims? {
    let digest = SHA256.hash(data: Array(token.utf8))
    return keys.withLock { $0.verified[digest] }
  }

  /// A token's claims, when its signature is one of ours; nil otherwise. The
  /// times are left to the caller.
  func verified(_ token: String) async -> SessionClaims? {
    let collection = keys.withLock { $0.collection }
    guard Self.keyID(of: token) != nil,
      let claims = try? await collection.verify(token, as: SessionClaims.self)
    else { return nil }
    let digest = SHA256.hash(data: Array(token.utf8))
    keys.withLock { keys in
      // Other keys may have come meanwhile, which this token knows nothing of.
      guard keys.collection === collection else { return }
      if keys.verified.count >= Self.memory { keys.verified.removeAll() }
      keys.verified[digest] = claims
    }
    return claims
  }

  private static var noKey: DomainError {
    DomainError(
      .unavailable, "There is no key for session tokens yet.", advice: "Try again in a moment.",
      retryAfter: .seconds(1))
  }

  /// The key id in a token's header, if the header is one of ours.
  static func keyID(of token: String) -> String? {
    struct Header: Decodable {
      let alg: String
      let kid: String
    }
    guard token.utf8.count <= 2048, let head = token.split(separator: ".").first,
      let bytes = Data(base64URL: head),
      let header = try? JSONDecoder().decode(Header.self, from: bytes), header.alg == "HS256"
    else { return nil }
    return header.kid
  }
}
