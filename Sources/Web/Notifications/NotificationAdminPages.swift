import Domain
import Hummingbird

/// Whether webhooks and mails work, for admins.
struct NotificationAdminPages: Sendable {
  let webhooks: Webhooks
  let mailings: Mailings

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin/notifications", use: index)
    pages.post("admin/notifications/test", use: test)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context)
  }

  @Sendable func test(request: Request, context: SignedInContext) async throws -> Response {
    do throws(DomainError) {
      try await mailings.test(as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, failure: error).response()
    }
    return Redirect(
      to: Paths.adminNotifications,
      flash: .success("The mail server took a mail to \(context.principal.email).")
    ).response(in: context)
  }

  private func page(
    _ context: SignedInContext, failure: DomainError? = nil
  ) async throws -> Page {
    let principal = context.principal
    let view = PlatformNotificationsPage(
      chrome: context.chrome("Notifications", section: .admin),
      server: try mailings.server(as: principal), try await webhooks.failing(as: principal),
      try await mailings.failures(as: principal), failure: failure, principal: principal)
    return Page(
      Template.Notifications.platformNotifications(view), status: failure?.formStatus ?? .ok)
  }
}

/// Ending all mails with a link from one of them, without a login. A mail
/// program that opens the link for its preview ends nothing: the button does.
struct UnsubscribePages: Sendable {
  let mailings: Mailings

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.get("unsubscribe", use: show)
    pages.post("unsubscribe", use: stop)
  }

  @Sendable func show(request: Request, context: AppRequestContext) async throws -> Page {
    Page(
      Template.Notifications.unsubscribe(
        UnsubscribePage(chrome: context.chrome("No mails"), link: request.query("link"))))
  }

  @Sendable func stop(request: Request, context: AppRequestContext) async throws -> Response {
    let flash: Flash
    do throws(DomainError) {
      try await mailings.stop(with: context.form.string("link"))
      flash = .success("You get no mails from BabyHelm any more.")
    } catch {
      guard error.reason == .notFound else { throw error }
      flash = .failure("\(error.message) \(error.advice)")
    }
    return Redirect(to: Paths.login(), flash: flash).response(in: context)
  }
}
