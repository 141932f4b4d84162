internal import Foundation
internal import JWTKit

/// Who somebody is in Grafana: a name that follows from their account's id and
/// not from their e-mail address, which nobody may have verified. Else whoever
/// registers here with an address would become whoever has it there.
struct GrafanaIdentity: Sendable, Hashable {
  private static let prefix = "babyhelm-"
  /// All people who look around without an account are one person there.
  static let visitors = GrafanaIdentity(login: "babyhelm-visitors", name: "Visitors")

  let login: String
  let name: String

  /// Grafana wants one for each account. Nothing can be sent there (RFC 2606 §2).
  var email: String { "\(login)@babyhelm.invalid" }

  private init(login: String, name: String) {
    self.login = login
    self.name = name
  }

  init(_ principal: Principal) {
    self =
      principal.vanishesAt == nil
      ? GrafanaIdentity(login: Self.prefix + principal.userID.rawValue, name: principal.name)
      : .visitors
  }

  /// Whom a login of Grafana belongs to.
  enum Owner: Sendable, Hashable {
    case visitors
    case person(User.ID)
    /// An account that Grafana has from elsewhere.
    case unknown
  }

  static func owner(of login: String) -> Owner {
    if login == visitors.login { return .visitors }
    guard login.hasPrefix(prefix), login.utf8.count > prefix.utf8.count else { return .unknown }
    return .person(User.ID(rawValue: String(login.dropFirst(prefix.count))))
  }
}

/// What a token for Grafana says (RFC 7519; Grafana: “Configure JWT
/// authentication”).
struct GrafanaClaims: JWTPayload {
  static let audience = "grafana"

  var iss: IssuerClaim
  var aud: AudienceClaim
  var sub: SubjectClaim
  var iat: IssuedAtClaim
  var nbf: NotBeforeClaim
  var exp: ExpirationClaim
  var login: String
  var email: String
  var name: String
  /// What `role_attribute_path` reads: nobody changes dashboards this way.
  var role = "Viewer"
  /// What the token was made for; all for an admin's overview. Grafana itself
  /// doesn't heed it, a proxy before a data source may.
  var namespaces: [String]

  init(
    _ identity: GrafanaIdentity, issuer: String, namespaces: [String], at time: Date
  ) {
    // Whole seconds, as a NumericDate is best written (RFC 7519 §2).
    let now = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
    iss = IssuerClaim(value: issuer)
    aud = AudienceClaim(value: [Self.audience])
    sub = SubjectClaim(value: identity.login)
    iat = IssuedAtClaim(value: now)
    nbf = NotBeforeClaim(value: now)
    exp = ExpirationClaim(value: now.addingTimeInterval(IdentityTokens.lifetime))
    login = identity.login
    email = identity.email
    name = identity.name
    self.namespaces = namespaces
  }

  /// Nobody here reads such a token: Grafana does.
  func verify(using algorithm: some JWTAlgorithm) throws {}
}
