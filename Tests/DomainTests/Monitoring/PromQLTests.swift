import Foundation
import TestSupport
import Testing

@testable import Domain

/// Expressions are built so that no name can widen them.
struct PromQLTests {
  private func scope(_ namespace: String, _ labels: PrometheusLabels = PrometheusLabels())
    -> SeriesScope
  {
    SeriesScope(namespace: namespace, labels: labels)
  }

  @Test func `a name is always a quoted string, and a literal part of a pattern`() {
    let selector = scope(#"a"},x{b="\#n"#).series(
      .cpuSeconds, [LabelMatcher("pod", fits: .pods(of: #"w.b|"\"#))])

    #expect(
      PromQL.rate(selector, over: 150).description
        == #"rate(container_cpu_usage_seconds_total{namespace="a\"},x{b=\"\n","#
        + #"pod=~"w\\.b\\|\"\\\\-[a-z0-9]{1,10}-[a-z0-9]{5}"}[150s])"#)
    #expect(scope("a\nb\u{0}").series(.quota).description.contains(#""a\nb\x00""#))
  }

  @Test(arguments: [
    ("web", "web-7c9f6d4b8-x2k4q", true), ("web", "web-api-5d4c7b9f6-x2k4q", false),
    ("web-api", "web-api-5d4c7b9f6-x2k4q", true), ("web", "web-0", false),
    ("web", "my-web-7c9f6d4b8-x2k4q", false), ("w.b", "web-7c9f6d4b8-x2k4q", false),
    (String(repeating: "a", count: 50), String(repeating: "a", count: 50) + "-7c9f6d4x2k4q", true),
    (String(repeating: "a", count: 60), String(repeating: "a", count: 58) + "x2k4q", true),
  ])
  func `an application's pods are matched exactly`(
    application: String, pod: String, isOwn: Bool
  ) throws {
    let text = scope("shop").series(
      .restarts, [LabelMatcher("pod", fits: .pods(of: application))]
    ).description
    let quoted = try #require(text.firstMatch(of: #/pod=~"(.*)"\}/#)).1

    let pattern = try Regex(String(quoted).replacing(#"\\"#, with: #"\"#))

    #expect((try pattern.wholeMatch(in: pod) != nil) == isOwn)
  }

  @Test func `labels can be renamed for one source, and others be required`() throws {
    let labels = try PrometheusLabels(
      parsing: #"state-namespace=exported_namespace, pod=pod_name,cluster="pr\"o,d""#)
    let scope = scope("shop", labels)

    #expect(
      scope.series(.restarts).description
        == #"kube_pod_container_status_restarts_total{exported_namespace="shop",cluster="pr\"o,d"}"#
    )
    #expect(scope.series(.cpuSeconds).description.contains(#"{namespace="shop",cluster="#))
    #expect(labels.name(.pod, of: .containers).description == "pod_name")
    #expect(
      scope.alternatives(.ingressRequests).map(\.description) == [
        #"nginx_ingress_controller_requests{exported_namespace="shop",cluster="pr\"o,d"}"#,
        #"nginx_ingress_controller_requests{namespace="shop",cluster="pr\"o,d",exported_namespace=""}"#,
      ])
    let told = try PrometheusLabels(parsing: "ingress-namespace=namespace")
    #expect(told.namespaces(of: .ingress) == ["namespace"])
  }

  @Test func `memory is the highest that pods had together, where a line is for several`() throws {
    func memory(_ subject: MetricsReport.Subject, _ range: MetricRange = .hour) throws -> String {
      let queries = MetricQueries(
        subject: subject, range: range, labels: PrometheusLabels(), claims: [])
      let query = try #require(queries.all.first { $0.kind == .memory })
      let line = try #require(query.sources.first?.lines.first)
      return line.expression.description
    }
    let project = try memory(.init(project: "shop"))
    #expect(
      project.hasPrefix("topk(12, max_over_time((sum by (babyhelm_application) (label_replace("))
    #expect(project.hasSuffix("))[150s:60s]))"))
    #expect(try memory(.init(project: "shop"), .month).hasSuffix("))[10800s:180s]))"))
    #expect(
      try memory(.init(project: "shop", application: "web"))
        .hasPrefix("topk(12, sum by (pod) (max_over_time(container_memory_working_set_bytes{"))

    let small = MetricQueries(
      subject: .init(project: "shop", application: "web"), range: .hour,
      labels: PrometheusLabels(), claims: []
    ).sparklines
    let spark = try #require(small.first { $0.kind == .memory }?.sources.first?.lines.first)
    #expect(spark.expression.description.hasPrefix("max_over_time((sum(container_memory_"))
    #expect(spark.expression.description.hasSuffix("}))[150s:60s])"))
  }

  @Test(arguments: [
    "namespace", "namespace=a-b", "nothing=x", "pod=__name__", "cluster=\"prod", "a\"=b",
    "state-nothing=x", "cluster=\"a\\x\"", "pod=x y", "cluster=\"a\"b",
  ])
  func `labels that can't be are refused in words`(text: String) {
    #expect(throws: PrometheusLabels.Mistake.self) { try PrometheusLabels(parsing: text) }
  }

  @Test(.enabled(if: TestPrometheus.url != nil, "\(TestPrometheus.skipped)"))
  func `whatever a name is, no other namespace's series come back`() async throws {
    let url = try #require(TestPrometheus.url)
    let client = PrometheusClient(PrometheusSettings(address: url))
    let hostile =
      HostileText.all.filter { $0.utf8.count < 2_000 } + [
        #"shop"} or {namespace="blog"#, #"shop",namespace=~".*"#, ".*", ".+", "shop|blog", "sho.",
        #"shop\"#, #"shop"}) or vector(1) #"#, "web|web-api", "(web)", "[a-z]+", "web.*", "we?b",
        "shop\u{0}", "shop\n", "${namespace}", "{{namespace}}",
      ]
    for name in hostile where name != "shop" {
      let foreign = scope(name)
      let own = scope("shop")
      let expressions: [PromQL] = [
        .value(foreign.series(.restarts)).sum(by: ["namespace", "pod"]),
        .rate(foreign.series(.cpuSeconds), over: 150).sum(by: ["namespace", "pod"]),
        PromQL.value(
          own.series(.restarts, [LabelMatcher("pod", fits: .pods(of: name))])
        ).sum(by: ["namespace", "pod"]),
        PromQL.value(
          own.series(.restarts, [LabelMatcher("pod", .is, name)])
        ).sum(by: ["namespace", "pod"]),
        PromQL.value(
          own.series(.volumeUsed, [LabelMatcher("persistentvolumeclaim", fits: .anyOf([name]))])
        ).sum(by: ["namespace", "pod"]),
      ]
      for expression in expressions {
        let found = try await client.query(expression, within: .seconds(10))

        #expect(found.isEmpty, "“\(name)” found \(found) with \(expression)")
      }
    }
  }
}

extension SeriesSelector: CustomStringConvertible {
  /// The selector alone, as an expression reads it.
  var description: String { PromQL.value(self).description }
}
