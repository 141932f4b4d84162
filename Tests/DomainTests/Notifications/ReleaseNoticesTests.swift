import Foundation
import TestSupport
import Testing

@testable import Domain

struct ReleaseNoticesTests {
  private func kinds(_ fixture: DeployingFixture) async throws -> [String] {
    try await fixture.database.read { connection in
      try connection.query("SELECT kind FROM notices ORDER BY number").map {
        try $0.get("kind")
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a release is told of when it begins and when it ends`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)
      _ = try await fixture.deploy(
        DeployingFixture.draft(image: "nginx:1.28"), replacing: "web")
      _ = try await fixture.ended(2)
      let plan = try await fixture.releases.plan(
        .rollback(to: 1), of: "web", in: "shop", as: fixture.ann)
      _ = try await fixture.releases.deploy(
        .rollback(to: 1), of: "web", in: "shop", confirming: plan.hash, as: fixture.ann)
      _ = try await fixture.ended(3)
      try await fixture.releases.delete(
        "web", typed: "web", removingVolumes: false, in: "shop", as: fixture.ann)
      try await eventually("the deletion is through") {
        try await fixture.database.read {
          try $0.first("SELECT 1 AS one FROM operations WHERE finished_at IS NULL") == nil
        }
      }
      let restored = try await fixture.releases.restore("web", in: "shop", as: fixture.ann)
      _ = try await fixture.ended(restored.number)

      #expect(
        try await kinds(fixture) == [
          "release.started", "release.succeeded", "release.started", "release.succeeded",
          "release.rolled_back", "release.succeeded", "application.deleted",
          "application.restored", "release.succeeded",
        ])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a release that fails and goes back by itself is told of as both`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft { $0.undoesFailures = true })
      _ = try await fixture.ended(1)
      _ = try await fixture.deploy(
        DeployingFixture.draft(image: "registry.example/broken:1") { $0.undoesFailures = true },
        replacing: "web")
      _ = try await fixture.ended(2)
      _ = try await fixture.ended(3)

      #expect(
        try await kinds(fixture) == [
          "release.started", "release.succeeded", "release.started", "release.failed",
          "release.rolled_back", "release.succeeded",
        ])
      let failed = try await fixture.database.read { connection in
        try connection.first("SELECT content FROM notices WHERE kind = 'release.failed'")
      }
      let notice: Notice = try NotificationCoding.decode(
        try #require(failed).get("content", as: String.self))
      #expect(notice.place == .release(2, of: "web"))
      #expect(notice.severity == .warning)
      #expect(!notice.text.isEmpty)
      #expect(notice.facts.contains(.init("author", "Ann")))
    }
  }
}
