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

  /// Runs a test on the cluster with a client of BabyHelm's, one of somebody who
  /// may do everything, and a namespace's name that nobody has. The namespace is
  /// removed afterwards, however the test ends.
  ///
  /// The sandbox grants BabyHelm only what deploy/rbac.yaml does; a real cluster
  /// grants both clients what its kubeconfig may do.
  func use(
    _ body: (
      _ babyhelm: KubernetesClient, _ admin: KubernetesClient, _ namespace: String
    ) async throws -> Void
  ) async throws {
    switch self {
    case .sandbox:
      try await withCluster(SandboxConfiguration(speed: 20, role: try .deployed())) { cluster in
        try await cluster.withAdmin { admin in
          try await Self.cleaning(admin) { try await body(cluster.kubernetes, admin, $0) }
        }
      }
    case .real:
      guard let path = Self.kubeconfigPath else { return }
      let client = KubernetesClient(
        configuration: try Kubeconfig.load(paths: [path]), logger: quietLogger)
      do {
        try await Self.cleaning(client) { try await body(client, client, $0) }
      } catch {
        await client.shutdown()
        throw error
      }
      await client.shutdown()
    }
  }

  /// Runs a test with a namespace of its own, and with a client that may do
  /// everything.
  func withNamespace(
    _ body: @escaping @Sendable (KubernetesClient, String) async throws -> Void
  ) async throws {
    try await use { _, client, namespace in
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
    _ client: KubernetesClient, _ body: (_ namespace: String) async throws -> Void
  ) async throws {
    let namespace = "conformance-" + String(UInt32.random(in: 0 ... .max), radix: 36)
    do {
      try await body(namespace)
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
