import Domain
import Hummingbird
import Templates

/// A project's webhooks, and of what in it somebody gets mails.
struct NotificationPages: Sendable {
  let projects: Projects
  let webhooks: Webhooks
  let mailings: Mailings

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/notifications", use: index)
    pages.post("projects/:project/notifications/mails", use: chooseMails)
    pages.post("projects/:project/webhooks", use: create)
    pages.get("projects/:project/webhooks/:webhook", use: show)
    pages.post("projects/:project/webhooks/:webhook", use: change)
    pages.post("projects/:project/webhooks/:webhook/test", use: test)
    pages.post("projects/:project/webhooks/:webhook/secret", use: rotate)
    pages.post("projects/:project/webhooks/:webhook/removal", use: delete)
    pages.post(
      "projects/:project/webhooks/:webhook/deliveries/:delivery/redelivery", use: redeliver)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context)
  }

  @Sendable func chooseMails(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let project = try context.parameter("project")
    do throws(DomainError) {
      try await mailings.choose(
        MailForm(context.form).draft, for: project, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, mailForm: context.form, failure: error).response()
    }
    return back(
      to: Paths.notifications(of: project), "Your choice counts from now on.", context)
  }

  @Sendable func create(request: Request, context: SignedInContext) async throws -> Page {
    let project = try context.parameter("project")
    let draft = WebhookDraft(context.form)
    let made: WebhookSecret
    do throws(DomainError) {
      made = try await webhooks.create(draft, in: project, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, draft: draft, failure: error)
    }
    // Not a redirect: the secret is on no other page, and in no cookie.
    return try await page(of: made.webhook.id, context, secret: made.secret)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    try await page(of: try id(context), context, before: Int(request.query("before")))
  }

  @Sendable func change(request: Request, context: SignedInContext) async throws -> Response {
    let (project, id) = (try context.parameter("project"), try id(context))
    let draft = WebhookDraft(context.form)
    do throws(DomainError) {
      _ = try await webhooks.change(
        id, to: draft, from: Int(context.form.string("version")) ?? 0, in: project,
        as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(of: id, context, draft: draft, failure: error).response()
    }
    return back(to: Paths.webhook(id, in: project), "The webhook is as you want it.", context)
  }

  @Sendable func test(request: Request, context: SignedInContext) async throws -> Response {
    let (project, id) = (try context.parameter("project"), try id(context))
    let delivery = try await webhooks.test(id, in: project, as: context.principal)
    let flash: Flash =
      delivery.state == .delivered
      ? .success("The test was taken. \(delivery.result)")
      : .failure("The test wasn’t taken. \(delivery.result)")
    return Redirect(to: Paths.webhook(id, in: project), flash: flash).response(in: context)
  }

  @Sendable func rotate(request: Request, context: SignedInContext) async throws -> Page {
    let made = try await webhooks.rotateSecret(
      of: try id(context), in: try context.parameter("project"), as: context.principal)
    return try await page(of: made.webhook.id, context, secret: made.secret)
  }

  @Sendable func delete(request: Request, context: SignedInContext) async throws -> Response {
    let (project, id) = (try context.parameter("project"), try id(context))
    let typed = context.form.string("confirmation")
    let webhook = try await webhooks.webhook(id, of: project, as: context.principal)
    guard typed == webhook.name else {
      let mistake = DomainError.invalid([
        FieldError(
          "confirmation", "Type “\(webhook.name)” to confirm that you mean this webhook.")
      ])
      return try await page(of: id, context, typedName: typed, failure: mistake).response()
    }
    try await webhooks.delete(id, in: project, as: context.principal)
    return back(
      to: Paths.notifications(of: project), "“\(webhook.name)” is told nothing any more.", context)
  }

  @Sendable func redeliver(request: Request, context: SignedInContext) async throws -> Response {
    let (project, id) = (try context.parameter("project"), try id(context))
    let message = try context.parameter("delivery")
    do throws(DomainError) {
      let delivery = try await webhooks.redeliver(
        message, of: id, in: project, as: context.principal)
      return back(
        to: Paths.webhook(id, in: project), "Message \(delivery.sequence) is sent again.", context)
    } catch {
      guard error.isFormRefusal else { throw error }
      return Redirect(
        to: Paths.webhook(id, in: project), flash: .notice("\(error.message) \(error.advice)")
      ).response(in: context)
    }
  }

  private func id(_ context: SignedInContext) throws -> Webhook.ID {
    Webhook.ID(rawValue: try context.parameter("webhook"))
  }

  private func back(
    to link: Link, _ message: String, _ context: SignedInContext
  ) -> Response {
    Redirect(to: link, flash: .success(message)).response(in: context)
  }

  private func page(
    _ context: SignedInContext, draft: WebhookDraft? = nil, mailForm: FormBody? = nil,
    failure: DomainError? = nil
  ) async throws -> Page {
    let (project, principal) = (try context.parameter("project"), context.principal)
    let settings = try await mailings.settings(for: project, as: principal)
    let membership = try await projects.project(named: project, as: principal)
    let isManager = membership.decision(.manageWebhooks, for: principal).isAllowed
    let view = NotificationsPage(
      chrome: context.chrome("Notifications", section: .projects), membership,
      isManager ? try await webhooks.list(of: project, as: principal) : [], settings,
      draft: draft, mailForm: mailForm, failure: failure, allowsPlain: webhooks.allowsPlain,
      principal: principal)
    return Page(
      Template.Notifications.projectNotifications(view), status: failure?.formStatus ?? .ok)
  }

  private func page(
    of id: Webhook.ID, _ context: SignedInContext, draft: WebhookDraft? = nil,
    typedName: String = "", before: Int? = nil, secret: String? = nil,
    failure: DomainError? = nil
  ) async throws -> Page {
    let (project, principal) = (try context.parameter("project"), context.principal)
    let webhook = try await webhooks.webhook(id, of: project, as: principal)
    let membership = try await projects.project(named: project, as: principal)
    let found = try await webhooks.deliveries(
      of: id, in: project, before: before, limit: Webhooks.pageSize + 1, as: principal)
    // Who sends it again after a clash has seen that it was changed.
    let isSame = draft != nil && failure?.reason != .conflict
    let version = isSame ? Int(context.form.string("version")) : nil
    let view = WebhookPage(
      chrome: context.chrome(webhook.name, section: .projects), webhook, in: membership, found,
      draft: draft, typedName: typedName, version: version ?? webhook.version, secret: secret,
      failure: failure, allowsPlain: webhooks.allowsPlain, principal: principal)
    return Page(Template.Notifications.webhook(view), status: failure?.formStatus ?? .ok)
  }
}
