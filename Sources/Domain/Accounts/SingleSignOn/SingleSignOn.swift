internal import Crypto
internal import Foundation
internal import Kubernetes
internal import Logging

/// Signs people in at an OpenID provider: authorization code with PKCE
/// (OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9207, RFC 9700).
///
/// What has to come back is carried by the browser, sealed, so that any
/// replica can finish what another began.
public struct SingleSignOn: Sendable {
  /// How long somebody may take at the provider, in seconds.
  static let lifetime: Double = 600
  private static let context = "a sign-in at an OpenID provider"

  /// Where to send the browser, and what it must bring back.
  public struct Start: Sendable {
    /// The provider's page.
    public let location: String
    /// Sealed; for a cookie that lives ten minutes.
    public let state: String
  }

  /// The query with which the provider sends the browser back.
  public struct Answer: Sendable {
    public var code: String
    public var state: String
    public var error: String
    public var issuer: String

    /// All as they came; "" for what didn't.
    public init(code: String, state: String, error: String, issuer: String) {
      self.code = code
      self.state = state
      self.error = error
      self.issuer = issuer
    }
  }

  private struct Pending: Codable {
    let state: String
    let nonce: String
    let verifier: String
    let redirectURI: String
    let next: String?
    let time: Date
  }

  /// What the button says people sign in with.
  public let name: String
  private let provider: OpenIDProvider
  private let accounts: Accounts
  private let logger: Logger

  init(settings: OpenIDSettings, accounts: Accounts, logger: Logger) {
    name = settings.name
    provider = OpenIDProvider(
      settings: settings,
      transport: OpenIDTransport(certificateAuthorities: settings.certificateAuthorities),
      now: accounts.now)
    self.accounts = accounts
    self.logger = logger
  }

  /// Begins a sign-in.
  ///
  /// - Parameters:
  ///   - redirectURI: ours, as the provider knows it.
  ///   - next: where the person wanted to go.
  /// - Throws: `unavailable` when the provider can't be asked.
  public func begin(
    returningTo redirectURI: String, next: String?
  ) async throws(DomainError) -> Start {
    let metadata: OpenIDMetadata
    do throws(OpenIDFailure) {
      metadata = try await provider.metadata()
    } catch { throw refusal(error) }
    let pending = Pending(
      state: RandomText.base64URL(bytes: 32), nonce: RandomText.base64URL(bytes: 32),
      verifier: RandomText.base64URL(bytes: 32), redirectURI: redirectURI, next: next,
      time: accounts.now())
    let challenge = Data(SHA256.hash(data: Data(pending.verifier.utf8))).base64URL
    var scopes = ["openid", "email", "profile"]
    if !provider.settings.roles.isEmpty, metadata.scopes.contains("groups") {
      scopes.append("groups")
    }
    let query = [
      ("response_type", "code"), ("client_id", provider.settings.clientID),
      ("redirect_uri", redirectURI), ("scope", scopes.joined(separator: " ")),
      ("state", pending.state), ("nonce", pending.nonce), ("code_challenge", challenge),
      ("code_challenge_method", "S256"),
    ].map { "\(FormEncoding.encoded($0))=\(FormEncoding.encoded($1))" }.joined(separator: "&")
    let separator = metadata.authorizationEndpoint.contains("?") ? "&" : "?"
    guard let text = try? JSONEncoder().encode(pending) else {
      throw DomainError(.internalError, "The sign-in couldn't be begun.", advice: "Try again.")
    }
    let sealed = try await accounts.formSeal.seal(
      String(decoding: text, as: UTF8.self), for: Self.context)
    return Start(
      location: metadata.authorizationEndpoint + separator + query, state: sealed)
  }

  /// Finishes a sign-in with what the browser brought back.
  ///
  /// - Parameter state: the sealed text of ``begin(returningTo:next:)``; "" when
  ///   the browser has lost it.
  /// - Returns: who it is, and where they wanted to go.
  /// - Throws: `invalid` when it wasn't begun in this browser or took too long;
  ///   `forbidden` for people whom the provider or their groups don't let in;
  ///   `unavailable`.
  public func finish(
    _ answer: Answer, state: String, from client: ClientInfo
  ) async throws(DomainError) -> (ExternalSignIn, next: String?) {
    guard let text = try await accounts.formSeal.open(state, for: Self.context),
      let pending = try? JSONDecoder().decode(Pending.self, from: Data(text.utf8)),
      accounts.now().timeIntervalSince(pending.time) < Self.lifetime,
      RandomText.isSame(pending.state, answer.state)
    else {
      throw DomainError(
        .invalid, "This sign-in wasn't begun in this browser, or more than ten minutes ago.",
        advice: "Begin it again.")
    }
    let identity: ExternalIdentity
    do throws(OpenIDFailure) {
      identity = try await self.identity(answer, pending)
    } catch { throw refusal(error) }
    return (try await accounts.signIn(identity, from: client), pending.next)
  }

