import Foundation
import Hummingbird
public import Kubernetes
public import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A small Kubernetes API server with controllers and a fake kubelet, in this
/// process, on loopback.
///
/// It answers like a Kubernetes 1.36 server as far as an application platform
/// needs it; nothing real runs. Any number of servers may run in one process.
public final class SandboxServer: Sendable {
  /// What ``listening()`` throws when the server stopped before it listened.
  public struct NotListening: Error, Sendable, CustomStringConvertible {
    public var description: String { "The sandbox stopped before it listened." }
  }

  /// How the cluster behaves.
  public let configuration: SandboxConfiguration
  /// The bearer token that every request must carry.
  public let token: String
  /// The bearer token of who may do everything, whatever the role says.
  public let adminToken: String
  let cluster: Cluster
  private let logger: Logger
  private let listener = Listener()
  private let injector: FaultInjector
  private let counter = TrafficCounter()

  /// Makes a cluster with three nodes and the usual namespaces. Nothing listens
  /// before ``run()``.
  public init(configuration: SandboxConfiguration = SandboxConfiguration(), logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    token = configuration.token ?? Self.randomToken()
    adminToken = Self.randomToken()
    injector = FaultInjector(configuration.faults, seed: configuration.seed)
    cluster = Cluster(configuration: configuration, faults: injector, logger: logger)
  }

  /// Serves until the task is cancelled or a graceful shutdown begins.
  ///
  /// - Throws: when the address can't be bound; ``SandboxStateError`` when the
  ///   state can't be read at the start or written at the end.
  public func run() async throws {
    defer { listener.close() }
    try await cluster.start()
    let responder = APIResponder(
      cluster: cluster, clients: Clients(self), listener: listener, faults: injector,
      counter: counter)
    let application = Application(
      responder: responder,
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        serverName: nil),
      onServerRunning: { [listener] channel in
        listener.announce(channel.localAddress?.port ?? 0)
      },
      logger: logger)
    var parts = ServiceGroupConfiguration(services: [application], logger: logger)
    parts.maximumGracefulShutdownDuration = .seconds(5)
    let group = ServiceGroup(configuration: parts)
    // Not a child of this task: a server that is cancelled instead of being told to stop drops the
    // connections it has just accepted, and NIO takes that as a programmer's mistake and traps.
    let serving = Task { try await group.run() }
    let outcome = await withTaskCancellationOrGracefulShutdownHandler {
      await serving.result
    } onCancelOrGracefulShutdown: { [cluster] in
      Task {
        await cluster.shutDown()
        await group.triggerGracefulShutdown()
      }
    }
    await cluster.shutDown()
    // One that never listened may not overwrite what another one keeps.
    do {
      if listener.currentPort != nil { try await cluster.saveFinally() }
    } catch {
      await cluster.unlockState()
      throw error
    }
    await cluster.unlockState()
    try outcome.get()
  }

  /// Waits until the server listens.
  ///
  /// - Returns: the port.
  /// - Throws: ``NotListening`` when it stopped before.
  public func listening() async throws -> Int { try await listener.port() }

  /// Changes what goes wrong, from the next request and the next line of each
  /// watch on. What watches have held back until now comes if it may.
  public func setFaults(_ faults: SandboxFaults) async {
    injector.faults = faults
    await cluster.noticeFaults()
  }

  /// What clients have asked for so far; health, discovery and what an admin
  /// asks don't count.
  public var traffic: SandboxTraffic { counter.traffic }

  /// How many watches of a kind are open.
  public func openWatches(of type: ResourceType) async -> Int {
    await cluster.watchers.values.count { $0.type == type }
  }

  /// A kubeconfig for this server, as YAML. Call it once the server listens.
  ///
  /// The address carries the token too: kubectl sends no credentials over plain
  /// HTTP, and a path that nobody can guess keeps other programs out as well.
  ///
  /// With a role there is a second context, `sandbox-admin`, for who may do
  /// everything all the same.
  ///
  /// - Parameter asAdmin: whether that one is the current context, role or not.
  public func kubeconfigText(asAdmin: Bool = false) -> String {
    var clients = [(name: "sandbox", token: token)]
    if asAdmin || configuration.role != nil { clients.append(("sandbox-admin", adminToken)) }
    return """
      apiVersion: v1
      kind: Config
      clusters:
      \(list(clients) { ["cluster:", "  server: \(address($0.token))"] })
      users:
      \(list(clients) { ["user:", "  token: \($0.token)"] })
      contexts:
      \(list(clients) {
        ["context:", "  cluster: \($0.name)", "  user: \($0.name)", "  namespace: default"]
      })
      current-context: \(asAdmin ? "sandbox-admin" : "sandbox")

      """
  }

  private func list(
    _ clients: [(name: String, token: String)],
    _ entry: ((name: String, token: String)) -> [String]
  ) -> String {
    clients.flatMap { client in
      ["- name: \(client.name)"] + entry(client).map { "  \($0)" }
    }.joined(separator: "\n")
  }

  private func address(_ token: String) -> String {
    let port = listener.currentPort ?? configuration.port
    return "http://\(configuration.host):\(port)/\(Clients.tokenPath)/\(token)"
  }

  static func randomToken() -> String {
    var generator = SystemRandomNumberGenerator()
    let words = (0..<4).map { _ in String(generator.next(), radix: 36) }
    return words.joined()
  }
}

/// Tells who waits for it on which port the server listens.
final class Listener: Sendable {
  private enum State {
    case starting([CheckedContinuation<Int, any Error>])
    case listening(Int)
    case closed
  }

  private let state = Mutex(State.starting([]))

  /// The port, once there is one.
  var currentPort: Int? {
    state.withLock { if case .listening(let port) = $0 { port } else { nil } }
  }

  func announce(_ port: Int) { finish(.listening(port)) { $0.resume(returning: port) } }

  func close() { finish(.closed) { $0.resume(throwing: SandboxServer.NotListening()) } }

  func port() async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      let answer: Result<Int, any Error>? = state.withLock { state in
        switch state {
        case .starting(let waiting):
          state = .starting(waiting + [continuation])
          return nil
        case .listening(let port): return .success(port)
        case .closed: return .failure(SandboxServer.NotListening())
        }
      }
      if let answer { continuation.resume(with: answer) }
    }
  }

  private func finish(_ next: State, _ body: (CheckedContinuation<Int, any Error>) -> Void) {
    let waiting = state.withLock { state -> [CheckedContinuation<Int, any Error>] in
      defer { state = next }
      if case .starting(let waiting) = state { return waiting }
      return []
    }
    for continuation in waiting { body(continuation) }
  }
}
