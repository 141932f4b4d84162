import Kubernetes
import Logging
import Sandbox
import ServiceLifecycle

/// The sandbox cluster within this process, on a loopback port of its own.
struct SandboxService: ServiceLifecycle.Service {
  /// How our own client reaches it.
  let cluster: ClusterConfiguration

  private let group: ServiceGroup
  private let running: Task<Void, any Error>

  /// Starts the sandbox and waits until it listens, since its port must be
  /// known before there can be a client.
  init(faults: SandboxFaults, logger: Logger) async throws {
    var logger = logger
    // Its request log would only repeat what BabyHelm asks.
    logger.logLevel = max(logger.logLevel, .warning)
    let server = SandboxServer(
      configuration: SandboxConfiguration(faults: faults), logger: logger)
    let group = ServiceGroup(services: [Server(server: server)], logger: logger)
    self.group = group
    running = Task { try await group.run() }
    _ = try await server.listening()
    cluster = try Kubeconfig.load(text: server.kubeconfigText(), path: "the sandbox's kubeconfig")
  }

  /// Runs until the sandbox, which already runs, is told to stop.
  func run() async throws {
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await running.value
      } onGracefulShutdown: {
        Task { await group.triggerGracefulShutdown() }
      }
    } onCancel: {
      running.cancel()
    }
  }

  private struct Server: ServiceLifecycle.Service {
    let server: SandboxServer

    func run() async throws {
      try await server.run()
    }
  }
}
