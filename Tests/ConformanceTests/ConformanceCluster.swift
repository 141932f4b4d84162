import Foundation
import Kubernetes
import Sandbox
import TestSupport

/// A cluster that BabyHelm must work on. Each test runs on every one that is
/// there.
enum ConformanceCluster: String, CaseIterable, Sendable {
  case sandbox
  /// The one whose kubeconfig ``variable`` names.
  case real

  static let variable = "BABYHELM_TEST_KUBECONFIG"

  static let kubeconfigPath: String? = {
    let path = ProcessInfo.processInfo.environment[variable] ?? ""
    return path.isEmpty ? nil : path
  }()

  static let skipped = "there is no cluster to test: \(variable) is not set"

  static let available: [ConformanceCluster] =
    kubeconfigPath == nil ? [.sandbox] : allCases

  /// Runs a test on the cluster with a namespace's name that nobody has, and
  /// removes the namespace afterwards, however the test ends.
  ///
  /// - Parameter asBabyHelm: whether the sandbox grants only what deploy/rbac.yaml
  ///   does, and not everything. A real cluster grants what its kubeconfig may do.
  func use(
    asBabyHelm: Bool = false, _ body: (KubernetesClient, _ namespace: String) async throws -> Void
  ) async throws {
    switch self {
    case .sandbox:
      let role: SandboxRole? = asBabyHelm ? try .deployed() : nil
      try await withCluster(SandboxConfiguration(speed: 20, role: role)) {
        try await Self.cleaning($0.kubernetes, body)
      }
    case .real:
      guard let path = Self.kubeconfigPath else { return }
      let client = KubernetesClient(
        configuration: try Kubeconfig.load(paths: [path]), logger: quietLogger)
      do {
        try await Self.cleaning(client, body)
      } catch {
        await client.shutdown()
        throw error
      }
      await client.shutdown()
    }
  }

  /// Runs a test with a namespace of its own.
  func withNamespace(
    _ body: @escaping @Sendable (KubernetesClient, String) async throws -> Void
  ) async throws {
    try await use { client, namespace in
      let object: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
      ]
      _ = try await client.create(object, .namespace)
      try await body(client, namespace)
    }
  }

  /// Runs a body while pods start in a namespace, also where there is no node.
  func withPods(
    _ client: KubernetesClient, in namespace: String, _ body: () async throws -> Void
  ) async throws {
    guard self == .real, try await StandInKubelet.isNeeded(client) else {
      return try await body()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await StandInKubelet(client: client, namespace: namespace).run() }
      try await body()
      group.cancelAll()
    }
  }

  private static func cleaning(
    _ client: KubernetesClient, _ body: (KubernetesClient, String) async throws -> Void
  ) async throws {
    let namespace = "conformance-" + String(UInt32.random(in: 0 ... .max), radix: 36)
    do {
      try await body(client, namespace)
    } catch {
      try? await remove(namespace, client)
      throw error
    }
    try await remove(namespace, client)
  }

  private static func remove(_ namespace: String, _ client: KubernetesClient) async throws {
    do throws(KubernetesError) {
      _ = try await client.delete(CoreV1.Namespace.type, name: namespace)
    } catch  where error.isNotFound {
      return
    }
  }
}
