import TestSupport
import Testing

@testable import Domain

struct ReleaseEndsTests {
  @Test(arguments: TestDatabase.available)
  func `a person is told once of the end of their release, and of nobody else's`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("early"))
      _ = try await fixture.ended(1, of: "early")
      let ends = ReleaseEnds(
        database: fixture.database, notices: Notices(), interval: .milliseconds(50))
      let hers = ends.stream(of: fixture.ann.userID)
      let his = ends.stream(of: fixture.bob.userID)
      // What was over before the first look isn't told.
      try await eventually("the first look") { ends.hasLooked }

      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)
      _ = try await fixture.deploy(
        DeployingFixture.draft("odd", image: "registry.example/broken:1"))
      _ = try await fixture.ended(1, of: "odd")

      var told: [ReleaseEnd] = []
      for await end in hers {
        told.append(end)
        if told.count == 2 { break }
      }
      #expect(told.map(\.application) == ["web", "odd"])
      #expect(told.map(\.hasSucceeded) == [true, false])
      #expect(told.allSatisfy { $0.project == "shop" && $0.number == 1 })
      let nothing = Task { () -> ReleaseEnd? in
        for await end in his { return end }
        return nil
      }
      nothing.cancel()
      #expect(await nothing.value == nil)
    }
  }
}
