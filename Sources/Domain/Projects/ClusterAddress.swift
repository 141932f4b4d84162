public import struct Foundation.URL
internal import Kubernetes

/// Where members reach the cluster with a kubeconfig.
public struct ClusterAddress: Sendable, Hashable {
  /// The API server's address, without credentials in it.
  public var server: URL
  /// The authorities to trust, as PEM; nil for the system's.
  public var certificateAuthorities: String?
  /// The name that the server's certificate must have, if not the address's.
  public var serverName: String?
  /// Whether a token stands at the end of the address, as in the sandbox's:
  /// kubectl sends no credentials over plain HTTP.
  public var hasTokenInPath: Bool

  /// An address with the system's authorities.
  public init(
    server: URL, certificateAuthorities: String? = nil, serverName: String? = nil,
    hasTokenInPath: Bool = false
  ) {
    self.server = server
    self.certificateAuthorities = certificateAuthorities
    self.serverName = serverName
    self.hasTokenInPath = hasTokenInPath
  }

  init(_ configuration: ClusterConfiguration) {
    self.init(
      server: configuration.server,
      certificateAuthorities: configuration.tls.certificateAuthorities,
      serverName: configuration.tls.serverName)
  }
}
