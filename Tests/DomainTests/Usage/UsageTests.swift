import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Domain

/// What is counted, and what reports make of it.
struct UsageTests {
  private static let hour = 3600.0
  private static let gibi: Int64 = 1024 * 1024

  /// Stands in for a metrics server.
  private struct Meter: UsageSource {
    let answer: @Sendable () throws(DomainError) -> [ObjectKey: ResourceAmount]?
    func use() async throws(DomainError) -> [ObjectKey: ResourceAmount]? { try answer() }
  }

  private static func sampler(
    _ fixture: DeployingFixture, at clock: TurnedClock,
    _ answer: @escaping @Sendable () throws(DomainError) -> [ObjectKey: ResourceAmount]? = { nil }
  ) -> UsageSampler {
    UsageSampler(
      database: fixture.database, client: fixture.cluster.kubernetes,
      source: Meter(answer: answer), applications: fixture.domain.applications,
      clusterState: fixture.domain.clusterState, logger: quietLogger, now: { clock.now })
  }

  private static func reference(
    _ name: String, in project: Project, _ fixture: DeployingFixture
  ) async throws -> ApplicationReference {
    let all = try await fixture.database.reading { connection in
      try fixture.domain.applications.references(in: connection, of: project.id)
    }
    return try #require(all.first { $0.name == name })
  }

