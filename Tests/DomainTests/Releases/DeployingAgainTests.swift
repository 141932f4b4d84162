import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What happens to a deploy when its process, its cluster or its namespace
/// goes away.
struct DeployingAgainTests {
  @Test(arguments: TestDatabase.available)
  func `a stored release is deployed by the next process`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      #expect(try await fixture.release().state == .queued)
      #expect(try await fixture.live(AppsV1.Deployment.type) == nil)

      try await working(fixture.anotherProcess()) {
        let release = try await fixture.ended(1)
        #expect(release.state == .succeeded)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a lease that nobody renews is taken over`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      let time = Date()
      let store = ReleaseStore()
      let held = try await fixture.database.write { connection in
        try store.claim(
          for: "died", at: time, until: time.addingTimeInterval(1.5), in: connection)
      }
      let operation = try #require(held)
      #expect(operation.attempts == 1)

      try await working(fixture.anotherProcess()) {
        _ = try await fixture.ended(1)
      }

      let renewed = try await fixture.database.write { connection in
        try store.renew(
          operation.id, for: "died", until: Date().addingTimeInterval(10), in: connection)
      }
      #expect(!renewed, "whoever died has lost it")
      let finished = try await fixture.database.write { connection in
        try store.finish(
          operation, by: "died",
          as: .init(namespace: "shop", state: .failed, outcome: "late"), at: Date(),
          in: connection)
      }
      #expect(!finished)
      #expect(try await fixture.release().state == .succeeded)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two processes share the work and do nothing twice`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject {
        $0.pods = "100"; $0.cpu = "20"; $0.memory = "20Gi"
      }
      try await working(fixture.anotherProcess()) {
        for number in 1...6 {
          _ = try await fixture.deploy(DeployingFixture.draft("web-\(number)", replicas: 1))
        }
        for number in 1...6 {
          let release = try await fixture.ended(1, of: "web-\(number)")
          #expect(release.state == .succeeded)
        }
      }

      let attempts = try await fixture.database.read { connection in
        try connection.query("SELECT attempts FROM operations").map {
          try $0.get("attempts", as: Int.self)
        }
      }
      #expect(attempts == [1, 1, 1, 1, 1, 1])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `on shutdown a deploy is given back at once`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let first = fixture.anotherProcess()
      try await working(first) {
        _ = try await fixture.deploy(
          DeployingFixture.draft(image: "slow:1"), in: "shop")
        try await eventually("it rolls out") {
          try await fixture.release().state == .rollingOut
        }
      }
      let free = try await fixture.database.read { connection in
        try ReleaseStore().hasWaiting(at: Date(), in: connection)
      }
      #expect(free)

      try await working(fixture.anotherProcess()) {
        let release = try await fixture.ended(1)
        #expect(release.state == .succeeded)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `releases of one application are deployed in their order`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: "nginx:1.26"))
      _ = try await fixture.deploy(DeployingFixture.draft(image: "nginx:1.27"), replacing: "web")

      let store = ReleaseStore()
      let time = Date()
      let claims = try await fixture.database.write { connection in
        let until = time.addingTimeInterval(10)
        return try (1...2).map { _ in
          try store.claim(for: "a", at: time, until: until, in: connection)
        }
      }

      let first = try #require(claims[0])
      #expect(claims[1] == nil, "the second waits for the first")
      let release = try await fixture.database.read { connection in
        try store.release(first.releaseID, in: connection)
      }
      #expect(release?.number == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a namespace that was deleted meanwhile is not made again by a deploy`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.cluster.kubernetes.delete(
        CoreV1.Namespace.type, name: "shop", DeleteOptions(uid: project.namespaceUID))
      try await eventually("the namespace is gone") {
        try await fixture.cluster.object(CoreV1.Namespace.type, "shop") == nil
      }

      try await working(fixture.anotherProcess()) {
        let release = try await fixture.ended(1)
        #expect(release.state == .failed)
        #expect(release.outcome.contains("gone from the cluster"), "\(release.outcome)")
      }
      #expect(try await fixture.cluster.object(CoreV1.Namespace.type, "shop") == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a namespace that somebody made anew is left alone`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.cluster.kubernetes.delete(CoreV1.Namespace.type, name: "shop")
      try await eventually("the namespace is gone") {
        try await fixture.cluster.object(CoreV1.Namespace.type, "shop") == nil
      }
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"],
      ]
      _ = try await fixture.cluster.kubernetes.create(
        foreign, CoreV1.Namespace.type, WriteOptions(fieldManager: "kubectl"))

      let error = await refusal {
        try await fixture.releases.plan(DeployingFixture.draft(), in: "shop", as: fixture.ann)
      }

      #expect(error?.reason == .conflict)
      #expect(error?.message.contains("isn't the one BabyHelm made") == true)
    }
  }
}
