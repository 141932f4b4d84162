import Domain
import Foundation
import Templates

/// The charts of a page with all that is said instead of them: the part that
/// is renewed.
struct ChartsView: Sendable {
  /// What takes the place of all charts.
  struct Notice: Sendable {
    let title: String
    let text: String
    /// For who can do something about it.
    let command: String?
  }

  /// What nothing is measured of, and what that means: said once for all
  /// neighbours that it is true of.
  struct Unmeasured: Sendable {
    let titles: [String]
    let sentence: String
  }

  /// A release within the time, with the way to it.
  struct ReleaseLine: Sendable {
    let text: String
    let link: Link
    let badge: Badge?
    let time: RelativeTime
  }

  let charts: [ChartView]
  let unmeasured: [Unmeasured]
  let releases: [ReleaseLine]
  let notice: Notice?
  let overview: [ApplicationLine]
  /// Until when they go, for what renews them.
  let end: String
  /// Whether there is a Prometheus, so that times can be chosen.
  let isConfigured: Bool
  /// Whether all that was asked for is there; else it is worth asking again.
  let isWhole: Bool

  var hasCharts: Bool { !charts.isEmpty }
  var hasUnmeasured: Bool { !unmeasured.isEmpty }
  var hasReleases: Bool { !releases.isEmpty }
  var hasOverview: Bool { !overview.isEmpty }

  /// - Parameter isAdmin: whether the person can be told how to name a
  ///   Prometheus.
  init(_ report: MetricsReport, isAdmin: Bool) {
    let (subject, range) = (report.subject, report.range)
    end = "\(Int(report.end.timeIntervalSince1970))"
    isConfigured = report.state != .notConfigured
    switch report.state {
    case .notConfigured:
      notice = .notConfigured(isAdmin: isAdmin)
      isWhole = true
      (charts, unmeasured, releases, overview) = ([], [], [], [])
    case .unavailable(let why):
      notice = Notice(title: "Prometheus doesn’t answer", text: why, command: nil)
      isWhole = false
      (charts, unmeasured, releases, overview) = ([], [], [], [])
    case .charts(let all):
      charts = all.compactMap { ChartView($0, of: subject, over: range) }
      isWhole = charts.allSatisfy { $0.drawing != nil }
      unmeasured = Unmeasured.lines(all)
      notice = charts.isEmpty ? .nothingMeasured(subject) : nil
      releases = Self.releases(all, in: subject.project)
      overview = subject.application == nil ? ApplicationLine.lines(all, in: subject.project) : []
    }
  }

  /// The newest releases that the charts mark, the newest first.
  private static func releases(_ charts: [MetricChart], in project: String) -> [ReleaseLine] {
    let marks = charts.map(\.marks).max { $0.count < $1.count } ?? []
    return marks.suffix(20).reversed().map { mark in
      ReleaseLine(
        text: "Release #\(mark.number) of \(mark.application)",
        link: Paths.release(mark.number, of: mark.application, in: project),
        badge: mark.isFailed ? Badge(.bad, "Failed") : nil, time: RelativeTime(mark.time))
    }
  }
}

extension ChartsView.Unmeasured {
  fileprivate static func lines(_ charts: [MetricChart]) -> [Self] {
    charts.reduce(into: []) { lines, chart in
      guard case .nothing(let sentence) = chart.content else { return }
      if let last = lines.last, last.sentence == sentence {
        lines[lines.count - 1] = Self(
          titles: last.titles + [chart.kind.title], sentence: sentence)
      } else {
        lines.append(Self(titles: [chart.kind.title], sentence: sentence))
      }
    }
  }
}

extension ChartsView.Notice {
  fileprivate static func notConfigured(isAdmin: Bool) -> Self {
    isAdmin
      ? Self(
        title: "No Prometheus is connected",
        text:
          "Charts come from the Prometheus that watches this cluster. Start BabyHelm with its address, and every project and application has them:",
        command: "babyhelm serve --prometheus-url http://prometheus.monitoring:9090")
      : Self(
        title: "No Prometheus is connected",
        text:
          "Charts come from the Prometheus that watches this cluster, and BabyHelm wasn’t told of one. Ask an admin to connect it.",
        command: nil)
  }

  fileprivate static func nothingMeasured(_ subject: MetricsReport.Subject) -> Self {
    Self(
      title: "Nothing measured in this time",
      text:
        "Prometheus answers, and knows nothing of \(subject.name) in this time. A minute after something runs here, its charts begin.",
      command: nil)
  }
}

/// One application of a project: what its charts come to, small.
struct ApplicationLine: Sendable {
  let name: String
  let link: Link
  let cpu: Sparkline?
  let memory: Sparkline?

  /// The applications that the project's charts have lines of.
  static func lines(_ charts: [MetricChart], in project: String) -> [ApplicationLine] {
    let cpu = series(.cpu, charts)
    let memory = series(.memory, charts)
    return Set(cpu.keys).union(memory.keys).sorted().compactMap { name in
      let line = ApplicationLine(
        name: name, link: Paths.metrics(of: name, in: project),
        cpu: cpu[name].flatMap { Sparkline("CPU", $0, .cores) },
        memory: memory[name].flatMap { Sparkline("Memory", $0, .bytes) })
      return line.cpu == nil && line.memory == nil ? nil : line
    }
  }

