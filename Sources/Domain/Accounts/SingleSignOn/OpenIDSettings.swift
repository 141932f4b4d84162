/// What an operator says about the OpenID provider that signs people in.
public struct OpenIDSettings: Sendable, Equatable {
  /// The provider's issuer identifier, an https address without a query
  /// (OpenID Connect Discovery 1.0 §2); http only on loopback.
  public var issuer: String
  /// What the provider calls BabyHelm.
  public var clientID: String
  /// A secret; nil for a public client.
  public var clientSecret: String?
  /// What the button says people sign in with.
  public var name: String
  /// The claim with the groups of a person.
  public var groupsClaim: String
  /// The platform role that a group gives, the highest of a person's groups;
  /// `*` is everybody. Without any, roles are BabyHelm's own affair.
  public var roles: [String: PlatformRole]
  /// Whether an address counts that the provider says nothing about, as some
  /// do whose addresses only administrators set.
  public var trustsEmail: Bool
  /// Certificates that count beside the system's, as PEM; nil for none.
  public var certificateAuthorities: String?

  public init(
    issuer: String, clientID: String, clientSecret: String? = nil, name: String = "single sign-on",
    groupsClaim: String = "groups", roles: [String: PlatformRole] = [:],
    trustsEmail: Bool = false, certificateAuthorities: String? = nil
  ) {
    self.issuer = issuer
    self.clientID = clientID
    self.clientSecret = clientSecret
    self.name = name
    self.groupsClaim = groupsClaim
    self.roles = roles
    self.trustsEmail = trustsEmail
    self.certificateAuthorities = certificateAuthorities
  }

  /// The role that groups give.
  ///
  /// - Returns: nil when roles are mapped and none of these groups has one.
  func role(of groups: [String]) -> PlatformRole? {
    (groups + ["*"]).compactMap { roles[$0] }.max { $0.rank < $1.rank }
  }
}

extension PlatformRole {
  /// Which of two roles may more.
  fileprivate var rank: Int {
    switch self {
    case .visitor: 0
    case .member: 1
    case .admin: 2
    }
  }
}
