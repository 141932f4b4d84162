import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// An application goes, and comes back.
struct DeletingTests {
  private static let draft = DeployingFixture.draft {
    $0.files = [.init(path: "/etc/app.conf", content: "one")]
    $0.secretValues = [.init(target: "PASSWORD", value: "one")]
    $0.exposure = "ingress"
    $0.host = "web.example.com"
  }

  private static func delete(
    _ fixture: DeployingFixture, removingVolumes: Bool = false
  ) async throws {
    try await fixture.releases.delete(
      "web", typed: "web", removingVolumes: removingVolumes, in: "shop", as: fixture.ann)
  }

  private static func removal(
    _ fixture: DeployingFixture, after days: Double
  ) -> ApplicationRemoval {
    let domain = fixture.domain
    return ApplicationRemoval(
      database: fixture.database, projects: domain.projects,
      applications: domain.applications, guards: domain.releases.guards,
      client: fixture.cluster.kubernetes, clusterState: domain.clusterState, logger: quietLogger,
      now: { Date(timeIntervalSinceNow: days * 24 * 3600) })
  }

  @Test(arguments: TestDatabase.available)
  func `a deleted application runs nothing, is nowhere, and comes back the same`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(Self.draft)
      #expect(try await fixture.ended(1).state == .succeeded)
      let address = try await fixture.live(.service)?.at("spec", "clusterIP")

      try await Self.delete(fixture)
      try await eventually("nothing runs") { try await fixture.podNames().isEmpty }

      let page = try await fixture.domain.applications.list(
        project: "shop", page: 1, as: fixture.ann)
      #expect(page.applications.isEmpty)
      #expect(page.total == 0)
      #expect(page.deleted.map(\.name) == ["web"])
      let hidden = await #expect(throws: DomainError.self) { try await fixture.release() }
      #expect(hidden?.reason == .notFound)
      let taken = await #expect(throws: DomainError.self) {
        try await fixture.releases.plan(Self.draft, in: "shop", as: fixture.ann)
      }
      #expect(taken?.fields.first?.message.contains("can still be restored") == true)
      let exported = try await fixture.domain.exports.project(named: "shop", as: fixture.ann)
      #expect(!exported.yaml.contains("kind: Deployment"))

      let back = try await fixture.releases.restore("web", in: "shop", as: fixture.ann)
      #expect(back.spec == first.spec)
      #expect(try await fixture.ended(3).state == .succeeded)
      #expect(try await fixture.live(.service)?.at("spec", "clusterIP") == address)
      let twice = await #expect(throws: DomainError.self) {
        try await fixture.releases.restore("web", in: "shop", as: fixture.ann)
      }
      #expect(twice?.reason == .notFound)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `after a week it is gone with all that is its own, and nothing else`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(Self.draft)
      _ = try await fixture.deploy(DeployingFixture.draft("other", replicas: 1))
      #expect(try await fixture.ended(1).state == .succeeded)
      #expect(try await fixture.ended(1, of: "other").state == .succeeded)
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "theirs"],
      ]
      _ = try await fixture.cluster.kubernetes.create(foreign, .configMap, namespace: "shop")
      try await Self.delete(fixture)
      try await eventually("nothing runs") {
        try await fixture.podNames().allSatisfy { $0.hasPrefix("other") }
      }

      await Self.removal(fixture, after: 6.9).proceed()
      #expect(try await fixture.live(.deployment) != nil, "not before its week is over")
      try await eventually("it is gone") {
        await Self.removal(fixture, after: 7.1).proceed()
        return try await fixture.releases.deleted(in: "shop", as: fixture.ann).isEmpty
      }

      for type in ManifestBuilder.singleTypes {
        #expect(try await fixture.live(type) == nil, "\(type)")
      }
      for object in first.spec.versionedObjects {
        #expect(try await fixture.live(object.kind.type, object.name) == nil, "\(object)")
      }
      #expect(try await fixture.live(.configMap, "theirs") != nil)
      #expect(try await fixture.live(.deployment, "other") != nil)
      let again = try await fixture.deploy(Self.draft)
      #expect(again.number == 1, "the name is free again")
    }
  }

  @Test(arguments: TestDatabase.available, [false, true])
  func `volumes stay unless they were to go`(kind: TestDatabase, goes: Bool) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1) {
          $0.volumes = [.init(path: "/data", size: "1Gi")]
        })
      #expect(try await fixture.ended(1).state == .succeeded)

      try await Self.delete(fixture, removingVolumes: goes)
      try await fixture.releases.removeForGood("web", typed: "web", in: "shop", as: fixture.ann)
      try await eventually("it is gone") {
        try await fixture.releases.deleted(in: "shop", as: fixture.ann).isEmpty
      }

      #expect((try await fixture.live(.persistentVolumeClaim, "web-data") == nil) == goes)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an object that hangs on a finalizer is waited for`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(Self.draft)
      #expect(try await fixture.ended(1).state == .succeeded)
      _ = try await fixture.cluster.kubernetes.mergePatch(
        ["metadata": ["finalizers": ["example.com/hold"]]], .ingress, name: "web",
        namespace: "shop")
      try await Self.delete(fixture)
      try await fixture.releases.removeForGood("web", typed: "web", in: "shop", as: fixture.ann)
      try await eventually("the rest is gone") {
        try await fixture.live(.deployment) == nil
      }
      let waiting = try await fixture.releases.deleted(in: "shop", as: fixture.ann)
      #expect(waiting.first?.isBeingRemoved == true)
      let late = await #expect(throws: DomainError.self) {
        try await fixture.releases.restore("web", in: "shop", as: fixture.ann)
      }
      #expect(late?.message.contains("is being removed") == true)

      _ = try await fixture.cluster.kubernetes.mergePatch(
        ["metadata": ["finalizers": []]], .ingress, name: "web", namespace: "shop")
      try await eventually("it is gone") {
        try await fixture.releases.deleted(in: "shop", as: fixture.ann).isEmpty
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the name is asked, and owners alone may delete`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(Self.draft)
      let wrong = await #expect(throws: DomainError.self) {
        try await fixture.releases.delete(
          "web", typed: "shop", removingVolumes: false, in: "shop", as: fixture.ann)
      }
      #expect(wrong?.fields.map(\.field) == ["confirmation"])
      let stranger = await #expect(throws: DomainError.self) {
        try await fixture.releases.delete(
          "web", typed: "web", removingVolumes: false, in: "shop", as: fixture.bob)
      }
      #expect(stranger?.reason == .notFound)
      #expect(
        !AccessTable.decide(.deleteApplications, role: .member, projectRole: .editor).isAllowed)
      #expect(try await fixture.release().number == 1)
    }
  }
}
