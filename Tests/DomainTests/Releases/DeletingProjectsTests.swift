import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// A project goes, and comes back.
struct DeletingProjectsTests {
  private static let web = DeployingFixture.draft {
    $0.secretValues = [.init(target: "PASSWORD", value: "one")]
    $0.volumes = [.init(path: "/data", size: "1Gi")]
    $0.replicas = "1"
  }

  private static func delete(
    _ fixture: DeployingFixture, typed: String = "shop", applications: Bool = true,
    volumes: Bool = true, as principal: Principal? = nil
  ) async throws {
    try await fixture.releases.deleteProject(
      "shop", typed: typed, includingApplications: applications, removingVolumes: volumes,
      as: principal ?? fixture.ann)
  }

  private static func removal(
    _ fixture: DeployingFixture, after days: Double
  ) -> ProjectRemoval {
    let domain = fixture.domain
    return ProjectRemoval(
      database: fixture.database, projects: domain.projects,
      applications: domain.applications, releases: domain.releases,
      clusterState: domain.clusterState, logger: quietLogger,
      now: { Date(timeIntervalSinceNow: days * 24 * 3600) })
  }

  private static func stopped(_ fixture: DeployingFixture) async throws {
    try await eventually("nothing runs and nobody has rights", within: .seconds(60)) {
      let found = try await fixture.projects.deleted(named: "shop", as: fixture.ann)
      guard found.runningApplications == 0, try await fixture.podNames().isEmpty else {
        return false
      }
      return try await fixture.live(
        .roleBinding, MemberRights.name(of: fixture.ann.userID)) == nil
    }
  }

  private static func namespace(_ fixture: DeployingFixture) async throws -> JSONValue? {
    try await fixture.cluster.object(.namespace, "shop", in: nil)
  }

  @Test(arguments: TestDatabase.available)
  func `a deleted project is nowhere, runs nothing, and comes back the same`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(Self.web)
      _ = try await fixture.deploy(DeployingFixture.draft("old", replicas: 1))
      #expect(try await fixture.ended(1).state == .succeeded)
      #expect(try await fixture.ended(1, of: "old").state == .succeeded)
      let address = try await fixture.live(.service)?.at("spec", "clusterIP")
      try await fixture.releases.delete(
        "old", typed: "old", removingVolumes: false, in: "shop", as: fixture.ann)

      try await Self.delete(fixture)

