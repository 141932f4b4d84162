public import Kubernetes
public import Logging
public import Sandbox
public import Testing

/// A sandbox cluster for one test, and a client for it.
public struct TestCluster: Sendable {
  public let server: SandboxServer
  public let kubernetes: KubernetesClient

  /// How many requests clients sent so far, refused ones too.
  public var requestCount: Int { server.traffic.accesses.values.reduce(0, +) }

  /// Runs a body with a client that may do everything, whatever role the
  /// sandbox has, and whose requests it doesn't count.
  public func withAdmin<Result: Sendable>(
    _ body: (KubernetesClient) async throws -> Result
  ) async throws -> Result {
    let configuration = try Kubeconfig.load(
      text: server.kubeconfigText(asAdmin: true), path: "sandbox")
    let admin = KubernetesClient(configuration: configuration, logger: quietLogger)
    do {
      let result = try await body(admin)
      await admin.shutdown()
      return result
    } catch {
      await admin.shutdown()
      throw error
    }
  }

  /// An object as the cluster has it; nil when there is none.
  public func object(
    _ type: ResourceType, _ name: String, in namespace: String? = nil
  ) async throws -> JSONValue? {
    do throws(KubernetesError) {
      return try await kubernetes.getObject(type, name: name, namespace: namespace)
    } catch  where error.isNotFound {
      return nil
    }
  }
}

/// Runs a test with a cluster of its own, by default twenty times as fast as
/// for people.
public func withCluster<Result: Sendable>(
  _ configuration: SandboxConfiguration = SandboxConfiguration(speed: 20),
  _ body: (TestCluster) async throws -> Result
) async throws -> Result {
  let logger = quietLogger
  let server = SandboxServer(configuration: configuration, logger: logger)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    _ = try await server.listening()
    let cluster = try Kubeconfig.load(text: server.kubeconfigText(), path: "sandbox")
    let kubernetes = KubernetesClient(configuration: cluster, logger: logger)
    let result: Result
    do {
      result = try await body(TestCluster(server: server, kubernetes: kubernetes))
    } catch {
      await kubernetes.shutdown()
      throw error
    }
    await kubernetes.shutdown()
    group.cancelAll()
    return result
  }
}

/// A logger that says only what must not happen in a test.
public var quietLogger: Logger {
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  return logger
}

/// Waits until a condition holds.
///
/// - Throws: when it doesn't within the limit, a minute unless told: that is for
///   machines with other things to do, and no test waits that long.
public func eventually(
  _ what: String, within limit: Duration = .seconds(60),
  _ location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while try await !condition() {
    try #require(
      clock.now < deadline, "not within \(limit): \(what)", sourceLocation: location)
    try await Task.sleep(for: .milliseconds(20))
  }
}
