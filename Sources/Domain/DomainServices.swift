public import CoreMetrics
public import struct Foundation.Date
public import Kubernetes
public import Logging
internal import ServiceLifecycle

/// Every service of Domain, made once for a program. The only place where a
/// Kubernetes client comes into Domain from outside.
public struct DomainServices: Sendable {
  public let accounts: Accounts
  /// nil without an OpenID provider.
  public let singleSignOn: SingleSignOn?
  public let projects: Projects
  public let invitations: Invitations
  public let applications: Applications
  public let releases: Releases
  public let exports: Exports
  /// What registries and CI call.
  public let hooks: DeployHooks
  /// Its sampler wants to be run as long as the program.
  public let usage: Usage
  /// The way to dashboards in Grafana.
  public let grafana: GrafanaDashboards
  /// Prometheus as one person may see it.
  public let scopedMetrics: ScopedMetrics
  /// Its watch wants to be run as long as the program.
  public let alerts: Alerts
  /// Notes what people may not do. Run it as long as the program.
  public var refusals: AuditRefusals { accounts.refusals }
  /// What admins decided for everybody.
  public var policies: Policies { accounts.policies }
  /// What people did.
  public var audit: AuditLog { accounts.audit }
  /// What is told of what happens.
  public var webhooks: Webhooks { telling.webhooks }
  public var mailings: Mailings { telling.mailings }
  /// Tells it. Run it as long as the program.
  public var notificationWorker: NotificationWorker { telling.worker }
  private let telling: NotificationServices
  public let logs: Logs
  /// Charts, from Prometheus.
  public let monitoring: Monitoring
  public let events: ApplicationEvents
  public let addressChecks: AddressChecks
  /// What registries tell of images.
  public var imageTags: ImageTags { addressChecks.imageTags }
  public let clusterState: ClusterState
  /// Keeps ``clusterState`` like the cluster. Run it as long as the program.
  public let clusterStateFeed: ClusterStateFeed
  /// Checks the guards of the projects that people look at. Run it as long as
  /// the program.
  public let isolationWatch: IsolationWatch
  /// Compares the applications that people look at with the cluster. Run it as
  /// long as the program.
  public var driftWatch: DriftWatch { releases.drifts }
  /// Makes calls of programs that are repeated harmless.
  public let keptAnswers: KeptAnswers
  /// Carries out stored operations. Run it as long as the program.
  public let deployer: Deployer
  /// How much there is of everything, for the operator's metrics.
  public var census: Census {
    Census(
      accounts: accounts, projects: projects, applications: applications, releases: releases,
      alerts: alerts, telling: telling)
  }

  /// - Parameters:
  ///   - database: with all migrations applied.
  ///   - client: for the one cluster that BabyHelm deploys to.
  ///   - settings: what the operator decided about manifests.
  ///   - releasesKept: how many releases of an application are kept, at least 1.
  ///   - logLimits: how much the logs may cost.
  ///   - addressRules: where a check of an address may connect to.
  ///   - openID: the provider that signs people in; nil for passwords alone.
  ///   - grafana: where it is; nil without one.
  ///   - clusterAddress: where members reach the cluster; nil for where BabyHelm does.
  ///   - prometheus: where charts come from, and what alert rules are asked; nil for none.
  ///   - notifications: what the operator decided about webhooks and mails.
  ///   - metrics: where deploys are counted and timed.
  ///   - alerts: what the operator decided about alerts.
  ///   - now: the time, for tests.
  public init(
    database: any Database, client: KubernetesClient, rules: AccountRules,
    hasher: PasswordHasher, settings: ManifestSettings = ManifestSettings(),
    releasesKept: Int = 50, logLimits: LogLimits = LogLimits(),
    addressRules: AddressRules = AddressRules(), openID: OpenIDSettings? = nil,
    grafana: GrafanaSettings? = nil,
    clusterAddress: @escaping @autoclosure @Sendable () -> ClusterAddress? = nil,
    prometheus: PrometheusSettings? = nil,
    notifications: NotificationSettings = NotificationSettings(),
    alerts alertConfiguration: AlertConfiguration = AlertConfiguration(),
    metrics: any MetricsFactory = NOOPMetricsHandler.instance, logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    let manifests = ManifestBuilder(settings: settings)
    let guards = ProjectGuards(client: client, manifests: manifests)
    let rights = MemberRights(database: database, guards: guards)
    let signal = DeploySignal()
    clusterState = ClusterState(awaiting: ClusterStateFeed.kinds, now: now)
    accounts = Accounts(
      database: database, rules: rules, hasher: hasher, logger: logger, now: now)
    singleSignOn = Self.signOn(openID, accounts, logger)
    keptAnswers = KeptAnswers(database: database, seal: accounts.formSeal, logger: logger, now: now)
    isolationWatch = IsolationWatch(
      probe: IsolationProbe(guards: guards, rights: rights, now: now),
      clusterState: clusterState, logger: logger)
    projects = Projects(
      database: database, rights: rights, isolation: isolationWatch,
      address: clusterAddress() ?? ClusterAddress(client.configuration),
      allowsTrials: rules.isSandbox, logger: logger, now: now)
    invitations = Invitations(
      database: database, accounts: accounts, projects: projects, now: now)
    applications = Applications(
      database: database, projects: projects, clusterState: clusterState)
    telling = NotificationServices(
      database: database, projects: projects, seal: accounts.formSeal, settings: notifications,
      metrics: metrics, logger: logger, now: now)
    logs = Logs(client: client, applications: applications, limits: logLimits, now: now)
    events = Self.events(client, applications, clusterState)
    addressChecks = AddressChecks(
      applications: applications, rules: addressRules, logger: logger)
    releases = Self.releases(
      database, projects, applications, guards, manifests, client, clusterState, signal,
      accounts.formSeal, now)
    exports = Exports(
      database: database, projects: projects, applications: applications, manifests: manifests)
    hooks = DeployHooks(accounts: accounts, releases: releases, logger: logger)
    usage = Usage(
      database: database, projects: projects, applications: applications,
      clusterState: clusterState, client: client, logger: logger, now: now)
    monitoring = Monitoring(settings: prometheus, releases: releases, logger: logger)
    self.grafana = Self.dashboards(grafana, projects, applications, accounts, now)
    scopedMetrics = ScopedMetrics(settings: prometheus, accounts: accounts, projects: projects)
    alerts = Alerts(
      database: database, releases: releases, configuration: alertConfiguration,
      prometheus: prometheus, logger: logger)
    clusterStateFeed = ClusterStateFeed(client: client, state: clusterState, logger: logger)
    deployer = Self.deployer(
      database, projects, applications, releases, guards, client, clusterState, signal,
      releasesKept: releasesKept, metrics, logger, now)
  }

