import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct DeployingTests {
  @Test(arguments: TestDatabase.available)
  func `a first deploy ends with all replicas serving`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let plan = try await fixture.releases.plan(
        DeployingFixture.draft(), in: "shop", as: fixture.ann)
      #expect(plan.isFirst && plan.releaseNumber == 1)
      #expect(plan.steps.map(\.kind) == ["Service", "Deployment", "PodDisruptionBudget"])
      #expect(plan.steps.allSatisfy { $0.action == .create })
      #expect(try await fixture.live(AppsV1.Deployment.type) == nil, "a plan writes nothing")

      _ = try await fixture.deploy(DeployingFixture.draft())
      let release = try await fixture.ended(1)

      #expect(release.state == .succeeded)
      #expect(release.outcome == "All replicas serve.")
      #expect(release.authorName == "Ann")
      #expect(try #require(release.finishedAt) >= release.createdAt)
      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)
      #expect(detail.status.health == .healthy)
      #expect(detail.status.pods.count == 2)
      let deployment = try #require(try await fixture.live(AppsV1.Deployment.type))
      #expect(deployment.at("status", "availableReplicas")?.int == 2)
      let annotation = deployment.at("metadata", "annotations", ManifestBuilder.releaseAnnotation)
      #expect(annotation?.string == "1")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the same again changes nothing but the release's number`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let draft = DeployingFixture.draft {
        $0.isAutoscaled = true
        $0.minimumReplicas = "2"
        $0.maximumReplicas = "6"
      }
      _ = try await fixture.deploy(draft)
      _ = try await fixture.ended(1)

      let plan = try await fixture.releases.plan(
        draft, replacing: "web", in: "shop", as: fixture.ann)

      #expect(plan.isEmpty, "\(plan.steps)")
      #expect(plan.releaseNumber == 2)
      let pods = try await fixture.cluster.kubernetes.list(CoreV1.Pod.self, namespace: "shop")
      _ = try await fixture.deploy(draft, replacing: "web")
      #expect(try await fixture.ended(2).state == .succeeded)
      let after = try await fixture.cluster.kubernetes.list(CoreV1.Pod.self, namespace: "shop")
      let (old, new) = (pods.items.map(\.metadata.uid), after.items.map(\.metadata.uid))
      #expect(Set(old) == Set(new), "no pod was restarted")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a double click deploys once`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let draft = DeployingFixture.draft()
      let plan = try await fixture.releases.plan(draft, in: "shop", as: fixture.ann)

      let numbers = try await withThrowingTaskGroup(of: Int?.self) { group in
        for _ in 1...4 {
          group.addTask {
            let confirmation = try await fixture.releases.deploy(
              draft, in: "shop", confirming: plan.hash, as: fixture.ann)
            guard case .deployed(let release) = confirmation else { return nil }
            return release.number
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }

      #expect(numbers == [1, 1, 1, 1])
      let rows = try await fixture.database.read { connection in
        try connection.first("SELECT COUNT(*) AS number FROM operations")?.get(
          "number", as: Int.self)
      }
      #expect(rows == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what moved since the plan is shown again, and nothing is written`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)
      let mine = DeployingFixture.draft(image: "nginx:1.28")
      let plan = try await fixture.releases.plan(
        mine, replacing: "web", in: "shop", as: fixture.ann)

      // Somebody scales by hand meanwhile.
      let scale: JSONValue = ["spec": ["replicas": 5]]
      _ = try await fixture.cluster.kubernetes.mergePatch(
        scale, AppsV1.Deployment.type, name: "web", namespace: "shop",
        WriteOptions(fieldManager: "kubectl-scale"))
      let confirmation = try await fixture.releases.deploy(
        mine, replacing: "web", in: "shop", confirming: plan.hash, as: fixture.ann)

      guard case .moved(let now) = confirmation else {
        Issue.record("it was deployed")
        return
      }
      #expect(now.hash != plan.hash)
      #expect(now.warnings.contains { $0.contains("kubectl-scale") }, "\(now.warnings)")
      let live = try #require(try await fixture.live(AppsV1.Deployment.type))
      #expect(live.at("spec", "replicas")?.int == 5)
      #expect(try await fixture.release().number == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `of two who change the same application one is shown the other's change`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)
      let (mine, theirs) = (
        DeployingFixture.draft(image: "nginx:1.28"), DeployingFixture.draft(replicas: 3)
      )
      let plan = try await fixture.releases.plan(
        mine, replacing: "web", in: "shop", as: fixture.ann)
      _ = try await fixture.deploy(theirs, replacing: "web", as: fixture.admin)

      let confirmation = try await fixture.releases.deploy(
        mine, replacing: "web", in: "shop", confirming: plan.hash, as: fixture.ann)

      guard case .moved(let now) = confirmation else {
        Issue.record("it was deployed")
        return
      }
      #expect(now.releaseNumber == 3)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an object that isn't BabyHelm's is never taken over`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
        "spec": ["ports": [["port": 8080]], "selector": ["app": "legacy"]],
      ]
      _ = try await fixture.cluster.kubernetes.create(
        foreign, CoreV1.Service.type, namespace: "shop", WriteOptions(fieldManager: "kubectl"))
      let before = try await fixture.live(CoreV1.Service.type)

      let error = await refusal {
        try await fixture.releases.plan(DeployingFixture.draft(), in: "shop", as: fixture.ann)
      }

      #expect(error?.reason == .conflict)
      #expect(error?.message.contains("Service “web”") == true)
      #expect(try await fixture.live(CoreV1.Service.type) == before)
      #expect(try await fixture.live(AppsV1.Deployment.type) == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what a release has no use for is removed with it`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft { $0.isAutoscaled = true })
      _ = try await fixture.ended(1)
      #expect(try await fixture.live(AutoscalingV2.HorizontalPodAutoscaler.type) != nil)

      let plain = DeployingFixture.draft(port: "")
      let plan = try await fixture.releases.plan(
        plain, replacing: "web", in: "shop", as: fixture.ann)
      let removed = plan.steps.filter { $0.action == .delete }.map(\.kind)
      #expect(removed == ["Service", "HorizontalPodAutoscaler"])
      _ = try await fixture.deploy(plain, replacing: "web")

      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await fixture.live(CoreV1.Service.type) == nil)
      #expect(try await fixture.live(AutoscalingV2.HorizontalPodAutoscaler.type) == nil)
      #expect(try await fixture.live(AppsV1.Deployment.type) != nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a newer release takes over from one that still rolls out`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(image: "registry.invalid/broken:1") { $0.isAutoscaled = true })
      try await eventually("the first is applied") {
        try await fixture.release(1).state == .rollingOut
      }

      _ = try await fixture.deploy(DeployingFixture.draft(), replacing: "web")

      #expect(try await fixture.ended(2).state == .succeeded)
      let first = try await fixture.release(1)
      #expect(first.state == .superseded)
      #expect(first.outcome.contains("newer release"))
      #expect(try await fixture.live(AutoscalingV2.HorizontalPodAutoscaler.type) == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an image that can't be pulled ends in a failure that says so`(
    kind: TestDatabase
  ) async throws {
    // Kubernetes gives up after five minutes, which are two seconds here.
    try await withDeploying(kind, speed: 150) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)

      _ = try await fixture.deploy(
        DeployingFixture.draft(image: "registry.invalid/broken:1"), replacing: "web")
      let release = try await fixture.ended(2)

      #expect(release.state == .failed)
      #expect(release.outcome.contains("registry.invalid/broken:1"), "\(release.outcome)")
      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)
      let serving = detail.status.pods.filter { $0.stage == .ready }
      #expect(serving.count == 2, "the release before still serves")
    }
  }

  // MARK: Who may

  @Test(arguments: TestDatabase.available)
  func `who may not deploy makes no call to the cluster and no row`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let draft = DeployingFixture.draft()
      let plan = try await fixture.releases.plan(draft, in: "shop", as: fixture.ann)
      for person in [fixture.bob, fixture.ann] {
        var person = person
        if person == fixture.ann { person.role = .visitor }
        let planning = await refusal {
          try await fixture.releases.plan(draft, in: "shop", as: person)
        }
        let deploying = await refusal {
          try await fixture.releases.deploy(
            draft, in: "shop", confirming: plan.hash, as: person)
        }
        #expect([.notFound, .forbidden].contains(planning?.reason))
        #expect(planning == deploying)
      }
      let rows = try await fixture.database.read { connection in
        try connection.first("SELECT COUNT(*) AS number FROM applications")?.get(
          "number", as: Int.self)
      }
      #expect(rows == 0)
    }
  }
}
