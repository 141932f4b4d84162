import TestSupport
import Testing

@testable import Domain

/// What people see who watch a release.
struct RolloutProgressTests {
  private static func progress(_ fixture: DeployingFixture) async throws -> RolloutProgress {
    let detail = try await fixture.domain.applications.application(
      named: "web", in: "shop", as: fixture.ann)
    let newest = try #require(try await fixture.releases.history(of: detail).first)
    return detail.progress(of: newest)
  }

  @Test func `old pods serve until new ones do, and each is told apart`() async throws {
    try await withDeploying(.sqlite, speed: 4) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      #expect(try await fixture.ended(1).state == .succeeded)
      let before = Set(try await fixture.podNames())

      _ = try await fixture.deploy(DeployingFixture.draft(image: "slow:1"), replacing: "web")
      try await eventually("a new pod is there beside the old ones") {
        let now = try await Self.progress(fixture)
        return !now.new.isEmpty && now.newReady == 0
      }
      let half = try await Self.progress(fixture)
      #expect(half.wanted == 2)
      #expect(half.oldReady == 2, "none goes before a new one serves")
      #expect(Set(half.old.map(\.name)) == before)
      #expect(half.new.allSatisfy { !before.contains($0.name) })

      #expect(try await fixture.ended(2).state == .succeeded)
      let end = try await Self.progress(fixture)
      #expect(end.newReady == 2 && end.oldReady == 0)
      #expect(end.release.state == .succeeded && end.release.finishedAt != nil)
    }
  }

  @Test func `the warning that matters is told, in words`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: "broken:1", replicas: 1))

      try await eventually("a warning is told") {
        try await Self.progress(fixture).event?.sentence.contains("image") ?? false
      }
      #expect(try await Self.progress(fixture).event?.object.hasPrefix("Pod web-") == true)
    }
  }
}
