import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What happens to an application after its first deploy, without a form.
struct ChangingTests {
  @Test(arguments: TestDatabase.available)
  func `going back is a new release like the old one, with the image that ran`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(
        DeployingFixture.draft {
          $0.environment = [.init(name: "COLOUR", value: "blue")]
          $0.secretValues = [.init(target: "PASSWORD", value: "one")]
        })
      let digest = try #require(try await fixture.ended(1).imageDigest)
      var draft = ApplicationDraft(first.spec)
      draft.image = "nginx:1.28"
      draft.replicas = "1"
      draft.environment = []
      draft.secretValues[0].value = "two"
      _ = try await fixture.deploy(draft, replacing: "web")
      #expect(try await fixture.ended(2).state == .succeeded)

      let plan = try await fixture.releases.plan(
        .rollback(to: 1), of: "web", in: "shop", as: fixture.ann)
      #expect(plan.releaseNumber == 3)
      let confirmed = try await fixture.releases.deploy(
        .rollback(to: 1), of: "web", in: "shop", confirming: plan.hash, as: fixture.ann)
      guard case .deployed(let release) = confirmed else {
        Issue.record("the plan moved")
        return
      }
      #expect(try await fixture.ended(3).state == .succeeded)

      var wanted = first.spec
      wanted.image = wanted.image.pinned(to: digest)
      #expect(wanted.image.text == "nginx:1.27@\(digest)")
      #expect(release.spec == wanted)
      #expect(release.message == "Back to release #1")
      let live = try await fixture.live(.deployment)
      let container = live?.at("spec", "template", "spec", "containers")?.array?.first
      #expect(container?["image"]?.string == wanted.image.text)
      #expect(live?.at("spec", "replicas") == 2)
      #expect(try await fixture.release(1).spec == first.spec, "history is never edited")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `random histories come back as they were`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      var random = SeededNumbers(seed: 7)
      var first = true
      for step in 1...12 {
        let draft = DeployingFixture.draft(
          image: "nginx:1.\(random.below(9))", replicas: random.below(4)
        ) {
          $0.environment = (0..<random.below(3)).map { .init(name: "V\($0)", value: "\(step)") }
          $0.files = random.below(2) == 0 ? [] : [.init(path: "/etc/a", content: "\(step)")]
          $0.isAutoscaled = random.below(3) == 0
          $0.secretValues = [.init(target: "S", value: "value \(random.below(3))")]
        }
        _ = try await fixture.deploy(draft, replacing: first ? nil : "web")
        first = false
      }
      for _ in 0..<6 {
        let number = 1 + random.below(12)
        let old = try await fixture.release(number)
        let plan = try await fixture.releases.plan(
          .rollback(to: number), of: "web", in: "shop", as: fixture.ann)
        #expect(plan.spec == old.spec, "to #\(number)")
        _ = try await fixture.releases.deploy(
          .rollback(to: number), of: "web", in: "shop", confirming: plan.hash, as: fixture.ann)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a stopped application comes back as it was, autoscaler and all`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(
        DeployingFixture.draft {
          $0.isAutoscaled = true
          $0.minimumReplicas = "2"
          $0.maximumReplicas = "4"
        })
      #expect(try await fixture.ended(1).state == .succeeded)
      _ = try await fixture.change(.stop, after: 1)
      #expect(try await fixture.ended(2).state == .succeeded)
      #expect(try await fixture.live(.deployment)?.at("spec", "replicas") == 0)
      #expect(try await fixture.live(.horizontalPodAutoscaler) == nil)
      #expect(try await fixture.live(.podDisruptionBudget) == nil)
      #expect(try await fixture.change(.stop, after: 2) == nil, "it is stopped already")

      _ = try await fixture.change(.start, after: 2)
      let third = try await fixture.ended(3)
      #expect(third.state == .succeeded, "\(third.outcome)")
      #expect(third.spec == first.spec)
      #expect(try await fixture.live(.deployment)?.at("status", "readyReplicas") == 2)
      #expect(try await fixture.live(.horizontalPodAutoscaler) != nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a restart makes new pods, and the same click again makes none`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1))
      #expect(try await fixture.ended(1).state == .succeeded)
      let before = try await fixture.podNames()

      let one = try await fixture.change(.restart, after: 1)
      let again = try await fixture.change(.restart, after: 1)
      #expect(one?.number == 2)
      #expect(again?.number == 2)
      #expect(try await fixture.ended(2).state == .succeeded)
      try await eventually("the old pod is gone") {
        try await Set(fixture.podNames()).isDisjoint(with: before)
      }
      // A later change of something else leaves the pods alone.
      let kept = try await fixture.podNames()
      let draft = ApplicationDraft(try await fixture.release().spec)
      let same = try await fixture.releases.plan(
        draft, replacing: "web", in: "shop", as: fixture.ann)
      #expect(same.isEmpty)
      #expect(try await fixture.podNames() == kept)

      // A page may send any number.
      for release in [1, Int.max, Int.min] {
        let late = await #expect(throws: DomainError.self) {
          try await fixture.change(.scale(replicas: "3"), after: release)
        }
        #expect(late?.message.contains("was deployed since you looked") == true)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `scaling takes a number within bounds, and none beside an autoscaler`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1))
      for wrong in ["", "-1", "101", "two", "+3"] {
        let error = await #expect(throws: DomainError.self) {
          try await fixture.change(.scale(replicas: wrong), after: 1)
        }
        #expect(error?.fields.first?.message.contains("from 0 to 100") == true)
      }
      let scaled = try await fixture.change(.scale(replicas: "3"), after: 1)
      #expect(scaled?.spec.scaling == .fixed(replicas: 3))
      #expect(scaled?.message == "Scaled to 3")
      _ = try await fixture.deploy(
        DeployingFixture.draft { $0.isAutoscaled = true }, replacing: "web")
      let error = await #expect(throws: DomainError.self) {
        try await fixture.change(.scale(replicas: "3"), after: 3)
      }
      #expect(error?.message.contains("An autoscaler sets") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a failed release goes back by itself, once, where the application says so`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, speed: 200) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) { $0.undoesFailures = true })
      #expect(try await fixture.ended(1).state == .succeeded)

      var draft = ApplicationDraft(try await fixture.release().spec)
      draft.image = "registry.example.com/broken:1"
      _ = try await fixture.deploy(draft, replacing: "web")
      #expect(try await fixture.ended(2).state == .failed)
      let undone = try await fixture.ended(3)

      #expect(undone.state == .succeeded, "\(undone.outcome)")
      #expect(undone.message == "Back to release #1 by itself, since #2 failed")
      #expect(undone.spec.image.text.hasPrefix("nginx:1.27@sha256:"))
      #expect(try await fixture.release().number == 3)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a rollout can be paused, resumed and cancelled`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1))
      #expect(try await fixture.ended(1).state == .succeeded)
      let over = await #expect(throws: DomainError.self) {
        try await fixture.releases.setPaused(true, of: "web", in: "shop", as: fixture.ann)
      }
      #expect(over?.message.contains("isn't rolling out any more") == true)

      _ = try await fixture.deploy(
        DeployingFixture.draft(image: "example.com/broken:1", replicas: 1), replacing: "web")
      try await eventually("it rolls out") {
        try await fixture.release().state == .rollingOut
      }
      try await fixture.releases.setPaused(true, of: "web", in: "shop", as: fixture.ann)
      #expect(try await fixture.live(.deployment)?.at("spec", "paused") == true)
      try await fixture.releases.setPaused(false, of: "web", in: "shop", as: fixture.ann)
      #expect(try await fixture.live(.deployment)?.at("spec", "paused") != true)

      let release = try await fixture.releases.cancel(
        2, of: "web", in: "shop", as: fixture.ann)
      #expect(release.message == "#2 cancelled: back to release #1")
      #expect(try await fixture.ended(3).state == .succeeded)
      #expect(try await fixture.release(2).state == .superseded)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `old releases go with what only they needed, the serving one stays`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.files = [.init(path: "/etc/a", content: "first")]
          $0.secretValues = [.init(target: "S", value: "first")]
        })
      let first = try await fixture.ended(1)
      let files = try #require(first.spec.filesName)
      let secret = try #require(first.spec.secretValues).secret
      for number in 2...4 {
        _ = try await fixture.deploy(
          DeployingFixture.draft(image: "nginx:1.\(number)", replicas: 1), replacing: "web")
        _ = try await fixture.ended(number)
      }
      let retention = ReleaseRetention(
        database: fixture.database, client: fixture.cluster.kubernetes, releasesKept: 2,
        logger: quietLogger, now: { Date(timeIntervalSinceNow: 7200) })
      let newest = try await fixture.release()
      let operation = Operation(
        id: .random(),
        projectID: try await fixture.projects.project(named: "shop", as: fixture.ann).project.id,
        releaseID: newest.id, attempts: 1)

      await retention.tidy(after: operation, in: "shop")

      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)
      #expect(try await fixture.releases.history(of: detail, limit: 9).map(\.number) == [4, 3])
      #expect(try await fixture.live(.configMap, files) == nil)
      #expect(try await fixture.live(.secret, secret) == nil)
      let gone = await #expect(throws: DomainError.self) {
        try await fixture.releases.plan(.rollback(to: 1), of: "web", in: "shop", as: fixture.ann)
      }
      #expect(gone?.message.contains("no release #1 any more") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what is kept is never swept, and neither is what is young or somebody else's`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.secretValues = [.init(target: "S", value: "first")]
        })
      let first = try await fixture.ended(1)
      let secret = try #require(first.spec.secretValues).secret
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Secret", "immutable": true,
        "metadata": ["name": "theirs", "labels": ["app.kubernetes.io/name": "web"]],
      ]
      _ = try await fixture.cluster.kubernetes.create(foreign, .secret, namespace: "shop")
      let operation = Operation(
        id: .random(),
        projectID: try await fixture.projects.project(named: "shop", as: fixture.ann).project.id,
        releaseID: first.id, attempts: 1)
      for seconds in [0.0, 7200] {
        let retention = ReleaseRetention(
          database: fixture.database, client: fixture.cluster.kubernetes, releasesKept: 1,
          logger: quietLogger, now: { Date(timeIntervalSinceNow: seconds) })
        await retention.tidy(after: operation, in: "shop")
      }
      #expect(try await fixture.live(.secret, secret) != nil)
      #expect(try await fixture.live(.secret, "theirs") != nil)
      #expect(try await fixture.release(1).state == .succeeded)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who may only look changes nothing`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1))
      for change in [
        ApplicationChange.restart, .stop, .start, .scale(replicas: "2"), .rollback(to: 1),
      ] {
        let error = await #expect(throws: DomainError.self) {
          try await fixture.releases.perform(
            change, of: "web", in: "shop", after: 1, as: fixture.bob)
        }
        #expect(error?.reason == .notFound)
      }
      let cancelled = await #expect(throws: DomainError.self) {
        try await fixture.releases.cancel(1, of: "web", in: "shop", as: fixture.bob)
      }
      #expect(cancelled?.reason == .notFound)
      #expect(try await fixture.release().number == 1)
    }
  }
}

extension DeployingFixture {
  func change(_ change: ApplicationChange, after release: Int) async throws -> Release? {
    try await releases.perform(change, of: "web", in: "shop", after: release, as: ann)
  }

  func podNames() async throws -> [String] {
    try await cluster.kubernetes.list(CoreV1.Pod.self, namespace: "shop").items
      .filter { $0.metadata.deletionTimestamp == nil }.map(\.metadata.name).sorted()
  }
}
