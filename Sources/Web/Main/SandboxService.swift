import Kubernetes
import Logging
import Sandbox
import ServiceLifecycle

/// The sandbox cluster within this process, on a loopback port of its own.
struct SandboxService: ServiceLifecycle.Service {
  /// How our own client reaches it.
  let cluster: ClusterConfiguration

  private let running: Task<Void, any Error>

  /// Starts the sandbox and waits until it listens, since its port must be
  /// known before there can be a client.
  init(logger: Logger) async throws {
    var logger = logger
    // Its request log would only repeat what BabyHelm asks.
    logger.logLevel = max(logger.logLevel, .warning)
    let server = SandboxServer(configuration: SandboxConfiguration(), logger: logger)
    running = Task { try await server.run() }
    _ = try await server.listening()
    cluster = try Kubeconfig.load(text: server.kubeconfigText(), path: "the sandbox's kubeconfig")
  }

  func run() async throws {
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await running.value
      } onGracefulShutdown: {
        running.cancel()
      }
    } onCancel: {
      running.cancel()
    }
  }
}
