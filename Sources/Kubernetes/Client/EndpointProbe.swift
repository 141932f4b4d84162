import AsyncHTTPClient
import Foundation
public import Logging
import NIOCore
import NIOHTTP1

/// One GET to any HTTP address, connected to an IP address that the caller
/// chose: the host's name is not looked up again, no redirect is followed and
/// no body is read.
public enum EndpointProbe {
  /// Asks once.
  ///
  /// - Parameters:
  ///   - host: the name in the URL, the Host header and the TLS handshake; a
  ///     certificate must be for it.
  ///   - address: the IP address to connect to.
  ///   - timeout: for everything together.
  /// - Returns: the status code of the answer.
  /// - Throws: ``KubernetesError/unreachable(address:_:)``,
  ///   ``KubernetesError/timedOut(address:after:)`` or
  ///   ``KubernetesError/cancelled``.
  public static func statusCode(
    host: String, port: Int, isTLS: Bool, path: String = "/", address: String, timeout: Duration,
    logger: Logger
  ) async throws(KubernetesError) -> Int {
    var settings = HTTPClient.Configuration()
    settings.redirectConfiguration = .disallow
    settings.httpVersion = .http1Only
    settings.connectionPool.retryConnectionEstablishment = false
    settings.dnsOverride[host] = address
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    let name = host.contains(":") ? "[\(host)]" : host
    let isUsual = port == (isTLS ? 443 : 80)
    var request = HTTPClientRequest(
      url: "\(isTLS ? "https" : "http")://\(name)\(isUsual ? "" : ":\(port)")\(path)")
    request.headers.add(name: "User-Agent", value: "babyhelm-check")
    request.headers.add(name: "Connection", value: "close")
    let prepared = request
    let result: Result<Int, KubernetesError>
    do {
      let status = try await withTimeout(timeout) {
        try await client.execute(prepared, deadline: .now() + .minutes(1), logger: logger).status
      }
      result = .success(Int(status.code))
    } catch {
      var mapped = ConnectionErrors.mapped(error, address: "\(name):\(port)", timeout: timeout)
      if case .unreachable(let shown, .untrustedCertificate) = mapped {
        let why = await reasonOfDistrust(host, address, port)
        mapped = .unreachable(address: shown, why)
      }
      result = .failure(mapped)
    }
    do {
      try await client.shutdown()
    } catch {
      logger.debug("Closing a connection: \(error)")
    }
    return try result.get()
  }

  private static func reasonOfDistrust(
    _ host: String, _ address: String, _ port: Int
  ) async -> Unreachable {
    let name = address.contains(":") ? "[\(address)]" : address
    guard let url = URL(string: "https://\(name):\(port)") else { return .untrustedCertificate }
    return await CertificateProbe(
      ClusterConfiguration(server: url, tls: .init(serverName: host))
    ).reasonOfDistrust()
  }
}
