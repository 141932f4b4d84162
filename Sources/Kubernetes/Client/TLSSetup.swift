import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

extension HTTPClient.Configuration {
  /// What every request to the server shares.
  ///
  /// - Throws: ``KubernetesError/credentials(_:)`` for certificates and keys
  ///   that can't be read.
  init(_ cluster: ClusterConfiguration) throws(KubernetesError) {
    self.init()
    if cluster.isTLS { tlsConfiguration = try TLSConfiguration(cluster.tls) }
    redirectConfiguration = .disallow
    // HTTP/2 would put all watches on one connection, with a limit on streams.
    httpVersion = .http1Only
    timeout.connect = .seconds(5)
    // Otherwise a refused connection is tried again until the deadline.
    connectionPool.retryConnectionEstablishment = false
    connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
    if cluster.isTLS, let name = cluster.tls.serverName {
      dnsOverride[name] = cluster.server.host(percentEncoded: false)
    }
    switch cluster.proxy?.kind {
    case .http: proxy = cluster.proxy.map(HTTPClient.Configuration.Proxy.init(http:))
    case .socks5:
      proxy = cluster.proxy.map { .socksServer(host: $0.host, port: $0.port) }
    case nil: break
    }
  }
}

extension HTTPClient.Configuration.Proxy {
  fileprivate init(http proxy: ClusterConfiguration.Proxy) {
    self =
      if let login = proxy.authorization {
        .server(
          host: proxy.host, port: proxy.port,
          authorization: .basic(username: login.username, password: login.password))
      } else {
        .server(host: proxy.host, port: proxy.port)
      }
  }
}

extension TLSConfiguration {
  /// - Throws: ``KubernetesError/credentials(_:)`` for PEM that can't be read.
  init(_ settings: ClusterConfiguration.TLSSettings) throws(KubernetesError) {
    self = .makeClientConfiguration()
    if settings.isVerificationSkipped {
      certificateVerification = .none
    } else if let authorities = settings.certificateAuthorities {
      do {
        trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authorities.utf8)))
      } catch {
        throw .credentials(.badCertificate(what: "The cluster's certificate authority"))
      }
    }
    guard let pair = settings.clientCertificate else { return }
    do {
      certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(pair.certificateChain.utf8))
        .map { .certificate($0) }
    } catch {
      throw .credentials(.badCertificate(what: "The client certificate"))
    }
    do {
      privateKey = .privateKey(
        try NIOSSLPrivateKey(bytes: Array(pair.privateKey.utf8), format: .pem))
    } catch {
      throw .credentials(.badCertificate(what: "The client certificate's key"))
    }
  }
}
