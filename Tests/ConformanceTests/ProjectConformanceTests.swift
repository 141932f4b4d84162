import Foundation
import Kubernetes
import ServiceLifecycle
import TestSupport
import Testing

@testable import Domain

/// What projects and applications are made of, on every cluster there is
/// (docs/design.md §5).
struct ProjectConformanceTests {
  private struct Fixture: Sendable {
    let kubernetes: KubernetesClient
    let domain: DomainServices
    let ann: Principal
    let namespace: String

    func makeProject(
      _ change: (inout ProjectDraft) -> Void = { _ in }
    ) async throws -> Project {
      var draft = ProjectDraft()
      draft.name = namespace
      change(&draft)
      return try await domain.projects.create(draft, as: ann)
    }
  }

  private func withFixture(
    on cluster: ConformanceCluster,
    _ body: @escaping @Sendable (Fixture) async throws -> Void
  ) async throws {
    try await cluster.use { kubernetes, namespace in
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
          Fixture(kubernetes: kubernetes, domain: domain, ann: ann, namespace: namespace))
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `BabyHelm may do all that it does`(cluster: ConformanceCluster) async throws {
    try await cluster.use { kubernetes, _ in
      let rights = DomainServices.clusterRights(on: kubernetes)

      let missing = try await rights.missing()
      #expect(missing == [])
      let version = try await rights.version()
      #expect(version.hasPrefix("v1."))
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a project's guards are there, and hold`(cluster: ConformanceCluster) async throws {
    try await withFixture(on: cluster) { fixture in
      let project = try await fixture.makeProject()
      let probe = IsolationProbe(
        client: fixture.kubernetes, manifests: ManifestBuilder(), now: { Date() })

      // The quota refuses nothing before its controller saw it.
      try await eventually("the quota is counted", within: .seconds(60)) {
        let quota = try await fixture.kubernetes.getObject(
          .resourceQuota, name: "project", namespace: project.name)
        return quota.at("status", "hard", "requests.cpu") != nil
      }
      for check in try await probe.check(project).checks {
        #expect(check.verdict == .works, "\(check.guard)")
      }

      _ = try await fixture.kubernetes.delete(
        .networkPolicy, name: "project", namespace: project.name, DeleteOptions())
      let without = try await probe.check(project)
      #expect(!without.isWhole)
      try await fixture.domain.projects.restoreGuards(of: project.name, as: fixture.ann)
      let restored = try await probe.check(project)
      #expect(restored.isWhole)
    }
  }

  @Test(arguments: ConformanceCluster.available, PodSecurityLevel.allCases)
  func `manifests of generated specifications pass a strict dry run`(
    cluster: ConformanceCluster, level: PodSecurityLevel
  ) async throws {
    try await withFixture(on: cluster) { fixture in
      let project = try await fixture.makeProject { $0.podSecurity = level.rawValue }
      for draft in GeneratedDrafts.all {
        let manifests = try ManifestBuilder().application(
          draft.validated(), in: project.name, podSecurity: level,
          stamp: ReleaseStamp(number: 1, author: "ann@example.org"))
        for manifest in manifests {
          let answer = try await fixture.kubernetes.apply(
            manifest.object, manifest.type, name: manifest.name, namespace: project.name,
            ApplyOptions(
              fieldManager: "babyhelm", isDryRun: true, isForced: true, fieldValidation: .strict))
          let warnings = answer.warnings.filter { $0.contains("PodSecurity") }
          // In a restricted project nothing is even warned about.
          #expect(level == .baseline || warnings.isEmpty, "\(draft.name): \(warnings)")
        }
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a namespace that somebody else made is refused`(
    cluster: ConformanceCluster
  ) async throws {
    try await withFixture(on: cluster) { fixture in
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(fixture.namespace)],
      ]
      _ = try await fixture.kubernetes.create(foreign, .namespace)

      let error = await #expect(throws: DomainError.self) {
        _ = try await fixture.makeProject()
      }

      #expect(error?.fields.map(\.field) == ["name"])
    }
  }
}
