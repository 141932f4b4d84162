import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// The sandbox answers what charts ask as a real Prometheus does.
@Suite(.timeLimit(.minutes(5)))
struct SandboxPrometheusTests {
  private static func settings(_ fixture: DeployingFixture) -> PrometheusSettings {
    PrometheusSettings(
      address: fixture.cluster.kubernetes.configuration.server.appending(path: "prometheus")
        .absoluteString)
  }

  /// An application with everything that there are charts of.
  private static func deploy(_ fixture: DeployingFixture) async throws {
    try await fixture.makeProject()
    let release = try await fixture.deploy(
      DeployingFixture.draft {
        $0.exposure = "ingress"
        $0.host = "web.example.com"
        $0.volumes = [.init(path: "/data", size: "1Gi")]
        $0.cpuLimit = "200m"
        $0.replicas = "1"
      })
    #expect(try await fixture.ended(release.number).state == .succeeded)
  }

  @Test func `every chart of a project, an application and a pod has something to show`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await Self.deploy(fixture)
      let monitoring = Monitoring(
        settings: Self.settings(fixture), projects: fixture.projects,
        applications: fixture.domain.applications, releases: fixture.releases,
        patience: .init(charts: .seconds(30)),
        // A pod that has just begun has no value yet, there as here.
        logger: quietLogger, now: { Date().addingTimeInterval(900) })
      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.ann)
      let pod = try #require(detail.status.pods.first?.name)

      for subject in [
        MetricsReport.Subject(project: "shop"), .init(project: "shop", application: "web"),
        .init(project: "shop", application: "web", pod: pod),
      ] {
        for range in MetricRange.allCases {
          let report = try await monitoring.report(of: subject, over: range, as: fixture.ann)
          guard case .charts(let charts) = report.state else {
            Issue.record("\(subject): \(report.state)")
            continue
          }
          for chart in charts {
            // Nobody but the Ingress counts requests there.
            let isCounted =
              subject.pod == nil || ![.requests, .errors, .latency].contains(chart.kind)
            #expect(MetricQueryTests.series(chart).isEmpty != isCounted, "\(subject) \(chart)")
          }
        }
      }
      let month = try await monitoring.report(
        of: .init(project: "shop", application: "web"), over: .month, as: fixture.ann)
      guard case .charts(let charts) = month.state else { return }
      let cpu = MetricQueryTests.series(charts.first { $0.kind == .cpu }).filter { $0.role == .use }
      // Pods that were there before, as if it had been rolled out often.
      #expect(cpu.count > 3)
      #expect(cpu.flatMap(\.values).compactMap(\.self).allSatisfy { $0 >= 0 && $0 < 1 })
    }
  }

  @Test(.enabled(if: TestPrometheus.url != nil, "\(TestPrometheus.skipped)"))
  func `its answers have the labels of the real one's, for every question`() async throws {
    let real = PrometheusClient(PrometheusSettings(address: try #require(TestPrometheus.url)))
    try await withDeploying(.sqlite) { fixture in
      try await Self.deploy(fixture)
      let sandbox = PrometheusClient(Self.settings(fixture))
      let grid = Monitoring.grid(of: .hour, at: Date())
      for subject in [
        MetricsReport.Subject(project: "shop"), .init(project: "shop", application: "web"),
      ] {
        let queries = MetricQueries(
          subject: subject, range: .hour, labels: PrometheusLabels(), claims: ["web-data"])
        for line in (queries.all + queries.sparklines).flatMap(\.sources).flatMap(\.lines) {
          for expression in [line.expression, line.total].compactMap(\.self) {
            let theirs = try await real.query(expression, over: grid, within: .seconds(20))
            let ours = try await sandbox.query(expression, over: grid, within: .seconds(20))
            guard let first = theirs.first else { continue }
            let names = Set(first.labels.keys)
            #expect(ours.allSatisfy { Set($0.labels.keys) == names }, "\(expression)")
          }
        }
      }
    }
  }

  @Test func `what the doctor asks is there, and what nobody asks is refused in words`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await Self.deploy(fixture)
      let settings = Self.settings(fixture)

      let checks = await PrometheusCheck.run(settings)

      #expect(checks.count == 3 && checks.allSatisfy { !$0.isWrong }, "\(checks)")
      let client = PrometheusClient(settings)
      await #expect {
        // Prometheus knows -1; the sandbox doesn't.
        try await client.query(
          .value(SeriesScope(namespace: "shop", labels: .init()).series(.quota)).top(-1),
          within: .seconds(10))
      } throws: {
        guard case .refused("bad_data", let words)? = $0 as? PrometheusFailure else { return false }
        return words.contains("only what BabyHelm's charts ask")
      }
    }
  }
}
