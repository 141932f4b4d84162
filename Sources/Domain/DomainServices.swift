public import struct Foundation.Date
public import Kubernetes
public import Logging
internal import ServiceLifecycle

/// Every service of Domain, made once for a program. The only place where a
/// Kubernetes client comes into Domain from outside.
public struct DomainServices: Sendable {
  public let accounts: Accounts
  public let projects: Projects
  public let applications: Applications
  public let releases: Releases
  public let exports: Exports
  public let clusterState: ClusterState
  /// Keeps ``clusterState`` like the cluster. Run it as long as the program.
  public let clusterStateFeed: ClusterStateFeed
  /// Checks the guards of the projects that people look at. Run it as long as
  /// the program.
  public let isolationWatch: IsolationWatch
  /// Removes ended sessions. Run it as long as the program.
  public let sessionPurge: SessionPurge
  /// Carries out stored operations. Run it as long as the program.
  public let deployer: Deployer

  /// - Parameters:
  ///   - database: with all migrations applied.
  ///   - client: for the one cluster that BabyHelm deploys to.
  ///   - settings: what the operator decided about manifests.
  ///   - now: the time, for tests.
  public init(
    database: any Database, client: KubernetesClient, rules: AccountRules,
    hasher: PasswordHasher, settings: ManifestSettings = ManifestSettings(), logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    let manifests = ManifestBuilder(settings: settings)
    let guards = ProjectGuards(client: client, manifests: manifests)
    let signal = DeploySignal()
    clusterState = ClusterState(awaiting: ClusterStateFeed.kinds, now: now)
    accounts = Accounts(
      database: database, rules: rules, hasher: hasher, logger: logger, now: now)
    sessionPurge = SessionPurge(accounts: accounts, logger: logger)
    isolationWatch = IsolationWatch(
      probe: IsolationProbe(client: client, manifests: manifests, now: now),
      clusterState: clusterState, logger: logger)
    projects = Projects(
      database: database, guards: guards, isolation: isolationWatch, logger: logger, now: now)
    applications = Applications(
      database: database, projects: projects, clusterState: clusterState)
    releases = Releases(
      database: database, projects: projects, applications: applications, guards: guards,
      planner: Planner(client: client, manifests: manifests, clusterState: clusterState),
      clusterState: clusterState, signal: signal, now: now)
    exports = Exports(
      database: database, projects: projects, applications: applications, manifests: manifests)
    clusterStateFeed = ClusterStateFeed(client: client, state: clusterState, logger: logger)
    deployer = Deployer(
      database: database, projects: projects,
      applier: ReleaseApplier(
        database: database, projects: projects, applications: applications, guards: guards,
        client: client, clusterState: clusterState, logger: logger, now: now),
      clusterState: clusterState, signal: signal, logger: logger, now: now)
  }

  /// What BabyHelm may do on a cluster, for a command that needs nothing else.
  public static func clusterRights(on client: KubernetesClient) -> ClusterRights {
    ClusterRights(client: client)
  }
}
