import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Where the server listens.
struct ListenAddress: Sendable, Equatable {
  var host = "127.0.0.1"
  var port = 8080
}

/// The web server over given services: what `serve` runs, and benchmarks too.
///
/// - Parameter onListening: called once with the port that is really used.
func buildApplication(
  site: Site, services: Services, address: ListenAddress = ListenAddress(), logger: Logger,
  onListening: @escaping @Sendable (Int) -> Void = { _ in }
) -> some ApplicationProtocol {
  buildApplication(
    router: SiteRouter.make(site: site, services: services), address: address, logger: logger,
    onListening: onListening)
}

/// The web server over a router, to which a test may have added pages.
///
/// - Parameter idle: how long a connection may idle, or take for its headers.
func buildApplication(
  router: Router<AppRequestContext>, address: ListenAddress, logger: Logger,
  idle: TimeAmount = .seconds(60),
  onListening: @escaping @Sendable (Int) -> Void = { _ in }
) -> some ApplicationProtocol {
  Hummingbird.Application(
    responder: StreamResponder(inner: router.buildResponder()),
    server: .http1(configuration: connectionConfiguration(idle: idle)),
    configuration: ApplicationConfiguration(
      address: .hostname(address.host, port: address.port), serverName: nil),
    onServerRunning: { channel in onListening(channel.localAddress?.port ?? address.port) },
    logger: logger)
}

/// The bounds of one connection: how long it may idle or take for its headers,
/// and how large these may be.
private func connectionConfiguration(idle: TimeAmount) -> HTTP1Channel.Configuration {
  HTTP1Channel.Configuration(
    additionalChannelHandlers: [CompressionSetup()],
    idleTimeout: idle,
    httpDecoderConfiguration: .init(
      maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))
}
