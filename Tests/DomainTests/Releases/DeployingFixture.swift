import Foundation
import Kubernetes
import Sandbox
import ServiceLifecycle
import TestSupport
import Testing

@testable import Domain

/// All of Domain over a database and a sandbox cluster of its own, with people
/// who use it.
struct DeployingFixture: Sendable {
  let database: any Database
  let cluster: TestCluster
  let domain: DomainServices
  /// A member, owner of what she makes.
  let ann: Principal
  /// Another member.
  let bob: Principal
  let admin: Principal

  var releases: Releases { domain.releases }
  var projects: Projects { domain.projects }

  /// Another process over the same database and cluster.
  func anotherProcess() -> DomainServices {
    Self.services(database, cluster.kubernetes)
  }

  /// What checks a project's guards.
  func probe(_ settings: ManifestSettings = ManifestSettings()) -> IsolationProbe {
    let manifests = ManifestBuilder(settings: settings)
    let guards = ProjectGuards(client: cluster.kubernetes, manifests: manifests)
    return IsolationProbe(
      guards: guards, rights: MemberRights(database: database, guards: guards), now: { Date() })
  }

  static func services(
    _ database: any Database, _ kubernetes: KubernetesClient,
    settings: ManifestSettings = ManifestSettings()
  ) -> DomainServices {
    DomainServices(
      database: database, client: kubernetes, rules: AccountRules(firstUserBecomesAdmin: true),
      hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4),
      settings: settings,
      // As the sandbox's own kubeconfig: the last part of the path is the token.
      clusterAddress: ClusterAddress(
        server: kubernetes.configuration.server.deletingLastPathComponent(),
        hasTokenInPath: true),
      logger: quietLogger)
  }

  static func person(_ name: String, _ role: PlatformRole, in domain: DomainServices) async throws
    -> Principal
  {
    let email = "\(name.lowercased())@example.org"
    let user = try await domain.accounts.createUser(
      email: email, name: name, password: "a long enough passphrase", role: role)
    return Principal(
      userID: user.id, name: name, email: email, role: role, credential: .commandLine)
  }

  // MARK: What people do

  /// Ann's project; a quota beyond what members may choose is set by the admin.
  @discardableResult
  func makeProject(
    _ name: String = "shop", change: (inout ProjectDraft) -> Void = { _ in }
  ) async throws -> Project {
    var draft = ProjectDraft()
    draft.name = name
    change(&draft)
    let wanted = QuotaDraft(
      cpu: draft.cpu, memory: draft.memory, pods: draft.pods, storage: draft.storage)
    var mistakes: [FieldError] = []
    let quota = wanted.checked(&mistakes)
    guard let quota, !quota.fieldsBeyond(.standard).isEmpty else {
      return try await projects.create(draft, as: ann)
    }
    let standard = QuotaDraft(ProjectQuota.standard)
    (draft.cpu, draft.memory, draft.pods, draft.storage) = (
      standard.cpu, standard.memory, standard.pods, standard.storage
    )
    let project = try await projects.create(draft, as: ann)
    try await projects.setQuota(wanted, of: name, as: admin)
    return project.with(quota)
  }

  static func draft(
    _ name: String = "web", image: String = "nginx:1.27", replicas: Int = 2, port: String = "80",
    change: (inout ApplicationDraft) -> Void = { _ in }
  ) -> ApplicationDraft {
    var draft = ApplicationDraft()
    draft.name = name
    draft.image = image
    draft.replicas = String(replicas)
    draft.port = port
    change(&draft)
    return draft
  }

  /// Plans and confirms. Returns the release, which need not be applied yet.
  func deploy(
    _ draft: ApplicationDraft, replacing: String? = nil, in project: String = "shop",
    as principal: Principal? = nil
  ) async throws -> Release {
    let person = principal ?? ann
    let plan = try await releases.plan(draft, replacing: replacing, in: project, as: person)
    let confirmation = try await releases.deploy(
      draft, replacing: replacing, in: project, confirming: plan.hash, as: person)
    guard case .deployed(let release) = confirmation else { throw Moved() }
    return release
  }

  /// The release of a number as it is stored now.
  func release(
    _ number: Int? = nil, of application: String = "web", in project: String = "shop"
  ) async throws -> Release {
    let detail = try await domain.applications.application(
      named: application, in: project, as: ann)
    return try await releases.release(number, of: detail)
  }

  /// Waits until a release has ended.
  func ended(
    _ number: Int, of application: String = "web", within limit: Duration = .seconds(60)
  ) async throws -> Release {
    try await eventually("release \(number) of \(application) ended", within: limit) {
      try await release(number, of: application).state.isFinal
    }
    return try await release(number, of: application)
  }

  func live(_ type: ResourceType, _ name: String = "web") async throws -> JSONValue? {
    try await cluster.object(type, name, in: "shop")
  }

  struct Moved: Error {}
}

/// Runs a test with all of Domain. Nothing is applied before ``working``
/// unless `works` is true.
func withDeploying(
  _ kind: TestDatabase, works: Bool = true, speed: Double = 20, role: SandboxRole? = nil,
  _ body: (DeployingFixture) async throws -> Void
) async throws {
  let configuration = SandboxConfiguration(speed: speed, autoscaling: .minimum, role: role)
  try await withCluster(configuration) { cluster in
    try await withDatabase(kind) { database in
      let domain = DeployingFixture.services(database, cluster.kubernetes)
      _ = try await domain.accounts.start()
      let fixture = DeployingFixture(
        database: database, cluster: cluster, domain: domain,
        ann: try await DeployingFixture.person("Ann", .member, in: domain),
        bob: try await DeployingFixture.person("Bob", .member, in: domain),
        admin: try await DeployingFixture.person("Root", .admin, in: domain))
      if works {
        try await working(domain) { try await body(fixture) }
      } else {
        try await body(fixture)
      }
    }
  }
}

/// Runs what a process runs beside its web server, while the body runs; then
/// shuts it down as a signal would.
func working(
  _ domain: DomainServices, _ body: () async throws -> Void
) async throws {
  let process = ServiceGroup(
    services: [domain.clusterStateFeed, domain.deployer], logger: quietLogger)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await process.run() }
    try await eventually("the cluster is known") { domain.clusterState.isComplete }
    try await body()
    await process.triggerGracefulShutdown()
    try await group.waitForAll()
  }
}
