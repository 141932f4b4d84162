import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Kubernetes
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Web

/// A whole site over a database and a sandbox cluster of its own, with
/// everything running that `serve` runs.
struct SandboxSite: Sendable {
  let client: any TestClientProtocol
  let services: Services
  /// To look at the cluster behind the site's back.
  let kubernetes: KubernetesClient
  let database: any Database
  /// The cluster itself.
  let cluster: TestCluster
  /// Ends what runs beside the web server, so that whatever happens from then on
  /// comes from a request.
  let stopBackground: @Sendable () async -> Void
}

/// Runs a test against a whole site with the sandbox, twenty times as fast as
/// for people.
///
/// - Parameter hasPrometheus: whether charts come from the sandbox, as with
///   `serve --sandbox`.
func withSandboxSite(
  _ setup: TestingSetup = .router, settings: ManifestSettings = ManifestSettings(),
  apiRate: Int = 100_000, grafana: GrafanaSettings? = nil, hasPrometheus: Bool = false,
  _ test: @escaping @Sendable (SandboxSite) async throws -> Void
) async throws {
  try await withCluster { cluster in
    try await withDatabase(.sqlite) { database in
      try await run(
        test, setup, settings, apiRate, grafana, hasPrometheus, cluster, database, quietLogger)
    }
  }
}

private func run(
  _ test: @escaping @Sendable (SandboxSite) async throws -> Void, _ setup: TestingSetup,
  _ settings: ManifestSettings, _ apiRate: Int, _ grafana: GrafanaSettings?,
  _ hasPrometheus: Bool, _ cluster: TestCluster, _ database: any Database, _ logger: Logger
) async throws {
  let kubernetes = cluster.kubernetes
  let services = Services(
    database: database,
    cluster: Cluster(
      client: kubernetes,
      // The last part of the path is our own token.
      address: ClusterAddress(
        server: kubernetes.configuration.server.deletingLastPathComponent(),
        hasTokenInPath: true),
      prometheus: hasPrometheus ? prometheus(of: kubernetes) : nil),
    rules: AccountRules(firstUserBecomesAdmin: true),
    hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4), settings: settings,
    grafana: grafana, apiRate: apiRate, logger: logger)
  _ = try await services.domain.accounts.start()
  let router = SiteRouter.make(site: Site(), services: services)
  let application = buildApplication(
    router: router, address: ListenAddress(host: "127.0.0.1", port: 0), logger: logger)
  let background = Task {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in services.background {
        group.addTask { try await service.run() }
      }
      try await group.waitForAll()
    }
  }
  defer { background.cancel() }
  try await application.test(setup) { client in
    try await test(
      SandboxSite(
        client: client, services: services, kubernetes: kubernetes, database: database,
        cluster: cluster,
        stopBackground: {
          background.cancel()
          _ = await background.result
        }))
  }
  background.cancel()
  _ = await background.result
}

/// The sandbox's own Prometheus.
private func prometheus(of kubernetes: KubernetesClient) -> PrometheusSettings {
  PrometheusSettings(
    address: kubernetes.configuration.server.appending(path: "prometheus").absoluteString)
}
