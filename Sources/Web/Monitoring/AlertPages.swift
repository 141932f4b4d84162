import Domain
import Hummingbird

/// Alerts of a project: what is wrong now, what was, and silences.
struct AlertPages: Sendable {
  let alerts: Alerts

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/alerts", use: index)
    pages.get("projects/:project/alerts/:alert", use: show)
    pages.post("projects/:project/alerts/:alert/silences", use: silence)
    pages.post("projects/:project/silences/:silence/end", use: endSilence)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    let project = try context.parameter("project")
    let search = AlertSearch(request)
    var query = search.query
    // What fires stands above the table then.
    if search.isPlain { query.isFiring = false }
    query.project = ""
    query.isOfPlatform = false
    let history = try await alerts.list(
      of: project, query, before: search.cursor, as: context.principal)
    var firing = history
    firing.alerts = []
    if search.isPlain, let membership = history.membership {
      firing = try await alerts.firing(in: membership)
    }
    let view = AlertsPage(
      chrome: context.chrome("Alerts of \(project)", section: .projects), history,
      firing: firing, search, project: project, principal: context.principal)
    return Page(Template.Monitoring.alerts(view))
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let view = try await page(context, SilenceForm())
    return Page(Template.Monitoring.alert(view))
  }

  @Sendable func silence(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let form = SilenceForm(context.form)
    let silence: AlertSilence
    do throws(DomainError) {
      silence = try await alerts.silence(
        try context.alertID, in: project, form.draft, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      let view = try await page(context, form, error: error)
      return Page(Template.Monitoring.alert(view), status: error.formStatus).response()
    }
    return Redirect(
      to: Paths.alerts(of: project),
      flash: .success(
        "Silenced. Nobody is told until it ends.",
        undo: .endSilence(silence.id, project: project))
    ).response(in: context)
  }

  @Sendable func endSilence(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    try await alerts.endSilence(
      AlertSilence.ID(rawValue: try context.parameter("silence")), in: project,
      as: context.principal)
    return Redirect(
      to: Paths.alerts(of: project), flash: .success("The silence has ended.")
    ).response(in: context)
  }

  private func page(
    _ context: SignedInContext, _ form: SilenceForm, error: DomainError? = nil
  ) async throws -> AlertPage {
    let list = try await alerts.alert(
      try context.alertID, in: try context.parameter("project"), as: context.principal)
    guard let alert = list.alerts.first else { throw HTTPError(.notFound) }
    return AlertPage(
      chrome: context.chrome(alert.name, section: .projects), list, alert, form: form,
      error: error, principal: context.principal)
  }
}

extension SignedInContext {
  /// The alert that the path names.
  var alertID: Alert.ID {
    get throws(DomainError) {
      guard let text = try? parameter("alert") else {
        throw DomainError(.notFound, "There is no such alert here.")
      }
      return Alert.ID(rawValue: text)
    }
  }
}
