import Foundation
import TestSupport
import Testing

@testable import Domain

/// Every question that pages ask, asked of a real Prometheus.
@Suite(.enabled(if: TestPrometheus.url != nil, "\(TestPrometheus.skipped)"))
struct MetricQueryTests {
  static let subjects: [MetricsReport.Subject] = [
    .init(project: "shop"), .init(project: "shop", application: "web"),
    .init(project: "shop", application: "web-api"), .init(project: "shop", application: "worker"),
    .init(project: "shop", application: "web-api", pod: "web-api-5d4c7b9f6-cccc1"),
    .init(project: "blog"), .init(project: "blog", application: "web"),
  ]

  static func queries(
    _ subject: MetricsReport.Subject, _ range: MetricRange = .hour,
    _ labels: PrometheusLabels = PrometheusLabels()
  ) -> MetricQueries {
    MetricQueries(
      subject: subject, range: range, labels: labels,
      claims: subject.application == "worker" ? ["worker-data"] : [])
  }

  static func charts(
    _ subject: MetricsReport.Subject, _ range: MetricRange = .hour
  ) async throws -> [MetricChart.Kind: MetricChart] {
    let client = PrometheusClient(
      PrometheusSettings(address: try #require(TestPrometheus.url)))
    let grid = Monitoring.grid(of: range, at: Date())
    let answer = await MetricCharts(
      client: client, grid: grid, deadline: .now + .seconds(120)
    ).answer(queries(subject, range).all)
    guard case .charts(let charts, true) = answer else {
      Issue.record("not whole: \(answer)")
      return [:]
    }
    return Dictionary(uniqueKeysWithValues: charts.map { ($0.kind, $0) })
  }

  static func series(_ chart: MetricChart?) -> [MetricSeries] {
    guard case .series(let series)? = chart?.content else { return [] }
    return series
  }

  private static func last(_ series: MetricSeries) -> Double? {
    series.values.compactMap(\.self).last
  }

  @Test(arguments: subjects, MetricRange.allCases)
  func `every expression is understood, and tells nothing of another project`(
    subject: MetricsReport.Subject, range: MetricRange
  ) async throws {
    let client = PrometheusClient(
      PrometheusSettings(address: try #require(TestPrometheus.url)))
    let queries = Self.queries(subject, range)
    let grid = Monitoring.grid(of: range, at: Date())
    let others: Set = ["coredns-7db6d8ff4-gggg1", "web-99f8c7d6b-zzzz1", "data"]
    let foreign =
      subject.project == "shop"
      ? others.union(["web-58d9c6b74-eeee1", "site", "site-6f7d8c9b5-ffff1"])
      : others.union(["web-api", "worker", "worker-data"])

    for query in queries.all + queries.sparklines {
      for line in query.sources.flatMap(\.lines) {
        for expression in [line.expression, line.total].compactMap(\.self) {
          let found = try await client.query(expression, over: grid, within: .seconds(120))

          #expect(found.count <= PrometheusClient.seriesLimit)
          for series in found {
            #expect(foreign.isDisjoint(with: series.labels.values), "\(series.labels)")
            // Nothing of the namespace whose numbers are a thousand times as high.
            if query.unit == .cores, line.role == .use {
              #expect(series.values.allSatisfy { $0 ?? 0 < 5 }, "\(expression)")
            }
          }
        }
      }
    }
  }

  @Test func `a project's charts have a line for each application`() async throws {
    let charts = try await Self.charts(.init(project: "shop"))

    #expect(Set(charts.keys) == Set(MetricChart.Kind.allCases))
    for kind in [MetricChart.Kind.cpu, .memory, .networkReceived, .networkSent] {
      let use = Self.series(charts[kind]).filter { $0.role == .use }
      #expect(use.map(\.name) == ["web", "web-api", "worker"], "\(kind)")
    }
    #expect(Self.series(charts[.memory]).contains { $0.role == .limit })
    #expect(Self.series(charts[.requests]).map(\.name) == ["web", "web-api"])
    #expect(
      charts[.requests]?.note == "Counted by the Ingress. Counted by the application itself.")
    #expect(Self.series(charts[.volumes]).map(\.name) == ["worker-data"])
    #expect(Self.series(charts[.pods]).map(\.name) == ["Running"])
    #expect(Self.series(charts[.restarts]).map(\.name) == ["worker-84f5c7d9b-dddd1"])
    let replicas = Self.series(charts[.replicas])
    #expect(replicas.compactMap(Self.last) == [6, 6])
  }

  @Test func `an application's charts have a line for each of its pods, and of no other's`()
    async throws
  {
    let web = try await Self.charts(.init(project: "shop", application: "web"))
    let api = try await Self.charts(.init(project: "shop", application: "web-api"))

    let names = Self.series(web[.cpu]).filter { $0.role == .use }.map(\.name)
    #expect(names == ["bbbb1", "bbbb2", "bbbb3"].map { "web-7c9f6d4b8-\($0)" })
    #expect(Self.series(web[.cpu]).first { $0.role == .limit }.flatMap(Self.last) == 0.5)
    #expect(Self.series(web[.cpu]).first { $0.role == .request }.flatMap(Self.last) == 0.1)
    #expect(Self.series(web[.replicas]).compactMap(Self.last) == [3, 3, 6])
    #expect(Self.series(api[.throttling]).count == 2)
    #expect(
      Self.series(api[.throttling]).allSatisfy {
        $0.values.allSatisfy { (0...1).contains($0 ?? 0) }
      })
    #expect(api[.requests]?.note == "Counted by the application itself.")
    #expect(Self.series(api[.latency]).map(\.name) == ["p50", "p95", "p99"])
    let rate = try #require(Self.series(api[.requests]).first.flatMap(Self.last))
    #expect(rate > 5 && rate < 30)
    let errors = try #require(Self.series(web[.errors]).first.flatMap(Self.last))
    #expect(abs(errors - 0.02) < 0.001)
  }

  @Test func `gaps stay gaps, and restarts are counted from the beginning`() async throws {
    let worker = try await Self.charts(.init(project: "shop", application: "worker"))

    let cpu = try #require(Self.series(worker[.cpu]).first { $0.role == .use })
    let firstGap = try #require(cpu.values.firstIndex { $0 == nil })
    #expect(cpu.values[firstGap...].contains { $0 != nil })
    #expect(Self.series(worker[.cpu]).allSatisfy { $0.role != .limit })
    let restarts = try #require(Self.series(worker[.restarts]).first)
    #expect(restarts.values.first == 0)
    #expect([2, 3].contains(Self.last(restarts)))
    #expect(Self.series(worker[.volumes]).count == 1)
  }

  @Test func `a month goes back beyond the last release`() async throws {
    let web = try await Self.charts(.init(project: "shop", application: "web"), .month)

    let cpu = Self.series(web[.cpu]).filter { $0.role == .use }
    let old = try #require(cpu.first { $0.name == "web-6b8c9d5f7-aaaa1" })
    #expect(old.values.count == 240)
    #expect(old.values.count { $0 != nil } > 200)
    let average = old.values.compactMap(\.self).reduce(0, +) / Double(old.values.count)
    #expect(abs(average - 0.12) < 0.03)
  }
}
