import Domain
import Hummingbird

/// One application: its status and addresses, and its manifests.
final class ApplicationPages: Sendable {
  let applications: Applications
  let releases: Releases
  let alerts: Alerts
  let checks: AddressChecks
  let streams: EventStreams
  let glances: Glances
  let grafana: GrafanaDashboards

  init(
    applications: Applications, releases: Releases, alerts: Alerts, checks: AddressChecks,
    streams: EventStreams, glances: Glances, grafana: GrafanaDashboards
  ) {
    self.applications = applications
    self.releases = releases
    self.alerts = alerts
    self.checks = checks
    self.streams = streams
    self.glances = glances
    self.grafana = grafana
  }

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/apps/:application", use: show)
    pages.get("projects/:project/apps/:application/live", use: live)
    pages.post("projects/:project/apps/:application/address", use: checkAddress)
    pages.get("projects/:project/apps/:application/manifests", use: manifests)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let history = try await releases.history(of: detail)
    let name = detail.application.name
    let panel = GrafanaPanel(
      grafana.offer(in: detail.membership, application: name),
      on: Paths.application(name, in: detail.membership.project.name),
      isShown: request.showsGrafana)
    let view = ApplicationShowPage(
      chrome: context.chrome(name, section: .projects), detail,
      history: history, diagnosis: await releases.diagnosis(of: detail),
      drift: releases.lastDrift(of: detail), alerts: try await firing(detail, context),
      glance: await glances.glance(of: detail, as: context.principal), grafana: panel,
      principal: context.principal)
    return Page(Template.Applications.application(view), framing: panel?.framing ?? [])
  }

  /// Sends the application's status anew whenever something of it changed.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    _ = try await detail(context)
    // One for the whole stream: a fragment that says the same is the same, and
    // leaves the page as it is.
    let token = context.formSecret.token()
    return try streams.open(request, context) { [self] stream in
      for await _ in applications.changes(in: project) {
        try await stream.send { [self] in
          let detail = try await detail(context)
          let history = try await releases.history(of: detail)
          let status = ApplicationLive(
            detail, history: history, diagnosis: await releases.diagnosis(of: detail),
            drift: releases.lastDrift(of: detail), alerts: try await firing(detail, context),
            glance: await glances.glance(of: detail, as: context.principal, within: nil),
            formToken: token, principal: context.principal)
          return Template.Applications.status(status: status)
        }
      }
    }
  }

  /// Asks one of the application's addresses, and tells on its page.
  @Sendable func checkAddress(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let (project, name) = (
      try context.parameter("project"), try context.parameter("application")
    )
    let answer = try await checks.check(
      ApplicationAddress.Reach(rawValue: context.form.string("reach")) ?? .cluster, of: name,
      in: project, as: context.principal)
    let text = "\(answer.address.text): \(answer.sentence)"
    return Redirect(
      to: Paths.application(name, in: project),
      flash: answer.answers ? .success(text) : .failure(text)
    ).response(in: context)
  }

  @Sendable func manifests(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let release = try await releases.release(of: detail)
    let view = ManifestsPage(
      chrome: context.chrome("Manifests of \(detail.application.name)", section: .projects),
      detail, release: release)
    return Page(Template.Applications.manifests(view))
  }

  private func firing(
    _ detail: ApplicationDetail, _ context: SignedInContext
  ) async throws -> FiringAlerts {
    FiringAlerts(
      try await alerts.firing(of: detail), in: detail.membership.project.name, title: "Alerts",
      principal: context.principal)
  }

  private func detail(_ context: SignedInContext) async throws -> ApplicationDetail {
    try await applications.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
  }
}
