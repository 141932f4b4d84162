import Domain
import Hummingbird

/// All alerts, for admins: those of every project, the platform's own, how they
/// come in, and the token that Alertmanager sends.
struct PlatformAlertPages: Sendable {
  let alerts: Alerts

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin/alerts", use: index)
    pages.get("admin/alerts/:alert", use: show)
    pages.post("admin/alerts/token", use: makeToken)
    pages.post("admin/alerts/token/revoke", use: revokeToken)
    pages.post("admin/alerts/:alert/silences", use: silence)
    pages.post("admin/silences/:silence/end", use: endSilence)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    let view = try await list(request, context)
    return Page(Template.Monitoring.platformAlerts(view))
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let view = try await page(context, SilenceForm())
    return Page(Template.Monitoring.alert(view))
  }

  @Sendable func makeToken(request: Request, context: SignedInContext) async throws -> Response {
    if !context.isConfirmed, try await alerts.status(as: context.principal).hasToken {
      return context.ask(
        Question(
          title: "Replace the token of Alertmanager?",
          consequence: "The token that it sends now is worth nothing at once: no alert of its "
            + "comes in until it has the new one.",
          button: "Make another token", cancel: Paths.adminAlerts(), section: .admin), request
      ).response()
    }
    let secret = try await alerts.makeToken(as: context.principal)
    // Not a redirect: the secret is on no other page, and in no cookie.
    let view = try await list(request, context, made: secret)
    return Page(Template.Monitoring.platformAlerts(view)).response()
  }

  @Sendable func revokeToken(request: Request, context: SignedInContext) async throws -> Response {
    if !context.isConfirmed, try await alerts.status(as: context.principal).hasToken {
      return context.ask(
        Question(
          title: "Revoke the token of Alertmanager?",
          consequence: "No alert of its comes in any more, until somebody makes another token "
            + "and gives it to Alertmanager.",
          button: "Revoke the token", cancel: Paths.adminAlerts(), section: .admin), request
      ).response()
    }
    try await alerts.revokeToken(as: context.principal)
    return Redirect(
      to: Paths.adminAlerts(),
      flash: .success("The token is worth nothing from now on.")
    ).response(in: context)
  }

  @Sendable func silence(request: Request, context: SignedInContext) async throws -> Response {
    let form = SilenceForm(context.form)
    let silence: AlertSilence
    do throws(DomainError) {
      silence = try await alerts.silence(
        try context.alertID, form.draft, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      let view = try await page(context, form, error: error)
      return Page(Template.Monitoring.alert(view), status: error.formStatus).response()
    }
    return Redirect(
      to: Paths.adminAlerts(),
      flash: .success(
        "Silenced. Nobody is told until it ends.", undo: .endSilence(silence.id, project: nil))
    ).response(in: context)
  }

  @Sendable func endSilence(request: Request, context: SignedInContext) async throws -> Response {
    try await alerts.endSilence(
      AlertSilence.ID(rawValue: try context.parameter("silence")), as: context.principal)
    return Redirect(
      to: Paths.adminAlerts(), flash: .success("The silence has ended.")
    ).response(in: context)
  }

  private func list(
    _ request: Request, _ context: SignedInContext, made: String? = nil
  ) async throws -> PlatformAlertsPage {
    let search = AlertSearch(request)
    return PlatformAlertsPage(
      chrome: context.chrome("Alerts", section: .admin),
      try await alerts.all(search.query, before: search.cursor, as: context.principal),
      try await alerts.status(as: context.principal), search, made: made,
      hook: "\(context.origin)/hooks/alertmanager")
  }

  private func page(
    _ context: SignedInContext, _ form: SilenceForm, error: DomainError? = nil
  ) async throws -> AlertPage {
    let list = try await alerts.alert(try context.alertID, as: context.principal)
    guard let alert = list.alerts.first else { throw HTTPError(.notFound) }
    return AlertPage(
      chrome: context.chrome(alert.name, section: .admin), list, alert, form: form, error: error,
      principal: context.principal)
  }
}
