internal import Foundation
internal import Kubernetes
internal import Logging
internal import Synchronization

/// What a provider says about itself (OpenID Connect Discovery 1.0 §3).
struct OpenIDMetadata: Sendable {
  let issuer: String
  let authorizationEndpoint: String
  let tokenEndpoint: String
  let keysEndpoint: String
  let userInfoEndpoint: String?
  let scopes: [String]
  let tokenAuthentication: [String]
  /// Whether the answer to the browser names the issuer (RFC 9207 §3).
  let namesIssuer: Bool

  /// - Parameter wanted: the configured issuer, which the document must name
  ///   exactly (§4.3).
  init(_ json: JSONValue, wanted: String) throws(OpenIDFailure) {
    func text(_ key: String) throws(OpenIDFailure) -> String {
      guard let value = json[key]?.string, OpenIDProvider.isSafe(value) else {
        throw .unusable("its description has no usable “\(key)”")
      }
      return value
    }
    guard json["issuer"]?.string == wanted else {
      throw .unusable("its description names another issuer than “\(wanted)”")
    }
    issuer = wanted
    authorizationEndpoint = try text("authorization_endpoint")
    tokenEndpoint = try text("token_endpoint")
    keysEndpoint = try text("jwks_uri")
    userInfoEndpoint = json["userinfo_endpoint"]?.string.flatMap {
      OpenIDProvider.isSafe($0) ? $0 : nil
    }
    func texts(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
    scopes = texts("scopes_supported")
    tokenAuthentication = texts("token_endpoint_auth_methods_supported")
    namesIssuer = json["authorization_response_iss_parameter_supported"]?.bool ?? false
  }
}

/// Why a sign-in at a provider came to nothing, for the log and for people.
enum OpenIDFailure: Error, Sendable {
  /// No answer in time.
  case unreachable(String)
  /// It answers, but not as OpenID Connect says.
  case unusable(String)
  /// What it handed out isn't believed.
  case unbelievable(String)
  /// It refused, in its own words.
  case refused(String)
}

/// One OpenID provider, asked over HTTPS. What it says about itself is kept
/// for an hour; its keys are read anew when a token names an unknown one, so
/// that a rotation goes unnoticed.
final class OpenIDProvider: Sendable {
  /// How long the description counts, in seconds.
  private static let descriptionLifetime: Double = 3600
  /// How often an unknown key may make us ask again, in seconds.
  private static let keysInterval: Double = 5

  private struct Known {
    var metadata: OpenIDMetadata?
    var metadataAt = Date.distantPast
    var keys: [JSONValue] = []
    var keysAt = Date.distantPast
  }

  let settings: OpenIDSettings
  private let transport: OpenIDTransport
  private let now: @Sendable () -> Date
  private let known = Mutex(Known())

  init(
    settings: OpenIDSettings, transport: OpenIDTransport,
    now: @escaping @Sendable () -> Date
  ) {
    self.settings = settings
    self.transport = transport
    self.now = now
  }

  /// Whether nobody between reads along: https, or a provider on this machine.
  static func isSafe(_ address: String) -> Bool {
    guard let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.fragment == nil
    else { return false }
    let isLocal = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
    return parts.scheme == "https" || (parts.scheme == "http" && isLocal)
  }

  /// The provider's description.
  func metadata() async throws(OpenIDFailure) -> OpenIDMetadata {
    let time = now()
    let fresh = known.withLock { known in
      abs(time.timeIntervalSince(known.metadataAt)) < Self.descriptionLifetime
        ? known.metadata : nil
    }
    if let fresh { return fresh }
    guard Self.isSafe(settings.issuer) else {
      throw .unusable("its issuer “\(settings.issuer)” is no https address")
    }
    let base = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
    let json = try await transport.json(
      at: "\(base)/.well-known/openid-configuration", bearer: nil)
    let metadata = try OpenIDMetadata(json, wanted: settings.issuer)
    known.withLock { known in
      known.metadata = metadata
      known.metadataAt = time
    }
    return metadata
  }

  /// Turns the code that the browser brought into an ID token and an access
  /// token (RFC 6749 §4.1.3, RFC 7636 §4.5).
  func exchange(
    code: String, verifier: String, redirectURI: String
  ) async throws(OpenIDFailure) -> (idToken: String, accessToken: String?) {
    let metadata = try await metadata()
    var form = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
      ("code_verifier", verifier),
    ]
    var authorization: String?
    if let secret = settings.clientSecret {
      let methods = metadata.tokenAuthentication
      if methods.isEmpty || methods.contains("client_secret_basic") {
        // RFC 6749 §2.3.1: both are form-encoded before they are joined.
        let pair =
          "\(FormEncoding.encoded(settings.clientID)):\(FormEncoding.encoded(secret))"
        authorization = "Basic \(Data(pair.utf8).base64EncodedString())"
      } else {
        form += [("client_id", settings.clientID), ("client_secret", secret)]
      }
    } else {
      form.append(("client_id", settings.clientID))
    }
    let answer = try await transport.post(
      form, to: metadata.tokenEndpoint, authorization: authorization)
    guard let idToken = answer["id_token"]?.string else {
      throw .unusable("it handed out no ID token")
    }
    return (idToken, answer["access_token"]?.string)
  }

  /// The claims of an ID token that is the provider's, for us, fresh, and the
  /// answer to this very request.
  func claims(in token: String, nonce: String) async throws(OpenIDFailure) -> JSONValue {
    let metadata = try await metadata()
    let check = IDTokenCheck(
      issuer: metadata.issuer, clientID: settings.clientID, nonce: nonce, now: now())
    let keys = try await keys(metadata, for: try IDTokenCheck.header(of: token))
    return try await check.claims(in: token, keys: keys)
  }

  /// What the provider tells about the person beyond the ID token
  /// (OpenID Connect Core 1.0 §5.3); nil when it has no such endpoint.
  func userInfo(_ accessToken: String) async throws(OpenIDFailure) -> JSONValue? {
    guard let endpoint = try await metadata().userInfoEndpoint else { return nil }
    return try await transport.json(at: endpoint, bearer: accessToken)
  }

  /// The keys that a token may be signed with.
  private func keys(
    _ metadata: OpenIDMetadata, for header: IDTokenCheck.Header
  ) async throws(OpenIDFailure) -> [JSONValue] {
    let time = now()
    let (keys, age) = known.withLock { known in
      (known.keys, abs(time.timeIntervalSince(known.keysAt)))
    }
    let isKnown = keys.contains { header.keyID == nil || $0["kid"]?.string == header.keyID }
    let isFresh = age < (isKnown ? Self.descriptionLifetime : Self.keysInterval)
    if isFresh, !keys.isEmpty { return keys }
    let answer = try await transport.json(at: metadata.keysEndpoint, bearer: nil)
    let read = (answer["keys"]?.array ?? []).filter {
      $0["use"]?.string == nil || $0["use"]?.string == "sig"
    }
    known.withLock { known in
      known.keys = read
      known.keysAt = time
    }
    return read
  }
}
