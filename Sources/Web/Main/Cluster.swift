import Domain
import Foundation
import Kubernetes
import Logging
import ServiceLifecycle

/// The cluster that BabyHelm works on: a real one, or the sandbox.
struct Cluster: Sendable {
  let client: KubernetesClient
  /// Where members reach it; nil for where the client does.
  let address: ClusterAddress?
  /// The sandbox's own Prometheus; nil for other clusters.
  let prometheus: PrometheusSettings?
  /// What must run for the cluster to be there: the sandbox's server.
  let services: [any ServiceLifecycle.Service]

  /// Finds the cluster that the configuration names.
  ///
  /// - Throws: ``StartupError`` when there is none, `KubeconfigError` when its
  ///   description is wrong.
  init(
    _ configuration: AppConfiguration, logger: Logger,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) async throws {
    if configuration.isSandbox {
      let sandbox = try await SandboxService(
        faults: configuration.sandboxFaults, logger: logger)
      client = KubernetesClient(configuration: sandbox.cluster, logger: logger)
      // Our own address ends with our own token.
      address = ClusterAddress(
        server: sandbox.cluster.server.deletingLastPathComponent(), hasTokenInPath: true)
      prometheus = PrometheusSettings(
        address: sandbox.cluster.server.appending(path: "prometheus").absoluteString)
      services = [sandbox]
    } else {
      let cluster = try Self.named(in: configuration, environment)
      client = KubernetesClient(configuration: cluster, logger: logger)
      address = configuration.clusterPublicURL.map { url in
        ClusterAddress(
          server: url, certificateAuthorities: cluster.tls.certificateAuthorities,
          serverName: cluster.tls.serverName)
      }
      prometheus = nil
      services = []
    }
  }

  /// A cluster that is already reachable, for tests and benchmarks.
  init(
    client: KubernetesClient, address: ClusterAddress? = nil,
    prometheus: PrometheusSettings? = nil
  ) {
    self.client = client
    self.address = address
    self.prometheus = prometheus
    services = []
  }

  /// The one named by `--kubeconfig`, then `KUBECONFIG`, then the pod's own
  /// service account. `~/.kube/config` is not looked at: nobody should deploy
  /// to a cluster they did not name.
  private static func named(
    in configuration: AppConfiguration, _ environment: [String: String]
  ) throws -> ClusterConfiguration {
    if let path = configuration.kubeconfig {
      return try Kubeconfig.load(paths: [path], context: configuration.context)
    }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      return try Kubeconfig.load(
        paths: Kubeconfig.paths(environment: environment), context: configuration.context)
    }
    if environment["KUBERNETES_SERVICE_HOST"] != nil {
      return try Kubeconfig.inCluster(environment: environment)
    }
    throw StartupError(
      """
      No cluster is named. Give one with --kubeconfig FILE (or KUBECONFIG), \
      or try BabyHelm without any: --sandbox.
      """)
  }
}
