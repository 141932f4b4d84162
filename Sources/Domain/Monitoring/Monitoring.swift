internal import Foundation
internal import Logging

/// Charts of what runs, from Prometheus.
public struct Monitoring: Sendable {
  /// How long somebody waits for all of Prometheus' answers together.
  struct Patience: Sendable {
    var charts: Duration = .seconds(2)
    /// The same for the small lines of a page that has more to say.
    var sparklines: Duration = .milliseconds(500)
  }

  /// How fresh the small lines are as long as they have nothing to show, in
  /// seconds.
  private static let soon = 5

  private let client: PrometheusClient?
  private let projects: Projects
  private let applications: Applications
  private let releases: Releases
  private let patience: Patience
  private let logger: Logger
  private let now: @Sendable () -> Date
  private let cache = MetricCache()

  /// - Parameter settings: nil when the operator named no Prometheus.
  init(
    settings: PrometheusSettings?, projects: Projects, applications: Applications,
    releases: Releases, patience: Patience = Patience(), logger: Logger,
    now: @escaping @Sendable () -> Date
  ) {
    client = settings.map { PrometheusClient($0) }
    self.projects = projects
    self.applications = applications
    self.releases = releases
    self.patience = patience
    self.logger = logger
    self.now = now
  }

  /// The same over what releases know.
  init(settings: PrometheusSettings?, releases: Releases, logger: Logger) {
    self.init(
      settings: settings, projects: releases.projects, applications: releases.applications,
      releases: releases, logger: logger, now: releases.now)
  }

  /// Whether the operator named a Prometheus.
  public var isConfigured: Bool { client != nil }

  /// The charts of a project, an application or a pod.
  ///
  /// It waits at most two seconds for Prometheus; a chart that isn't there by
  /// then says so. What was asked a moment ago isn't asked again.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see, `unavailable` when the database doesn't answer.
  ///   What Prometheus does is never thrown: it is in the report's state.
  public func report(
    of subject: MetricsReport.Subject, over range: MetricRange, as principal: Principal
  ) async throws(DomainError) -> MetricsReport {
    let target = try await target(of: subject, as: principal)
    let grid = Self.grid(of: range, at: now())
    let end = Date(timeIntervalSince1970: Double(grid.end))
    let answer = await answer(target, range, grid, isSparklines: false, within: patience.charts)
    let state: MetricsReport.State
    switch answer {
    case nil: state = .notConfigured
    case .unavailable(let failure): state = .unavailable(failure.text)
    case .charts(let charts, _):
      let marks = try await marks(of: target, since: end.addingTimeInterval(-Double(range.seconds)))
      state = .charts(charts.map { $0.marked(marks) })
    }
    return MetricsReport(subject: target.subject, range: range, end: end, state: state)
  }

  /// Processor time and memory of an application in the last hour, a line
  /// each, for a page that shows them beside other things. It waits at most
  /// half a second for Prometheus.
  ///
  /// - Throws: `notFound`, `unavailable`, as ``report(of:over:as:)``.
  public func sparklines(
    of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> MetricsReport {
    let target = try await target(
      of: .init(project: project, application: application), as: principal)
    var grid = Self.grid(seconds: 3600, step: 60, every: 60, at: now())
    var answer = await answer(
      target, .hour, grid, isSparklines: true, within: patience.sparklines)
    if answer?.isEmpty == true {
      // What began within this minute is measured after the grid's end.
      grid = Self.grid(seconds: 3600, step: 60, every: Self.soon, at: now())
      answer = await self.answer(
        target, .hour, grid, isSparklines: true, within: patience.sparklines)
    }
    let state: MetricsReport.State
    switch answer {
    case nil: state = .notConfigured
    case .unavailable(let failure): state = .unavailable(failure.text)
    case .charts(let charts, _): state = .charts(charts)
    }
    return MetricsReport(
      subject: target.subject, range: .hour, end: Date(timeIntervalSince1970: Double(grid.end)),
      state: state)
  }

  /// What a question is about, once it is clear that it may be asked.
  private struct Target {
    let subject: MetricsReport.Subject
    let project: Project.ID
    let application: Application.ID?
    /// Of the application's volumes.
    let claims: [String]
  }

  private func target(
    of subject: MetricsReport.Subject, as principal: Principal
  ) async throws(DomainError) -> Target {
    // A name of the API; longer ones can't be.
    if let pod = subject.pod, pod.utf8.count > 253 {
      throw DomainError(.notFound, "There is no such pod.", advice: "Choose one of the list.")
    }
    guard let name = subject.application else {
      let project = try await projects.project(named: subject.project, as: principal).project
      return Target(subject: subject, project: project.id, application: nil, claims: [])
    }
    let detail = try await applications.application(
      named: name, in: subject.project, as: principal)
    let spec = detail.application.spec
    return Target(
      subject: subject, project: detail.membership.project.id, application: detail.application.id,
      claims: spec.volumes.map { spec.claimName(of: $0) })
  }

  private func answer(
    _ target: Target, _ range: MetricRange, _ grid: PrometheusClient.Grid, isSparklines: Bool,
    within patience: Duration
  ) async -> MetricCharts.Answer? {
    guard let client else { return nil }
    let queries = MetricQueries(
      subject: target.subject, range: range, labels: client.settings.labels,
      claims: target.claims)
    let key = MetricCache.Key(
      subject: target.subject, grid: grid, claims: target.claims, isSparklines: isSparklines)
    let answer = await cache.answer(to: key) {
      await MetricCharts(client: client, grid: grid, deadline: .now + patience)
        .answer(isSparklines ? queries.sparklines : queries.all)
    }
    if case .unavailable(let failure) = answer, await cache.mayComplain() {
      logger.warning(
        "Prometheus doesn't answer", metadata: ["reason": "\(failure.text)"])
    }
    return answer
  }

  private func marks(
    of target: Target, since: Date
  ) async throws(DomainError) -> [ReleaseMark] {
    try await releases.moments(
      in: target.project, of: target.application, since: since
    ).map {
      ReleaseMark(
        application: $0.application, number: $0.number, time: $0.createdAt,
        isFailed: $0.state == .failed)
    }
  }

  static func grid(of range: MetricRange, at time: Date) -> PrometheusClient.Grid {
    grid(seconds: range.seconds, step: range.step, every: range.freshness, at: time)
  }

  private static func grid(
    seconds: Int, step: Int, every freshness: Int, at time: Date
  ) -> PrometheusClient.Grid {
    let end = Int(time.timeIntervalSince1970) / freshness * freshness
    let count = seconds / step
    return .init(start: end - (count - 1) * step, step: step, count: count)
  }
}

extension MetricChart {
  fileprivate func marked(_ marks: [ReleaseMark]) -> MetricChart {
    MetricChart(
      kind: kind, unit: unit, start: start, step: step, content: content, note: note, marks: marks)
  }
}
