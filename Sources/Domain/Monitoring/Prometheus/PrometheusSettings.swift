/// Where Prometheus is, and how to speak with it: what the operator decided.
public struct PrometheusSettings: Sendable, Hashable {
  /// How BabyHelm says who it is.
  public enum Credentials: Sendable, Hashable {
    case none
    /// A bearer token in a file, which somebody else may keep fresh.
    case tokenFile(String)
    /// A user name, and a file with the password.
    case basic(username: String, passwordFile: String)
  }

  /// An http or https address, perhaps with a path before `/api/v1`, as
  /// Thanos, Mimir and reverse proxies have it. Without a `/` at the end.
  public let address: String
  public let credentials: Credentials
  /// As PEM; beside the system's.
  public let certificateAuthorities: String?
  public let labels: PrometheusLabels

  /// - Parameter address: an http or https address that was checked; a `/` at
  ///   its end is left out.
  public init(
    address: String, credentials: Credentials = .none, certificateAuthorities: String? = nil,
    labels: PrometheusLabels = PrometheusLabels()
  ) {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    self.address = address
    self.credentials = credentials
    self.certificateAuthorities = certificateAuthorities
    self.labels = labels
  }
}
