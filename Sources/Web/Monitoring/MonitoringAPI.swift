import Domain
import HTTPTypes

/// What Prometheus measured of projects and applications, for programs.
struct MonitoringAPI: Sendable {
  let monitoring: Monitoring

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/projects/{project}/metrics", "getProjectMetrics", .projects,
        "Charts of a project: what its applications use, in values over time",
        asks: .permission(.readProject), query: [Self.range], .ok(Self.report.schema),
        use: project),
      APIRoute(
        .get, "/projects/{project}/applications/{application}/metrics", "getApplicationMetrics",
        .applications, "Charts of an application or of one of its pods, in values over time",
        asks: .permission(.readProject), query: [Self.range, Self.pod], .ok(Self.report.schema),
        use: application),
    ]
  }

  private static let ranges = MetricRange.allCases.map(\.rawValue)
  private static let range = APIParameter(
    "range", .text("1h", among: ranges), "How far back; 1h without.")
  private static let pod = APIParameter(
    "pod", .text("web-7c9f6d4b8-x2k4q", length: 1...253),
    "One pod of the application; all of them without.")

  private static let roles = MetricSeries.Role.allCases.map(\.rawValue)
  private static let series = Resource<MetricSeries>("MetricSeries", "One line of a chart.") {
    $0.text(
      "name", "web-7c9f6d4b8-x2k4q",
      "What it stands for: a pod, an application, a volume; empty where there is one of its role."
    ) { $0.name }
    $0.text("role", "use", "What it is: measured, asked for, allowed or wanted.", among: roles) {
      $0.role.rawValue
    }
    $0.raw(
      "values", .list(of: Schema.number.orNull, most: 240),
      "One a step from the chart's start on; null where nothing was measured."
    ) { .array($0.values.map { $0.map(JSON.number) ?? .null }) }
  }

  private static let mark = Resource<ReleaseMark>("ReleaseMark", "When a release was made.") {
    $0.text("application", "web", "The application.") { $0.application }
    $0.integer("number", 3, "The release's number.") { $0.number }
    $0.time("time", "When.") { $0.time }
    $0.flag("isFailed", "Whether it failed.") { $0.isFailed }
  }

  private static let kinds = MetricChart.Kind.allCases.map(\.rawValue)
  private static let units = MetricChart.Unit.allCases.map(\.rawValue)
  private static let chart = Resource<MetricChart>("MetricChart", "Lines over time in one unit.") {
    $0.text("kind", "cpu", "What it shows.", among: kinds) { $0.kind.rawValue }
    $0.text("unit", "cores", "What its values are.", among: units) { $0.unit.rawValue }
    $0.time("start", "The time of the first values.") { $0.start }
    $0.integer("step", 15, "Seconds from one value to the next.") { $0.step }
    $0.each("series", series, "Its lines; none where nothing is measured or the question failed.") {
      if case .series(let series) = $0.content { series } else { [] }
    }
    $0.maybe(
      "problem", "Prometheus didn't answer in time.",
      "Why there are no lines, as a sentence; null where there are."
    ) { $0.problem }
    $0.flag("isFailed", "Whether the question failed, so that nothing is known.") {
      if case .failed = $0.content { true } else { false }
    }
    $0.text("note", "Counted by the Ingress.", "Where its values come from; often empty.") {
      $0.note
    }
    $0.each("marks", mark, "Releases within the range, the oldest first.") { $0.marks }
  }

  private static let states = ["charts", "notConfigured", "unavailable"]
  private static let report = Resource<MetricsReport>("Metrics", "The charts of one subject.") {
    $0.text("project", "shop", "The project.") { $0.subject.project }
    $0.maybe("application", "web", "Null for the whole project.") { $0.subject.application }
    $0.maybe("pod", "web-7c9f6d4b8-x2k4q", "Null for all pods.") { $0.subject.pod }
    $0.text("range", "1h", "How far back.", among: ranges) { $0.range.rawValue }
    $0.time("end", "Until when.") { $0.end }
    $0.text("state", "charts", "Whether there is anything to tell.", among: states) {
      switch $0.state {
      case .charts: "charts"
      case .notConfigured: "notConfigured"
      case .unavailable: "unavailable"
      }
    }
    $0.maybe(
      "problem", "Prometheus can't be reached.", "Why there are no charts; null where there are."
    ) {
      switch $0.state {
      case .charts: nil
      case .notConfigured: "The operator named no Prometheus (--prometheus-url)."
      case .unavailable(let sentence): sentence
      }
    }
    $0.each("charts", chart, "In the order to show them.") {
      if case .charts(let charts) = $0.state { charts } else { [] }
    }
  }

  @Sendable func project(_ call: APICall) async throws -> APIAnswer {
    try await answer(.init(project: try call.name("project")), call)
  }

  @Sendable func application(_ call: APICall) async throws -> APIAnswer {
    try await answer(
      .init(
        project: try call.name("project"), application: try call.name("application"),
        pod: call.query["pod"]), call)
  }

  private func answer(
    _ subject: MetricsReport.Subject, _ call: APICall
  ) async throws -> APIAnswer {
    let range = call.query["range"].flatMap { MetricRange(rawValue: $0) } ?? .hour
    return .ok(
      Self.report.json(
        try await monitoring.report(of: subject, over: range, as: call.principal)))
  }
}

extension MetricChart {
  fileprivate var problem: String? {
    switch content {
    case .series: nil
    case .nothing(let sentence), .failed(let sentence): sentence
    }
  }
}