  /// Whether a provider answers as it should.
  ///
  /// - Throws: `unavailable` with what is wrong in ``DomainError/underlying``.
  static func check(_ settings: OpenIDSettings) async throws(DomainError) {
    let provider = OpenIDProvider(
      settings: settings,
      transport: OpenIDTransport(certificateAuthorities: settings.certificateAuthorities),
      now: { Date() })
    do throws(OpenIDFailure) {
      _ = try await provider.metadata()
    } catch { throw refusal(error, name: settings.name) }
  }

  // MARK: Steps

  private func identity(
    _ answer: Answer, _ pending: Pending
  ) async throws(OpenIDFailure) -> ExternalIdentity {
    let metadata = try await provider.metadata()
    // An answer mixed up with another provider's must not reach this one.
    guard answer.issuer == metadata.issuer || (answer.issuer.isEmpty && !metadata.namesIssuer)
    else { throw .unbelievable("the answer names another issuer") }
    guard answer.error.isEmpty else { throw .refused(String(answer.error.prefix(60))) }
    guard !answer.code.isEmpty else { throw .unusable("its answer has no code") }
    let tokens = try await provider.exchange(
      code: answer.code, verifier: pending.verifier, redirectURI: pending.redirectURI)
    let claims = try await provider.claims(in: tokens.idToken, nonce: pending.nonce)
    let needsMore =
      claims["email"]?.string == nil
      || (!provider.settings.roles.isEmpty && claims[provider.settings.groupsClaim] == nil)
    guard needsMore, let accessToken = tokens.accessToken,
      let more = try await provider.userInfo(accessToken)
    else { return try identity(claims, nil, metadata) }
    // The answer may be somebody else's (OpenID Connect Core 1.0 §5.3.2).
    guard more["sub"]?.string == claims["sub"]?.string else {
      throw .unbelievable("its information is about somebody else")
    }
    return try identity(claims, more, metadata)
  }

  private func identity(
    _ claims: JSONValue, _ more: JSONValue?, _ metadata: OpenIDMetadata
  ) throws(OpenIDFailure) -> ExternalIdentity {
    let settings = provider.settings
    func claim(_ key: String) -> JSONValue? { claims[key] ?? more?[key] }
    guard let email = claim("email")?.string, !email.isEmpty else {
      throw .refused("it told no e-mail address")
    }
    let verified = claim("email_verified")
    let isVerified = verified?.bool ?? (verified?.string.map { $0 == "true" })
    guard isVerified ?? settings.trustsEmail else {
      throw .refused("it hasn't verified the address \(email)")
    }
    let list = claim(settings.groupsClaim)
    let groups = list?.string.map { [$0] } ?? (list?.array ?? []).compactMap(\.string)
    let role = settings.role(of: groups)
    guard role != nil || settings.roles.isEmpty else {
      throw .refused("none of the groups of \(email) may use BabyHelm")
    }
    return ExternalIdentity(
      issuer: metadata.issuer, subject: claims["sub"]?.string ?? "", email: email,
      name: claim("name")?.string ?? claim("preferred_username")?.string ?? "", role: role)
  }

  /// A failure in words for the person, and all of it for the log.
  private func refusal(_ failure: OpenIDFailure) -> DomainError {
    let error = Self.refusal(failure, name: name)
    logger.warning(
      "a single sign-on failed", metadata: ["reason": "\(error.underlying ?? "")"])
    return error
  }

  private static func refusal(_ failure: OpenIDFailure, name: String) -> DomainError {
    switch failure {
    case .unreachable(let reason):
      DomainError(
        .unavailable, "\(name) doesn't answer.",
        advice: "Try again in a moment, or log in with your password.", underlying: reason)
    case .unusable(let reason):
      DomainError(
        .unavailable, "\(name) doesn't answer as it should.",
        advice: "Tell an admin; `babyhelm doctor` says what is wrong.", underlying: reason)
    case .unbelievable(let reason):
      DomainError(
        .forbidden, "You were not signed in: what \(name) handed out isn't believed.",
        advice: "Begin again, and tell an admin if it stays so.", underlying: reason)
    case .refused(let reason):
      DomainError(
        .forbidden, "You were not signed in: \(name) refused, \(reason).",
        advice: "Ask its admin to let you in.", underlying: reason)
    }
  }
}