  private static func series(
    _ kind: MetricChart.Kind, _ charts: [MetricChart]
  ) -> [String: [Double?]] {
    for chart in charts where chart.kind == kind {
      guard case .series(let all) = chart.content else { continue }
      return Dictionary(
        all.filter { $0.role == .use && !$0.name.isEmpty }
          // What many more used together is no application.
          .filter { $0.name != "others" || all.count <= ChartLines.most }
          .map { ($0.name, $0.values) },
        uniquingKeysWith: { first, _ in first })
    }
    return [:]
  }
}

/// A line as high as text, with its newest value.
struct Sparkline: Sendable {
  let label: String
  let viewBox: String
  let paths: SeriesPaths
  /// "212m"
  let value: String
  /// What a screen reader says.
  let text: String

  /// nil when nothing was measured.
  init?(_ label: String, _ values: [Double?], _ unit: MetricChart.Unit) {
    guard let figures = SeriesFigures(values) else { return nil }
    self.label = label
    viewBox = "0 0 \(max(1, values.count - 1) * SeriesPaths.stepWidth) \(SeriesPaths.height)"
    paths = SeriesPaths(
      values, on: ValueAxis(unit, largest: figures.highest.value), isStepped: false,
      isFilled: true)
    value = MetricText.text(figures.last.value, unit)
    text =
      "\(label): \(figures.isCurrent ? "now" : "last") \(MetricText.words(figures.last.value, unit)), lowest \(MetricText.words(figures.lowest.value, unit)), highest \(MetricText.words(figures.highest.value, unit))"
  }
}

/// A choice of the time that charts are about.
struct MetricRangeTabs: Sendable {
  struct Tab: Sendable {
    /// "24h"
    let short: String
    let text: String
    let link: Link
    let isCurrent: Bool
  }

  let tabs: [Tab]

  init(_ current: MetricRange, _ link: (MetricRange) -> Link) {
    tabs = MetricRange.allCases.map {
      Tab(short: $0.rawValue, text: $0.text, link: link($0), isCurrent: $0 == current)
    }
  }
}

/// The charts of a project.
struct MonitoringPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let name: String
  let ranges: MetricRangeTabs
  let range: String
  let live: Link
  let charts: ChartsView

  init(chrome: PageChrome, _ report: MetricsReport, _ tabs: ProjectTabs) {
    self.chrome = chrome
    self.tabs = tabs
    let project = report.subject.project
    name = project
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))],
      current: "Monitoring")
    ranges = MetricRangeTabs(report.range) { Paths.projectMonitoring(project, over: $0) }
    range = report.range.text
    live = Paths.projectMonitoring(project, over: report.range, as: .live)
    charts = ChartsView(report, isAdmin: chrome.isAdmin)
  }
}

/// The charts of an application.
struct MetricsPage: Sendable {
  /// One pod to look at, or all.
  struct Pod: Sendable {
    let name: String
    let link: Link
    let isCurrent: Bool
  }

  let chrome: PageChrome
  let header: ApplicationHeader
  let ranges: MetricRangeTabs
  let range: String
  let pods: [Pod]
  /// Those that there is no room for at once.
  let morePods: [Pod]
  let morePodsText: String
  let live: Link
  let charts: ChartsView

  var hasPods: Bool { !pods.isEmpty }
  var hasMorePods: Bool { !morePods.isEmpty }

  /// How many pods are offered at once.
  private static let mostPods = 8

  init(chrome: PageChrome, _ detail: ApplicationDetail, _ report: MetricsReport) {
    self.chrome = chrome
    header = ApplicationHeader(detail, current: "Metrics")
    let (name, project) = (detail.application.name, detail.membership.project.name)
    let (range, pod) = (report.range, report.subject.pod)
    ranges = MetricRangeTabs(range) { Paths.metrics(of: name, in: project, over: $0, pod: pod) }
    self.range = range.text
    live = Paths.metrics(of: name, in: project, over: range, pod: pod, as: .live)
    charts = ChartsView(report, isAdmin: chrome.isAdmin)

    // One that is gone stays to be seen as long as it is looked at.
    let names = detail.status.pods.map(\.name)
    let all = (pod.map { names.contains($0) ? [] : [$0] } ?? []) + names
    let links = all.map { each in
      Pod(
        name: each, link: Paths.metrics(of: name, in: project, over: range, pod: each),
        isCurrent: each == pod)
    }
    let first =
      links.filter(\.isCurrent) + links.filter { !$0.isCurrent }.prefix(Self.mostPods)
    let shown = Set(first.map(\.name))
    let everything = Pod(
      name: "All pods", link: Paths.metrics(of: name, in: project, over: range),
      isCurrent: pod == nil)
    // Without charts there is nothing to choose between.
    let isOffered = !links.isEmpty && (charts.hasCharts || pod != nil)
    pods = !isOffered ? [] : [everything] + links.filter { shown.contains($0.name) }
    morePods = links.filter { !shown.contains($0.name) }
    morePodsText = "\(morePods.count) more"
  }
}

extension PageChrome {
  /// Whether the person on the page is an admin of the platform.
  var isAdmin: Bool { visitor?.isAdmin ?? false }
}
