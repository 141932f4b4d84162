import Domain
import Foundation
import Kubernetes
import Logging
import ServiceLifecycle

/// The cluster that BabyHelm works on: a real one, or the sandbox.
struct Cluster: Sendable {
  let client: KubernetesClient
  /// Where members reach the sandbox, or what a test says.
  private let fixedAddress: ClusterAddress?
  /// Where the operator says that members reach it.
  private let publicURL: URL?
  /// The sandbox's own Prometheus; nil for other clusters.
  let prometheus: PrometheusSettings?
  /// What must run for the cluster to be there: the sandbox's server.
  let services: [any ServiceLifecycle.Service]

  /// Where members reach it, with the authorities of the moment; nil for where
  /// the client does.
  var address: ClusterAddress? {
    guard let publicURL else { return fixedAddress }
    let tls = client.configuration.tls
    return ClusterAddress(
      server: publicURL, certificateAuthorities: tls.certificateAuthorities,
      serverName: tls.serverName)
  }

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
      fixedAddress = ClusterAddress(
        server: sandbox.cluster.server.deletingLastPathComponent(), hasTokenInPath: true)
      publicURL = nil
      prometheus = PrometheusSettings(
        address: sandbox.cluster.server.appending(path: "prometheus").absoluteString)
      services = [sandbox]
    } else {
      let cluster = try Self.named(in: configuration, environment)
      client = KubernetesClient(configuration: cluster, logger: logger)
      fixedAddress = nil
      publicURL = configuration.clusterPublicURL
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
    fixedAddress = address
    publicURL = nil
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