      let hidden = await #expect(throws: DomainError.self) {
        try await fixture.projects.project(named: "shop", as: fixture.ann)
      }
      #expect(hidden?.reason == .notFound)
      let refused = await #expect(throws: DomainError.self) {
        try await fixture.releases.plan(Self.web, in: "shop", as: fixture.ann)
      }
      #expect(refused?.reason == .notFound)
      #expect(try await fixture.projects.list(page: 1, as: fixture.admin).projects.isEmpty)
      try await Self.stopped(fixture)

      try await fixture.releases.restoreProject("shop", as: fixture.ann)

      try await eventually("the application is back", within: .seconds(60)) {
        let page = try await fixture.domain.applications.list(
          project: "shop", page: 1, as: fixture.ann)
        return page.applications.map(\.application.name) == ["web"]
      }
      let back = try await fixture.ended(3)
      #expect(back.state == .succeeded)
      #expect(back.spec == first.spec)
      #expect(try await fixture.live(.service)?.at("spec", "clusterIP") == address)
      let deleted = try await fixture.releases.deleted(in: "shop", as: fixture.ann)
      #expect(deleted.map(\.name) == ["old"], "what was deleted before stays deleted")
      try await eventually("Ann has her rights again") {
        try await fixture.live(.roleBinding, MemberRights.name(of: fixture.ann.userID)) != nil
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `after a week its namespace is gone, and its name is free`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(Self.web)
      #expect(try await fixture.ended(1).state == .succeeded)
      try await Self.delete(fixture)
      try await Self.stopped(fixture)

      await Self.removal(fixture, after: 6.9).proceed()
      #expect(try await Self.namespace(fixture) != nil, "not before its week is over")
      try await eventually("it is gone", within: .seconds(60)) {
        await Self.removal(fixture, after: 7.1).proceed()
        return try await fixture.projects.deleted(as: fixture.ann).isEmpty
      }

      #expect(try await Self.namespace(fixture) == nil)
      try await fixture.makeProject()
      #expect(try await fixture.deploy(Self.web).number == 1)
    }
  }

  @Test func `what was not confirmed is told at its field, and nothing is done`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(Self.web)
      #expect(try await fixture.ended(1).state == .succeeded)

      let error = await #expect(throws: DomainError.self) {
        try await Self.delete(fixture, typed: "shopp", applications: false, volumes: false)
      }

      #expect(
        error?.fields.map(\.field) == ["includesApplications", "removesVolumes", "confirmation"])
      #expect(error?.fields.first?.message.contains("web") == true)
      #expect(try await fixture.projects.project(named: "shop", as: fixture.ann).role == .owner)
    }
  }

  @Test func `only owners and admins delete and restore`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.projects.addMember(
        email: fixture.bob.email, role: .editor, to: "shop", as: fixture.ann)
      let refused = await #expect(throws: DomainError.self) {
        try await Self.delete(fixture, as: fixture.bob)
      }
      #expect(refused?.reason == .forbidden)

      try await Self.delete(fixture)
      let unknown = await #expect(throws: DomainError.self) {
        try await fixture.releases.restoreProject("shop", as: fixture.bob)
      }
      #expect(unknown?.reason == .notFound)
      #expect(try await fixture.projects.deleted(as: fixture.bob).isEmpty)
      try await fixture.releases.restoreProject("shop", as: fixture.admin)
      #expect(try await fixture.projects.project(named: "shop", as: fixture.bob).role == .editor)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `of a restoring and a removal at once one wins whole`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      for _ in 0..<5 {
        try await Self.delete(fixture)
        async let restored: Void = fixture.releases.restoreProject("shop", as: fixture.ann)
        async let removed: Void = fixture.releases.removeProject(
          "shop", typed: "shop", as: fixture.admin)
        let isRestored = (try? await restored) != nil
        _ = try? await removed
        let left = try await fixture.projects.deleted(as: fixture.ann).first
        if left?.isBeingRemoved == true {
          #expect(!isRestored || left == nil)
          return
        }
        #expect(isRestored)
        #expect(try await fixture.projects.project(named: "shop", as: fixture.ann).role == .owner)
      }
    }
  }

  @Test func `a namespace that somebody made anew is left alone`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let client = fixture.cluster.kubernetes
      _ = try await client.delete(.namespace, name: "shop", DeleteOptions())
      try await eventually("it is gone") { try await Self.namespace(fixture) == nil }
      let theirs: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"],
      ]
      _ = try await client.create(theirs, .namespace)
      try await Self.delete(fixture)
      try await fixture.releases.removeProject("shop", typed: "shop", as: fixture.ann)

      try await eventually("the project is forgotten") {
        try await fixture.projects.deleted(as: fixture.ann).isEmpty
      }
      #expect(try await Self.namespace(fixture)?.at("metadata", "deletionTimestamp") == nil)
    }
  }

  @Test func `an object that waits for a finalizer is named`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      let stuck: JSONValue = [
        "apiVersion": "v1", "kind": "Service",
        "metadata": ["name": "stuck", "finalizers": ["example.com/hold"]],
        "spec": ["ports": [["port": 80]]],
      ]
      _ = try await fixture.cluster.kubernetes.create(stuck, .service, namespace: "shop")
      let contents = try await fixture.releases.contents(of: "shop", as: fixture.ann)
      #expect(contents.foreign == ["Service stuck"])
      try await Self.delete(fixture)
      try await fixture.releases.removeProject("shop", typed: "shop", as: fixture.ann)

      try await eventually("it is named") {
        let found = try await fixture.projects.deleted(named: "shop", as: fixture.ann)
        return await fixture.releases.remains(of: found).contains {
          $0.contains("Service “stuck” waits for its finalizer example.com/hold")
        }
      }
      let free: JSONValue = ["metadata": ["finalizers": []]]
      _ = try await fixture.cluster.kubernetes.mergePatch(
        free, .service, name: "stuck", namespace: "shop")
      try await eventually("it is gone") {
        try await fixture.projects.deleted(as: fixture.ann).isEmpty
      }
    }
  }
}