  private static func signOn(
    _ settings: OpenIDSettings?, _ accounts: Accounts, _ logger: Logger
  ) -> SingleSignOn? {
    settings.map { SingleSignOn(settings: $0, accounts: accounts, logger: logger) }
  }

  private static func releases(
    _ database: any Database, _ projects: Projects, _ applications: Applications,
    _ guards: ProjectGuards, _ manifests: ManifestBuilder, _ client: KubernetesClient,
    _ clusterState: ClusterState, _ signal: DeploySignal, _ seal: FormSeal,
    _ now: @escaping @Sendable () -> Date
  ) -> Releases {
    Releases(
      database: database, projects: projects, applications: applications, guards: guards,
      planner: Planner(client: client, manifests: manifests, clusterState: clusterState),
      vault: SecretVault(client: client, manifests: manifests, seal: seal, now: now),
      clusterState: clusterState, signal: signal, now: now)
  }

  private static func events(
    _ client: KubernetesClient, _ applications: Applications, _ clusterState: ClusterState
  ) -> ApplicationEvents {
    ApplicationEvents(client: client, applications: applications, clusterState: clusterState)
  }

  private static func dashboards(
    _ settings: GrafanaSettings?, _ projects: Projects, _ applications: Applications,
    _ accounts: Accounts, _ now: @escaping @Sendable () -> Date
  ) -> GrafanaDashboards {
    GrafanaDashboards(
      settings: settings, projects: projects, applications: applications,
      tokens: accounts.identityTokens, now: now)
  }

  /// What carries out stored operations, with all that it takes.
  private static func deployer(
    _ database: any Database, _ projects: Projects, _ applications: Applications,
    _ releases: Releases, _ guards: ProjectGuards, _ client: KubernetesClient,
    _ clusterState: ClusterState, _ signal: DeploySignal, releasesKept: Int,
    _ metrics: any MetricsFactory, _ logger: Logger,
    _ now: @escaping @Sendable () -> Date
  ) -> Deployer {
    Deployer(
      database: database, projects: projects,
      applier: ReleaseApplier(
        database: database, projects: projects, applications: applications, guards: guards,
        client: client, clusterState: clusterState, logger: logger, now: now),
      releases: releases,
      retention: ReleaseRetention(
        database: database, client: client, releasesKept: max(1, releasesKept), logger: logger,
        now: now),
      removal: ApplicationRemoval(
        database: database, projects: projects, applications: applications, guards: guards,
        client: client, clusterState: clusterState, logger: logger, now: now),
      projectRemoval: ProjectRemoval(
        database: database, projects: projects, applications: applications, releases: releases,
        clusterState: clusterState, logger: logger, now: now),
      clusterState: clusterState, signal: signal, metrics: metrics, logger: logger, now: now)
  }

  /// Whether an OpenID provider answers as it should, for a command that
  /// needs nothing else.
  ///
  /// - Throws: `unavailable` with the reason in ``DomainError/underlying``.
  public static func check(_ settings: OpenIDSettings) async throws(DomainError) {
    try await SingleSignOn.check(settings)
  }

  /// Whether a Prometheus has what charts need, for a command that needs
  /// nothing else.
  public static func check(_ settings: PrometheusSettings) async -> [PrometheusCheck] {
    await PrometheusCheck.run(settings)
  }

  /// Why a mail server wouldn't take mails, for a command that needs nothing else;
  /// nil when it would.
  public static func failure(of server: MailServer) async -> MailFailure? {
    do throws(MailFailure) {
      try await SMTPClient(server: server).check()
      return nil
    } catch {
      return error
    }
  }

  /// Whether Grafana answers, for a command that needs nothing else.
  ///
  /// - Returns: its version; empty when it doesn't say.
  /// - Throws: `unavailable` with the reason in ``DomainError/underlying``.
  public static func check(_ settings: GrafanaSettings) async throws(DomainError) -> String {
    try await GrafanaTransport.version(at: settings.address)
  }

  /// What BabyHelm may do on a cluster, for a command that needs nothing else.
  public static func clusterRights(on client: KubernetesClient) -> ClusterRights {
    ClusterRights(client: client)
  }
}