  /// Counts `hours` full hours that ended with the one before this.
  private static func count(
    _ sample: UsageSample, hours: Int, in fixture: DeployingFixture
  ) async throws {
    let last = Date().start(of: 3600).addingTimeInterval(-Self.hour)
    try await fixture.database.writing { connection in
      for index in 0..<hours {
        let start = last.addingTimeInterval(-Self.hour * Double(index))
        for second: Double in [0, 1800] {
          try UsageStore().add(
            sample, seconds: 1800, at: start.addingTimeInterval(second), in: connection)
        }
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a week of two applications costs what one gets by hand, and others don't see it`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web"))
      _ = try await fixture.deploy(DeployingFixture.draft("db"))
      let web = try await Self.reference("web", in: project, fixture)
      let db = try await Self.reference("db", in: project, fixture)
      try await Self.count(
        UsageSample(
          application: web, requested: ResourceAmount(cpu: 500, memory: 2 * Self.gibi),
          used: [
            ResourceAmount(cpu: 60, memory: Self.gibi / 2),
            ResourceAmount(cpu: 40, memory: Self.gibi / 2),
          ]), hours: 100, in: fixture)
      try await Self.count(
        UsageSample(
          application: db, requested: ResourceAmount(cpu: 250, memory: Self.gibi),
          storage: 10 * Self.gibi), hours: 73, in: fixture)
      let usage = fixture.domain.usage
      #expect(try await usage.report(of: "shop", over: .week, as: fixture.ann).cost == nil)
      try await usage.setPriceList(
        PriceListDraft(
          isOn: true, currency: "EUR", coreHour: "0.04", memoryHour: "0.005", storageMonth: "0.1"),
        from: 0, as: fixture.admin)

      let report = try await usage.report(of: "shop", over: .week, as: fixture.ann)

      #expect(report.applications.map(\.name) == ["db", "web"])
      // 0.25 × 73 × 0.04 = 0.73; 73 × 0.005 = 0.365; 10 × 0.1 × 73 / 730 = 0.1
      #expect(
        report.applications[0].cost == Cost(cpu: 730_000, memory: 365_000, storage: 100_000))
      // 0.5 × 100 × 0.04 = 2; 2 × 100 × 0.005 = 1
      #expect(report.applications[1].cost == Cost(cpu: 2_000_000, memory: 1_000_000, storage: 0))
      #expect(report.cost?.total == 4_195_000)
      let first = report.applications[1]
      #expect(first.average == ResourceAmount(cpu: 100, memory: Self.gibi))
      #expect(first.peak == ResourceAmount(cpu: 100, memory: Self.gibi))
      #expect(first.seconds == 100 * 3600)
      #expect(report.applications[0].average == nil, "it was never measured")

      let day = try await usage.report(of: "shop", over: .day, as: fixture.ann)
      #expect(day.applications[1].seconds == 23 * 3600, "the hour that runs has nothing yet")

      let all = try await usage.platform(over: .week, as: fixture.admin)
      #expect(all.projects.map(\.name) == ["shop"])
      #expect(all.cost?.total == 4_195_000)
      let hidden = await refusal {
        _ = try await usage.report(of: "shop", over: .week, as: fixture.bob)
      }
      #expect(hidden?.reason == .notFound)
      let refused = await refusal { _ = try await usage.platform(over: .week, as: fixture.ann) }
      #expect(refused?.reason == .forbidden)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a minute is counted once, whoever counts, and a gap isn't counted as nothing`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft {
          $0.volumes = [.init(path: "/data", size: "2Gi")]; $0.replicas = "1"
        })
      #expect(try await fixture.ended(1).state == .succeeded)
      let pod = try #require(
        fixture.domain.clusterState.status(of: "web", in: "shop").pods.first)
      let clock = TurnedClock(Date().start(of: 3600).addingTimeInterval(60))
      let answer: @Sendable () -> [ObjectKey: ResourceAmount]? = {
        [ObjectKey(namespace: "shop", name: pod.name): ResourceAmount(cpu: 7, memory: 900)]
      }
      let one = Self.sampler(fixture, at: clock, answer)
      let other = Self.sampler(fixture, at: clock, answer)

      try await one.sample()
      try await other.sample()
      clock.turn(by: 55)
      try await other.sample()
      try await one.sample()
      clock.turn(by: 1000)
      try await one.sample()

      let sums = try await fixture.database.reading { connection in
        try UsageStore().sums(
          of: project.id, since: Date(timeIntervalSince1970: 0), in: connection)
      }
      let sum = try #require(sums.first)
      #expect(sum.seconds == 60 + 55 + 60)
      #expect(sum.measuredSeconds == 175)
      #expect(sum.reserved.cpu == pod.requests.cpu * 175)
      #expect(sum.reserved.memory == pod.requests.memory * 175)
      #expect(sum.reserved.storage == 2 * Self.gibi * 175)
      #expect(sum.used == Reservation(cpu: 7 * 175, memory: 900 * 175))
      #expect(pod.requests.cpu > 0 && pod.requests.memory > 0)
    }
  }

  @Test func `without metrics requests are counted and use is unknown, in words`() async throws {
    try await withDeploying(.sqlite) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      #expect(try await fixture.ended(1).state == .succeeded)
      let clock = TurnedClock(Date())
      let absent = Self.sampler(fixture, at: clock)
      try await absent.sample()
      #expect(absent.measurement == .absent)

      clock.turn(by: 60)
      let broken = Self.sampler(fixture, at: clock) { () throws(DomainError) in
        throw DomainError(.unavailable, "The cluster's metrics server didn't answer.")
      }
      try await broken.sample()
      #expect(broken.measurement == .failing("The cluster's metrics server didn't answer."))

      let sums = try await fixture.database.reading { connection in
        try UsageStore().sums(
          of: project.id, since: Date(timeIntervalSince1970: 0), in: connection)
      }
      #expect(sums.first?.seconds == 120)
      #expect(sums.first?.measuredSeconds == 0)
    }
  }

  @Test
  func `the sandbox's metrics server is understood, and a pod that nobody measures is left out`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft("web"))
      _ = try await fixture.deploy(
        DeployingFixture.draft("dark", image: "registry.example/nometrics:1"))
      #expect(try await fixture.ended(1).state == .succeeded)
      #expect(try await fixture.ended(1, of: "dark").state == .succeeded)

      let usage = fixture.domain.usage
      try await usage.sampler.sample()
      let report = try await usage.report(of: "shop", over: .day, as: fixture.ann)

      guard case .measured = report.measurement else {
        Issue.record("\(report.measurement)")
        return
      }
      let web = try #require(report.applications.first { $0.name == "web" })
      let dark = try #require(report.applications.first { $0.name == "dark" })
      let used = try #require(web.usedNow)
      #expect(used.cpu > 0 && used.cpu < web.requestedNow.cpu)
      #expect(used.memory > 0)
      #expect(web.pods == 2 && dark.pods == 2)
      #expect(dark.usedNow == nil && dark.average == nil)
    }
  }

  @Test func `what is older than five weeks is forgotten`() async throws {
    try await withDeploying(.sqlite) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      #expect(try await fixture.ended(1).state == .succeeded)
      let web = try await Self.reference("web", in: project, fixture)
      let sample = UsageSample(
        application: web, requested: ResourceAmount(cpu: 1, memory: 1),
        used: [ResourceAmount(cpu: 1, memory: 1)])
      let clock = TurnedClock(Date())
      let old = clock.now.addingTimeInterval(-36 * 24 * 3600)
      try await fixture.database.writing { connection in
        try UsageStore().add(sample, seconds: 60, at: old, in: connection)
      }
      try await Self.sampler(fixture, at: clock).sample()

      let rows = try await fixture.database.reading { connection in
        try connection.query(
          """
          SELECT hour AS at FROM usage_hours UNION ALL SELECT day AS at FROM usage_days
          """
        ).map { row in try row.get("at", as: Date.self) }
      }
      #expect(rows == [clock.now.start(of: 3600)])
    }
  }

  @Test func `the costs of a project that is gone stay with admins`() async throws {
    try await withDeploying(.sqlite) { fixture in
      let project = try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft())
      let web = try await Self.reference("web", in: project, fixture)
      try await Self.count(
        UsageSample(application: web, requested: ResourceAmount(cpu: 1000, memory: 0)), hours: 2,
        in: fixture)
      try await fixture.database.writing { connection in
        try connection.execute("DELETE FROM projects WHERE id = \(project.id)")
      }

      let all = try await fixture.domain.usage.platform(over: .day, as: fixture.admin)

      let total = try #require(all.projects.first)
      #expect(total.name == "shop" && total.isGone)
      #expect(total.reserved.cpu == 2 * 3600 * 1000)
      #expect(total.cost == nil && total.used == nil)
    }
  }
}
