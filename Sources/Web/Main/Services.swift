import Domain
import Kubernetes
import Logging
import ServiceLifecycle

/// Everything that pages need, made once: Domain's services, and the open
/// event streams.
struct Services: Sendable {
  let domain: DomainServices
  let streams: EventStreams
  /// What `/readyz` asks.
  let readiness: [ReadinessCheck]
  /// What runs beside the web server for as long as it does.
  let background: [any ServiceLifecycle.Service]

  /// - Parameters:
  ///   - database: open, with all migrations applied.
  ///   - cluster: where BabyHelm deploys to.
  init(
    database: any Database, cluster: Cluster, rules: AccountRules, hasher: PasswordHasher,
    settings: ManifestSettings = ManifestSettings(), logger: Logger
  ) {
    let client = cluster.client
    domain = DomainServices(
      database: database, client: client, rules: rules, hasher: hasher, settings: settings,
      logger: logger)
    streams = EventStreams(accounts: domain.accounts)
    readiness = [
      ReadinessCheck("database") {
        _ = try await database.read { try $0.first("SELECT 1 AS one") }
      },
      ReadinessCheck("cluster") { _ = try await client.version() },
    ]
    background = [
      domain.clusterStateFeed, domain.deployer, domain.isolationWatch, domain.sessionPurge,
    ]
  }
}
