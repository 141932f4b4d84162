import Domain
import Kubernetes
import Logging
import ServiceLifecycle

import struct Foundation.Date

/// Everything that pages need, made once: Domain's services, and the open
/// event streams.
struct Services: Sendable {
  let domain: DomainServices
  let streams: EventStreams
  /// What is counted and measured.
  let metrics: MetricsRegistry
  /// Counts and times requests.
  let requests: RequestMetrics
  /// How busy the database is.
  let traffic: DatabaseTraffic
  /// How far this machine's clock is ahead of the database's, in seconds.
  let clockSkew: @Sendable () -> Double
  /// Calls of the API in a minute, by one token or one person.
  let apiRate: Int
  /// Ends long answers to people who may not see them any more.
  let access: AccessWatch
  /// What `/readyz` asks.
  let readiness: [ReadinessCheck]
  /// What runs beside the web server for as long as it does.
  let background: [any ServiceLifecycle.Service]

  /// - Parameters:
  ///   - database: open, with all migrations applied.
  ///   - cluster: where BabyHelm deploys to.
  ///   - now: the time that all replicas agree on.
  ///   - clockSkew: how far this machine's clock is ahead of it, in seconds.
  init(
    database: any Database, cluster: Cluster, rules: AccountRules, hasher: PasswordHasher,
    settings: ManifestSettings = ManifestSettings(), releasesKept: Int = 50,
    auditRetention: Int = 400, logLimits: LogLimits = LogLimits(),
    addressRules: AddressRules = AddressRules(),
    openID: OpenIDSettings? = nil, grafana: GrafanaSettings? = nil,
    prometheus: PrometheusSettings? = nil,
    notifications: NotificationSettings = NotificationSettings(),
    alerts: AlertConfiguration = AlertConfiguration(),
    apiRate: Int = AppConfiguration.standardAPIRate, logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() },
    clockSkew: @escaping @Sendable () -> Double = { 0 }
  ) {
    self.apiRate = apiRate
    self.clockSkew = clockSkew
    let client = cluster.client
    let registry = MetricsRegistry()
    metrics = registry
    requests = RequestMetrics(registry: registry)
    traffic = DatabaseTraffic(of: database, metrics: registry)
    let database = MeteredDatabase(database, traffic: traffic)
    domain = DomainServices(
      database: database, client: client, rules: rules, hasher: hasher, settings: settings,
      releasesKept: releasesKept, logLimits: logLimits, addressRules: addressRules,
      openID: openID, grafana: grafana, clusterAddress: cluster.address,
      prometheus: prometheus ?? cluster.prometheus, notifications: notifications, alerts: alerts,
      metrics: registry, logger: logger, now: now)
    access = AccessWatch(accounts: domain.accounts, projects: domain.projects)
    streams = EventStreams(
      access: access, toasts: Toasts(ends: domain.releases.ends, projects: domain.projects))
    readiness = [
      // A newer program may have changed what this one goes by.
      ReadinessCheck("database") { try await MigrationChain.all.check(database) },
      ReadinessCheck("cluster") { _ = try await client.version() },
    ]
    background = [
      domain.clusterStateFeed, domain.deployer, domain.isolationWatch, domain.driftWatch,
      domain.usage.sampler, domain.notificationWorker, domain.alerts.watch, domain.refusals,
      domain.changeRelay(logger: logger),
      domain.duties(auditRetention: auditRetention, logger: logger),
    ]
  }
}
