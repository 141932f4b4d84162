import Foundation
import Kubernetes
import ServiceLifecycle
import TestSupport
import Testing

@testable import Domain

/// All of Domain over a cluster, with a member and a namespace's name that
/// nobody has.
struct ProjectFixture: Sendable {
  let database: any Database
  /// BabyHelm's own client.
  let kubernetes: KubernetesClient
  /// A client of somebody who may do everything, for what happens behind BabyHelm.
  let admin: KubernetesClient
  let domain: DomainServices
  let ann: Principal
  let namespace: String

  @discardableResult
  func makeProject(
    _ change: (inout ProjectDraft) -> Void = { _ in }
  ) async throws -> Project {
    var draft = ProjectDraft()
    draft.name = namespace
    change(&draft)
    return try await domain.projects.create(draft, as: ann)
  }

  /// The quota refuses nothing before its controller saw it.
  func quotaIsCounted() async throws {
    try await eventually("the quota is counted") {
      let quota = try await admin.getObject(
        .resourceQuota, name: "project", namespace: namespace)
      return quota.at("status", "hard", "requests.cpu") != nil
    }
  }

  /// A report about the project's guards, asked now.
  func check(
    _ project: Project, _ settings: ManifestSettings = ManifestSettings()
  ) async throws -> IsolationReport {
    let manifests = ManifestBuilder(settings: settings)
    let guards = ProjectGuards(client: kubernetes, manifests: manifests)
    return try await IsolationProbe(
      guards: guards, rights: MemberRights(database: database, guards: guards), now: { Date() }
    ).check(project)
  }

  func verdict(
    _ what: GuardCheck.Guard, of project: Project, _ settings: ManifestSettings
  ) async throws -> GuardCheck.Verdict? {
    try await check(project, settings).checks.first { $0.guard == what }?.verdict
  }

  // MARK: Deploying

  static func web(_ change: (inout ApplicationDraft) -> Void) -> ApplicationDraft {
    var draft = ApplicationDraft()
    draft.name = "web"
    draft.image = "nginx:1.27"
    draft.port = "80"
    draft.replicas = "2"
    change(&draft)
    return draft
  }

  /// Plans, confirms and waits until the release has ended.
  func deploy(_ draft: ApplicationDraft, replacing: String? = nil) async throws -> Release {
    let plan = try await domain.releases.plan(
      draft, replacing: replacing, in: namespace, as: ann)
    let confirmation = try await domain.releases.deploy(
      draft, replacing: replacing, in: namespace, confirming: plan.hash, as: ann)
    guard case .deployed(let release) = confirmation else { throw Moved() }
    return try await ended(release.number)
  }

  /// Changes the application without a form, and waits until the release has
  /// ended.
  func change(_ change: ApplicationChange) async throws -> Release {
    let newest = try await release(nil)
    let release = try await domain.releases.perform(
      change, of: "web", in: namespace, after: newest.number, as: ann)
    return try await ended(try #require(release).number)
  }

  private func ended(_ number: Int) async throws -> Release {
    try await eventually("release \(number) ended", within: .seconds(120)) {
      try await self.release(number).state.isFinal
    }
    return try await self.release(number)
  }

  private func release(_ number: Int?) async throws -> Release {
    let detail = try await domain.applications.application(
      named: "web", in: namespace, as: ann)
    return try await domain.releases.release(number, of: detail)
  }

  /// An object as the cluster has it; nil when there is none.
  func live(_ type: ResourceType, _ name: String = "web") async throws -> JSONValue? {
    do throws(KubernetesError) {
      return try await admin.getObject(type, name: name, namespace: namespace)
    } catch  where error.isNotFound {
      return nil
    }
  }

  /// Runs a body while releases are applied and pods start.
  func working(on cluster: ConformanceCluster, _ body: () async throws -> Void) async throws {
    let process = ServiceGroup(
      services: [domain.clusterStateFeed, domain.deployer], logger: quietLogger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await process.run() }
      try await eventually("the cluster is known") { domain.clusterState.isComplete }
      try await cluster.withPods(admin, in: namespace) { try await body() }
      await process.triggerGracefulShutdown()
      try await group.waitForAll()
    }
  }

  struct Moved: Error {}
}

/// Runs a test with all of Domain over a cluster.
func withProjects(
  on cluster: ConformanceCluster,
  _ body: @escaping @Sendable (ProjectFixture) async throws -> Void
) async throws {
  try await cluster.use { kubernetes, admin, namespace in
    try await withDatabase(.sqlite) { database in
      let domain = DomainServices(
        database: database, client: kubernetes,
        rules: AccountRules(firstUserBecomesAdmin: true),
        hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 1),
        logger: quietLogger)
      let user = try await domain.accounts.createUser(
        email: "ann@example.org", name: "Ann", password: "a long enough passphrase",
        role: .member)
      let ann = Principal(
        userID: user.id, name: "Ann", email: user.email, role: .member,
        credential: .commandLine)
      try await body(
        ProjectFixture(
          database: database, kubernetes: kubernetes, admin: admin, domain: domain, ann: ann,
          namespace: namespace))
    }
  }
}
