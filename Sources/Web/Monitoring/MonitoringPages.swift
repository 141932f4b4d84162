import Domain
import Hummingbird
import Templates

/// The charts of a project and of an application.
final class MonitoringPages: Sendable {
  let projects: Projects
  let monitoring: Monitoring
  let applications: Applications
  let streams: EventStreams

  init(
    projects: Projects, monitoring: Monitoring, applications: Applications, streams: EventStreams
  ) {
    self.projects = projects
    self.monitoring = monitoring
    self.applications = applications
    self.streams = streams
  }

  /// How often an open page gets new charts.
  static let interval: Duration = .seconds(60)

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/monitoring", use: project)
    pages.get("projects/:project/monitoring/live", use: live)
    pages.get("projects/:project/apps/:application/metrics", use: application)
    pages.get("projects/:project/apps/:application/metrics/live", use: live)
  }

  @Sendable func project(request: Request, context: SignedInContext) async throws -> Page {
    let membership = try await projects.project(
      named: try context.parameter("project"), as: context.principal)
    let report = try await report(request, context)
    let view = MonitoringPage(
      chrome: context.chrome("Monitoring of \(report.subject.project)", section: .projects), report,
      ProjectTabs(.monitoring, of: membership, for: context.principal))
    return Page(Template.Monitoring.monitoring(view))
  }

  @Sendable func application(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await applications.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
    let report = try await report(request, context)
    let view = MetricsPage(
      chrome: context.chrome("Metrics of \(detail.application.name)", section: .projects), detail,
      report)
    return Page(Template.Monitoring.metrics(view))
  }

  /// Sends the charts anew once a minute. A page says until when its own go,
  /// so that it isn't sent the same at once.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    // Asked once before the stream opens, so that a stranger gets the answer of
    // any other address.
    _ = try await report(request, context)
    return try streams.open(request, context) { [self] stream in
      var known = request.query("after")
      while true {
        let charts = try await inOwnTask { [self] in
          ChartsView(
            try await report(request, context), isAdmin: context.principal.role == .admin)
        }
        if !charts.isWhole || charts.end != known {
          try await stream.send(Template.Monitoring.charts(charts: charts))
        }
        known = charts.end
        try await Task.sleep(for: Self.interval)
      }
    }
  }

  private func report(
    _ request: Request, _ context: SignedInContext
  ) async throws -> MetricsReport {
    let pod = request.query("pod")
    let isOfProject = context.parameters.get("application") == nil
    let application = isOfProject ? nil : try context.parameter("application")
    return try await monitoring.report(
      of: MetricsReport.Subject(
        project: try context.parameter("project"), application: application,
        pod: isOfProject || pod.isEmpty ? nil : pod),
      over: MetricRange(rawValue: request.query("range")) ?? .standard, as: context.principal)
  }
}
