import Domain

/// What every page and middleware knows of this installation. Made once from
/// the configuration.
struct Site: Sendable {
  /// The origin people reach BabyHelm at, "https://babyhelm.example.net",
  /// without a path; nil when it follows from each request's Host.
  var publicOrigin: String?
  /// Whether nothing real runs, so that every page says so.
  var isSandbox: Bool
  /// The reverse proxies whose forwarding headers are believed.
  var trustedProxies: ProxyAddresses
  /// What people become who come from the tailnet for the first time; nil
  /// when its headers sign nobody in.
  var tailnetRole: PlatformRole?
  /// Who may read `/metrics` here; nil when it isn't there.
  var metricsAccess: MetricsAccess?

  init(
    publicOrigin: String? = nil, isSandbox: Bool = false,
    trustedProxies: ProxyAddresses = ProxyAddresses(), tailnetRole: PlatformRole? = nil,
    metricsAccess: MetricsAccess? = nil
  ) {
    self.metricsAccess = metricsAccess
    self.tailnetRole = tailnetRole
    self.publicOrigin = publicOrigin
    self.isSandbox = isSandbox
    self.trustedProxies = trustedProxies
  }

  /// Whether people come over HTTPS. Decides the cookies' names and `Secure`.
  var isSecure: Bool { publicOrigin?.hasPrefix("https://") ?? false }
}
