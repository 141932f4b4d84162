import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Looks at the certificate that a server shows, after it wasn't accepted:
/// BoringSSL says that, but not why. Its connection ends with the handshake;
/// nothing is ever sent over it.
struct CertificateProbe {
  private struct Validity: Sendable {
    let begin: Date
    let end: Date
  }

  private let configuration: ClusterConfiguration

  init(_ configuration: ClusterConfiguration) { self.configuration = configuration }

  /// Why the server's certificate isn't trusted.
  func reasonOfDistrust() async -> Unreachable {
    // Through a proxy this would need the proxy's handshake, too.
    guard configuration.proxy == nil, let validity = await validity() else {
      return .untrustedCertificate
    }
    let now = Date()
    if validity.end < now {
      return .expiredCertificate(Timestamp.text(validity.end))
    }
    if validity.begin > now {
      return .earlyCertificate(Timestamp.text(validity.begin))
    }
    return .untrustedCertificate
  }

  private func validity() async -> Validity? {
    guard let host = configuration.server.host(percentEncoded: false) else { return nil }
    // A server of several names shows each its own certificate; an IP address can't be asked for.
    let name = configuration.tls.serverName
    let asked = name.flatMap { (try? SocketAddress(ipAddress: $0, port: 0)) == nil ? $0 : nil }
    let group = MultiThreadedEventLoopGroup.singleton
    let found = group.next().makePromise(of: Validity?.self)
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(.seconds(2))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Self.handler(asking: asked, telling: found))
          channel.closeFuture.whenComplete { _ in found.succeed(nil) }
        }
      }
    do {
      let channel = try await bootstrap.connect(host: host, port: configuration.port).get()
      let deadline = channel.eventLoop.scheduleTask(in: .seconds(2)) { found.succeed(nil) }
      let validity = try await found.futureResult.get()
      deadline.cancel()
      // It closes itself with the failed handshake; then this throws.
      try? await channel.close()
      return validity
    } catch {
      found.succeed(nil)
      return nil
    }
  }

  private static func handler(
    asking name: String?, telling found: EventLoopPromise<Validity?>
  ) throws -> NIOSSLClientHandler {
    let context = try NIOSSLContext(configuration: .makeClientConfiguration())
    return try NIOSSLClientHandler(
      context: context, serverHostname: name,
      customVerificationCallback: { certificates, verdict in
        verdict.succeed(.failed)
        guard let certificate = certificates.first else { return found.succeed(nil) }
        let begin = Date(timeIntervalSince1970: Double(certificate.notValidBefore))
        let end = Date(timeIntervalSince1970: Double(certificate.notValidAfter))
        found.succeed(Validity(begin: begin, end: end))
      })
  }
}
