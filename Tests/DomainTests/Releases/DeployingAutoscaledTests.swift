import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// Who says how many replicas run, before, while and after an autoscaler does.
struct DeployingAutoscaledTests {
  private static let fixed = DeployingFixture.draft(replicas: 3)
  private static let automatic = DeployingFixture.draft {
    $0.isAutoscaled = true
    $0.minimumReplicas = "3"
    $0.maximumReplicas = "6"
  }

  @Test(arguments: TestDatabase.available)
  func `when an autoscaler takes over, no pod stops`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(Self.fixed)
      #expect(try await fixture.ended(1).state == .succeeded)
      let before = try await pods(fixture)

      let plan = try await fixture.releases.plan(
        Self.automatic, replacing: "web", in: "shop", as: fixture.ann)
      let deployment = try #require(plan.steps.first { $0.kind == "Deployment" })
      #expect(deployment.action == .nothing, "the number stays, so nothing changes")

      _ = try await fixture.deploy(Self.automatic, replacing: "web")
      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await pods(fixture) == before)

      // The next release says nothing about the number either.
      _ = try await fixture.deploy(Self.automatic, replacing: "web")
      #expect(try await fixture.ended(3).state == .succeeded)
      #expect(try await pods(fixture) == before)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `when an autoscaler goes, the form's number counts again`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(Self.automatic)
      #expect(try await fixture.ended(1).state == .succeeded)
      #expect(try await pods(fixture).count == 3)

      let two = DeployingFixture.draft(replicas: 2)
      let plan = try await fixture.releases.plan(
        two, replacing: "web", in: "shop", as: fixture.ann)
      #expect(!plan.warnings.contains { $0.contains("spec.replicas") }, "\(plan.warnings)")
      let deployment = try #require(plan.steps.first { $0.kind == "Deployment" })
      #expect(
        deployment.action
          == .change([FieldChange(path: "spec.replicas", old: "3", new: "2")]))

      _ = try await fixture.deploy(two, replacing: "web")
      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await fixture.live(AutoscalingV2.HorizontalPodAutoscaler.type) == nil)
      let live = try #require(try await fixture.live(AppsV1.Deployment.type))
      #expect(live.at("spec", "replicas")?.int == 2)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an application that was stopped starts when an autoscaler takes over`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 0))
      #expect(try await fixture.ended(1).state == .succeeded)

      _ = try await fixture.deploy(Self.automatic, replacing: "web")

      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await pods(fixture).count == 3)
    }
  }

  private func pods(_ fixture: DeployingFixture) async throws -> Set<String> {
    let pods = try await fixture.cluster.kubernetes.list(CoreV1.Pod.self, namespace: "shop")
    return Set(pods.items.filter { $0.metadata.deletionTimestamp == nil }.map(\.metadata.uid))
  }
}
