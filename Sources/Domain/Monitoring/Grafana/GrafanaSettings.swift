/// Where Grafana is, and how people come in.
public struct GrafanaSettings: Sendable, Hashable {
  /// How Grafana learns who looks.
  public enum SignIn: String, Sendable, Hashable, CaseIterable {
    /// By a token of BabyHelm, in the address (`[auth.jwt]`, `url_login`).
    case jwt
    /// Not at all: it shows its dashboards to everybody who reaches it.
    case anonymous
    /// By itself; BabyHelm links to it and embeds nothing.
    case link
  }

  /// Without a slash at its end: `https://grafana.example.net/sub`.
  public let address: String
  public let signIn: SignIn
  /// The organization to look at; nil for the person's own.
  public let organization: Int?
  /// Where people reach BabyHelm, which tokens name as their issuer; empty when
  /// that isn't configured.
  public let issuer: String

  public init(
    address: String, signIn: SignIn = .link, organization: Int? = nil, issuer: String = ""
  ) {
    self.address = address
    self.signIn = signIn
    self.organization = organization
    self.issuer = issuer
  }

  /// Scheme, host and port, for a Content Security Policy.
  public var origin: String {
    let rest = address.drop { $0 != ":" }.dropFirst(3)
    return "\(address.prefix { $0 != ":" })://\(rest.prefix { $0 != "/" })"
  }
}
