import Domain
import Templates

/// What an application used in the last hour, small, for its own page.
struct Glance: Sendable {
  /// Processor time, or memory.
  struct Line: Sendable {
    let label: String
    /// "212m", or "–" as long as it isn't known.
    let value: String
    let spark: Sparkline?

    var isKnown: Bool { value != "–" }
  }

  let lines: [Line]
  let metrics: Link

  /// What the cluster's own metrics server said last, where no Prometheus is.
  init(_ amount: ResourceAmount, of application: String, in project: String) {
    metrics = Paths.projectUsage(project)
    lines = [
      Line(
        label: MetricChart.Kind.cpu.title,
        value: MetricText.text(Double(amount.cpu) / 1_000, .cores), spark: nil),
      Line(
        label: MetricChart.Kind.memory.title,
        value: MetricText.text(Double(amount.memory) * 1_024, .bytes), spark: nil),
    ]
  }

  /// - Parameter report: nil as long as there is no answer.
  init(_ report: MetricsReport?, of application: String, in project: String) {
    metrics = Paths.metrics(of: application, in: project)
    var charts: [MetricChart] = []
    if case .charts(let all) = report?.state { charts = all }
    lines = [MetricChart.Kind.cpu, .memory].map { kind in
      Line(kind, charts.first { $0.kind == kind })
    }
  }
}

extension Glance.Line {
  fileprivate init(_ kind: MetricChart.Kind, _ chart: MetricChart?) {
    label = kind.title
    guard let chart, case .series(let series) = chart.content,
      let used = series.first(where: { $0.role == .use }),
      let spark = Sparkline(kind.title, used.values, chart.unit)
    else {
      value = "–"
      self.spark = nil
      return
    }
    value = spark.value
    self.spark = spark
  }
}

/// Asks for ``Glance``s without keeping a page waiting for Prometheus.
struct Glances: Sendable {
  let monitoring: Monitoring
  let usage: Usage

  /// How long a page may wait: what was asked a moment ago is there at once,
  /// and a Prometheus nearby answers within it. What comes later is kept, and
  /// comes with the next live update.
  static let patience: Duration = .milliseconds(40)

  /// nil when there is nobody to ask.
  ///
  /// - Parameter patience: nil waits as long as Prometheus is given.
  func glance(
    of detail: ApplicationDetail, as principal: Principal, within patience: Duration? = patience
  ) async -> Glance? {
    let (name, project) = (detail.application.name, detail.membership.project.name)
    guard monitoring.isConfigured else {
      return usage.usesNow(of: detail).map { Glance($0, of: name, in: project) }
    }
    let (answers, answer) = AsyncStream.makeStream(of: MetricsReport?.self)
    // Goes on when the page has stopped waiting for it.
    Task {
      answer.yield(try? await monitoring.sparklines(of: name, in: project, as: principal))
    }
    let timer = patience.map { patience in
      Task {
        try await Task.sleep(for: patience)
        answer.yield(nil)
      }
    }
    defer { timer?.cancel() }
    var report: MetricsReport?
    for await first in answers {
      report = first
      break
    }
    return Glance(report, of: name, in: project)
  }
}
