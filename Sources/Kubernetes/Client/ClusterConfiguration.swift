public import Foundation

/// How to reach one API server, and as whom.
public struct ClusterConfiguration: Sendable {
  /// The server's address, http or https, perhaps with a path.
  public var server: URL
  /// How to check the server, and which certificate to show.
  public var tls: TLSSettings
  /// Asked before every request.
  public var credentials: any CredentialsProvider
  /// `nil` connects directly.
  public var proxy: Proxy?
  /// The namespace that the kubeconfig's context prefers.
  public var namespace: String?
  /// The kubeconfig's context; `nil` without a kubeconfig.
  public var contextName: String?
  /// Where it was read from, and is read again when that changes; `nil` for
  /// what doesn't come from files.
  public var source: Source?

  /// The files that a configuration comes from. A token's own file isn't among
  /// them: ``TokenFileCredentials`` looks after it.
  public struct Source: Sendable {
    /// What to look at: the kubeconfigs, certificates and keys.
    public var files: Set<String>
    /// Reads them all again.
    public var load: @Sendable () throws(KubeconfigError) -> ClusterConfiguration

    /// Names files, and how they become a configuration.
    public init(
      files: Set<String>,
      load: @escaping @Sendable () throws(KubeconfigError) -> ClusterConfiguration
    ) {
      self.files = files
      self.load = load
    }
  }

  /// How to check the server, and how to prove who one is.
  public struct TLSSettings: Sendable, Hashable {
    /// The authorities to trust, as PEM; `nil` trusts the system's.
    public var certificateAuthorities: String?
    /// Shown to a server that asks for one.
    public var clientCertificate: ClientCertificate?
    /// The name that the server's certificate must have, if not the address's.
    public var serverName: String?
    /// Whether to believe any certificate. Never outside of trials.
    public var isVerificationSkipped: Bool

    /// By default the system's authorities and full verification.
    public init(
      certificateAuthorities: String? = nil, clientCertificate: ClientCertificate? = nil,
      serverName: String? = nil, isVerificationSkipped: Bool = false
    ) {
      self.certificateAuthorities = certificateAuthorities
      self.clientCertificate = clientCertificate
      self.serverName = serverName
      self.isVerificationSkipped = isVerificationSkipped
    }
  }

  /// A proxy between here and the server.
  public struct Proxy: Sendable, Hashable {
    /// How to speak with it.
    public enum Kind: Sendable { case http, socks5 }

    /// How to speak with it.
    public var kind: Kind
    /// A name or an IP address.
    public var host: String
    /// A TCP port.
    public var port: Int
    /// User and password for an HTTP proxy.
    public var authorization: Login?

    /// A user and a password.
    public struct Login: Sendable, Hashable {
      /// Must not hold a colon.
      public var username: String
      /// A secret: never log it.
      public var password: String

      /// Makes a login.
      public init(username: String, password: String) {
        self.username = username
        self.password = password
      }
    }

    /// Describes a proxy.
    public init(kind: Kind, host: String, port: Int, authorization: Login? = nil) {
      self.kind = kind
      self.host = host
      self.port = port
      self.authorization = authorization
    }
  }

  /// By default the system's authorities and no credentials.
  public init(
    server: URL, tls: TLSSettings = TLSSettings(),
    credentials: any CredentialsProvider = StaticCredentials(), proxy: Proxy? = nil,
    namespace: String? = nil, contextName: String? = nil
  ) {
    self.server = server
    self.tls = tls
    self.credentials = credentials
    self.proxy = proxy
    self.namespace = namespace
    self.contextName = contextName
  }

  /// Host and port, to show: `10.0.0.1:6443`.
  public var host: String {
    let name = server.host(percentEncoded: false) ?? "?"
    let bracketed = name.contains(":") ? "[\(name)]" : name
    return "\(bracketed):\(port)"
  }

  var isTLS: Bool { server.scheme?.lowercased() == "https" }
  var port: Int { server.port ?? (isTLS ? 443 : 80) }

  /// Scheme, host and port, for errors. Never a user or a password.
  var address: String { "\(isTLS ? "https" : "http")://\(host)" }
}
