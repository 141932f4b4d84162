import Kubernetes
import Sandbox
import TestSupport
import Testing

@testable import Domain

struct LastWordsTests {
  @Test func `the last ten lines are shown, each cut to its length`() {
    let log = (1...30).map { "line \($0)" }.joined(separator: "\n") + "\n"
    let long = String(repeating: "é", count: 5000)

    #expect(LastWords.shown(log) == (21...30).map { "line \($0)" })
    #expect(LastWords.shown(long) == [String(repeating: "é", count: 300)])
    #expect(LastWords.shown("") == [])
    #expect(LastWords.shown("\n \n\t\n") == [])
  }

  @Test func `no control character, colour or mark that turns text around is shown`() {
    let hostile = "\u{1b}[31mred\u{1b}[0m\u{7}\u{0} a\tb \u{202e}evil\u{2066} <b>\r\n"

    #expect(LastWords.shown(hostile) == ["red a b evil <b>"])
    #expect(LastWords.shown("a\u{1b}[38;5;196mb\u{9b}c") == ["abc"])
    #expect(LastWords.shown("\u{1b}]0;title") == ["0;title"])
  }

  @Test func `a run's lines are asked once, however often the page changes`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: "crash:1", replicas: 1))
      var pod: PodStatus?
      try await eventually("it crashed") {
        let detail = try await fixture.domain.applications.application(
          named: "web", in: "shop", as: fixture.ann)
        pod = detail.status.pods.first { $0.stage == .failing(reason: "CrashLoopBackOff") }
        return pod != nil
      }
      let words = LastWords(client: fixture.cluster.kubernetes)
      let before = Self.reads(fixture)

      for _ in 1...5 { _ = await words.lines(of: try #require(pod), in: "shop") }

      #expect(Self.reads(fixture) == before + 1)
    }
  }

  @Test func `healthy applications cost no request`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(1)
      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)

      let diagnosis = await fixture.releases.diagnosis(of: detail)

      #expect(diagnosis == nil)
      #expect(Self.reads(fixture) == 0)
    }
  }

  @Test func `a cluster that doesn't answer in time has nothing to tell`() async throws {
    try await withCluster { cluster in
      await cluster.server.setFaults(try SandboxFaults("latency=30s"))
      let words = LastWords(client: cluster.kubernetes, timeLimit: .milliseconds(100))
      let pod = try LivePod("web-1-a") { $0.state = LivePod.waiting("CrashLoopBackOff") }.status()
      let start = ContinuousClock.now

      let lines = await words.lines(of: pod, in: "shop")

      #expect(lines == [])
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  /// How often a log was read.
  private static func reads(_ fixture: DeployingFixture) -> Int {
    fixture.cluster.server.traffic.accesses
      .filter { $0.key.resource == "pods" && $0.key.subresource == "log" }
      .reduce(0) { $0 + $1.value }
  }
}
