import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

/// Who may see charts, what they cost, and what becomes of them while
/// Prometheus fails.
@Suite(.timeLimit(.minutes(5)))
struct MonitoringTests {
  private static let time = Date(timeIntervalSince1970: 1_795_000_000)

  private static func monitoring(
    _ fixture: DeployingFixture, _ address: String?,
    patience: Monitoring.Patience = .init(charts: .seconds(30), sparklines: .seconds(30)),
    now: @escaping @Sendable () -> Date = { time }
  ) -> Monitoring {
    Monitoring(
      settings: address.map { PrometheusSettings(address: $0) }, projects: fixture.projects,
      applications: fixture.domain.applications, releases: fixture.releases, patience: patience,
      logger: quietLogger, now: now)
  }

  /// One series with the value 1 at each time that is asked for.
  private static func ones(_ call: SentRequest) -> TestAnswer {
    let start = Int(call.form["start"] ?? "") ?? 0
    let values = (0..<3).map { "[\(start + $0 * (Int(call.form["step"] ?? "") ?? 1)),\"1\"]" }
    let series = "{\"metric\":{},\"values\":[\(values.joined(separator: ","))]}"
    return TestAnswer(
      200,
      .text(#"{"status":"success","data":{"resultType":"matrix","result":[\#(series)]}}"#))
  }

  /// Counts what comes, and how much of it at once.
  private final class Traffic: Sendable {
    private let state = Mutex((all: 0, now: 0, most: 0))

    var all: Int { state.withLock { $0.all } }
    var most: Int { state.withLock { $0.most } }

    func counting(_ answer: () async throws -> TestAnswer) async throws -> TestAnswer {
      state.withLock {
        $0.all += 1
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      defer { state.withLock { $0.now -= 1 } }
      return try await answer()
    }
  }

  private static func charts(_ report: MetricsReport) -> [MetricChart.Kind: MetricChart] {
    guard case .charts(let charts) = report.state else { return [:] }
    return Dictionary(uniqueKeysWithValues: charts.map { ($0.kind, $0) })
  }

  @Test func `without a Prometheus there is a report that says so`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      let monitoring = Self.monitoring(fixture, nil)

      let report = try await monitoring.report(
        of: .init(project: "shop"), over: .day, as: fixture.ann)

      #expect(report.state == .notConfigured)
      #expect(!monitoring.isConfigured)
    }
  }

  @Test func `who may not see a project learns nothing, and Prometheus isn't asked`() async throws {
    let traffic = Traffic()
    try await withAnsweringServer { call in
      try await traffic.counting { Self.ones(call) }
    } _: { url in
      try await withDeploying(.sqlite, works: false) { fixture in
        try await fixture.makeProject()
        _ = try await fixture.deploy(DeployingFixture.draft())
        let monitoring = Self.monitoring(fixture, url)
        // Even when what they ask for lies ready.
        _ = try await monitoring.report(
          of: .init(project: "shop", application: "web"), over: .hour, as: fixture.ann)
        let before = traffic.all

        for subject in [
          MetricsReport.Subject(project: "shop"), .init(project: "shop", application: "web"),
          .init(project: "nothing"),
        ] {
          await #expect {
            try await monitoring.report(of: subject, over: .hour, as: fixture.bob)
          } throws: { ($0 as? DomainError)?.reason == .notFound }
        }
        await #expect {
          try await monitoring.sparklines(of: "web", in: "shop", as: fixture.bob)
        } throws: {
          ($0 as? DomainError)?.reason == .notFound
        }
        await #expect {
          try await monitoring.report(
            of: .init(project: "shop", application: "none"), over: .hour, as: fixture.ann)
        } throws: {
          ($0 as? DomainError)?.reason == .notFound
        }
        #expect(traffic.all == before)
      }
    }
  }

  @Test func `ten people who look at once cost one set of questions, twelve at a time`()
    async throws
  {
    let traffic = Traffic()
    try await withAnsweringServer { call in
      try await traffic.counting {
        try await Task.sleep(for: .milliseconds(20))
        return Self.ones(call)
      }
    } _: { url in
      try await withDeploying(.sqlite, works: false) { fixture in
        try await fixture.makeProject()
        _ = try await fixture.deploy(DeployingFixture.draft())
        let clock = TurnedClock(Self.time)
        let monitoring = Self.monitoring(fixture, url) { clock.now }
        let subject = MetricsReport.Subject(project: "shop", application: "web")
        let questions = MetricQueries(
          subject: subject, range: .day, labels: PrometheusLabels(), claims: []
        ).all.flatMap(\.sources).flatMap(\.lines).count

        let reports = try await withThrowingTaskGroup(of: MetricsReport.self) { group in
          for _ in 0..<10 {
            group.addTask {
              try await monitoring.report(of: subject, over: .day, as: fixture.ann)
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }

        #expect(Set(reports).count == 1)
        #expect(traffic.all == questions)
        #expect(traffic.most <= PrometheusTransport.connections)

        clock.turn(by: 1)
        _ = try await monitoring.report(of: subject, over: .day, as: fixture.ann)
        #expect(traffic.all == questions)
        clock.turn(by: 300)
        _ = try await monitoring.report(of: subject, over: .day, as: fixture.ann)
        #expect(traffic.all == 2 * questions)
      }
    }
  }

  @Test func `one slow and one refused question leave the other charts whole`() async throws {
    try await withAnsweringServer { call in
      let query = call.form["query"] ?? ""
      if query.contains("container_memory") { return TestAnswer(200, .silence) }
      if query.contains("kube_pod_status_phase") {
        return TestAnswer(
          422, .text(#"{"status":"error","errorType":"execution","error":"too many samples"}"#))
      }
      if query.contains("kube_pod_container_resource_limits") {
        return TestAnswer(503, .text(""))
      }
      return Self.ones(call)
    } _: { url in
      try await withDeploying(.sqlite, works: false) { fixture in
        try await fixture.makeProject()
        _ = try await fixture.deploy(DeployingFixture.draft())
        let monitoring = Self.monitoring(fixture, url, patience: .init())
        let start = ContinuousClock.now

        let charts = Self.charts(
          try await monitoring.report(
            of: .init(project: "shop", application: "web"), over: .hour, as: fixture.ann))

        #expect(ContinuousClock.now - start < .seconds(5))
        guard case .failed(let late)? = charts[.memory]?.content,
          case .failed(let refused)? = charts[.pods]?.content,
          case .series(let cpu)? = charts[.cpu]?.content
        else {
          Issue.record("\(charts)")
          return
        }
        #expect(late.contains("in time"))
        #expect(refused.contains("too many samples"))
        // What belongs to it and failed is told beside it.
        #expect(cpu.map(\.role) == [.use, .request])
        #expect(charts[.cpu]?.note.contains("limit") == true)
        #expect(charts.count == MetricChart.Kind.allCases.count - 1)
      }
    }
  }

  @Test func `a Prometheus that is gone is one sentence, without its address`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      // Nothing listens on port 1.
      let monitoring = Self.monitoring(fixture, "http://127.0.0.1:1")

      let report = try await monitoring.report(
        of: .init(project: "shop"), over: .week, as: fixture.ann)

      guard case .unavailable(let text) = report.state else {
        Issue.record("\(report.state)")
        return
      }
      #expect(text.contains("can't be reached"))
      #expect(!text.contains("127.0.0.1"))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `releases within the range are marked, and those of one application alone on its charts`(
    kind: TestDatabase
  ) async throws {
    try await withAnsweringServer {
      Self.ones($0)
    } _: { url in
      try await withDeploying(kind, works: false) { fixture in
        try await fixture.makeProject()
        let first = try await fixture.deploy(DeployingFixture.draft("web"))
        _ = try await fixture.deploy(DeployingFixture.draft("db"))
        let monitoring = Self.monitoring(fixture, url) { Date().addingTimeInterval(20) }

        let project = Self.charts(
          try await monitoring.report(of: .init(project: "shop"), over: .hour, as: fixture.ann))
        let web = Self.charts(
          try await monitoring.report(
            of: .init(project: "shop", application: "web"), over: .hour, as: fixture.ann))

        #expect(project[.cpu]?.marks.map(\.application) == ["web", "db"])
        let mark = try #require(web[.cpu]?.marks.first)
        #expect(web[.cpu]?.marks.count == 1)
        #expect(mark.number == 1 && !mark.isFailed)
        #expect(abs(mark.time.timeIntervalSince(first.createdAt)) < 1)
        let later = Self.monitoring(fixture, url) { Date().addingTimeInterval(4_000) }
        let empty = try await later.report(
          of: .init(project: "shop"), over: .hour, as: fixture.ann)
        #expect(Self.charts(empty)[.cpu]?.marks == [])
      }
    }
  }

  @Test func `sparklines are two lines of an hour`() async throws {
    let traffic = Traffic()
    try await withAnsweringServer { call in
      try await traffic.counting { Self.ones(call) }
    } _: { url in
      try await withDeploying(.sqlite, works: false) { fixture in
        try await fixture.makeProject()
        _ = try await fixture.deploy(DeployingFixture.draft())

        let report = try await Self.monitoring(fixture, url)
          .sparklines(of: "web", in: "shop", as: fixture.ann)

        guard case .charts(let charts) = report.state else {
          Issue.record("\(report.state)")
          return
        }
        #expect(charts.map(\.kind) == [.cpu, .memory])
        #expect(charts.allSatisfy { MetricQueryTests.series($0).first?.values.count == 60 })
        #expect(traffic.all == 2)
      }
    }
  }

  @Test func `lines that were empty are asked for again, and kept once they are there`()
    async throws
  {
    let traffic = Traffic()
    let isMeasured = Mutex(false)
    let nothing = #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#
    let clock = Mutex(Self.time)
    try await withAnsweringServer { call in
      try await traffic.counting {
        isMeasured.withLock { $0 } ? Self.ones(call) : TestAnswer(200, .text(nothing))
      }
    } _: { url in
      try await withDeploying(.sqlite, works: false) { fixture in
        try await fixture.makeProject()
        _ = try await fixture.deploy(DeployingFixture.draft())
        let monitoring = Self.monitoring(fixture, url, now: { clock.withLock { $0 } })
        func isShown() async throws -> Bool {
          let report = try await monitoring.sparklines(of: "web", in: "shop", as: fixture.ann)
          return Self.charts(report).values.contains {
            if case .series = $0.content { true } else { false }
          }
        }
        #expect(try await !isShown())
        let asked = traffic.all
        #expect(try await !isShown())
        #expect(traffic.all == asked, "not with every look")

        isMeasured.withLock { $0 = true }
        // Within the same minute.
        clock.withLock { $0 += 6 }
        #expect(try await isShown())
        let found = traffic.all
        for _ in 0..<3 { #expect(try await isShown()) }
        #expect(traffic.all <= found + 2, "at most those of the minute once more")
      }
    }
  }

  @Test func `what doesn't fit into a chart is summed`() {
    let series = (0..<10).map { MetricSeries(name: "p\($0)", role: .use, values: [Double($0), 1]) }

    let (shown, left) = MetricLines.highest(series, 8)
    let others = MetricLines.others(
      of: PrometheusSeries(labels: [:], values: [45, 10]), without: shown)

    #expect(shown.map(\.name) == (2..<10).map { "p\($0)" })
    #expect(left == 2)
    #expect(others.values == [1, 2])
    #expect(MetricLines.increase(of: [5, 6, nil, 6, 1]) == [0, 1, nil, 1, 2])
  }
}
