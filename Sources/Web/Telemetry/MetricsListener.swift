import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// A listener of its own for `/metrics`, which knows nothing else.
struct MetricsListener: ServiceLifecycle.Service {
  let pages: MetricsPages
  let address: ListenAddress
  let logger: Logger
  /// Called once with the port that is really used.
  var onListening: @Sendable (Int) -> Void = { _ in }

  /// Runs until the program shuts down.
  ///
  /// - Throws: ``StartupError`` when it can't listen.
  func run() async throws {
    let router = Router(context: AppRequestContext.self)
    pages.addRoutes(to: router)
    do {
      try await buildApplication(
        router: router, address: address, logger: logger, onListening: onListening
      ).run()
    } catch let error as IOError {
      throw StartupError(
        "--metrics-address \(address.text) can't be listened on: \(error). "
          + "Choose another address or port.")
    }
  }
}
