import Domain
import Hummingbird
import Templates

/// Letting people in: the admins' list of invitations, and what an invited
/// person opens. The secret is in the query, which no log has, and then in the
/// form.
struct InvitationPages: Sendable {
  let invitations: Invitations

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.get("invitation", use: show)
    pages.post("invitation", use: accept)
  }

  func addSignedInRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin/invitations", use: index)
    pages.post("admin/invitations", use: invite)
    pages.post("admin/invitations/:invitation/revocation", use: revoke)
    pages.post("invitation/join", use: join)
  }

  // MARK: Admins

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    try await list(context)
  }

  @Sendable func invite(request: Request, context: SignedInContext) async throws -> Page {
    let draft = InvitationDraft(context.form)
    do throws(DomainError) {
      let made = try await invitations.invite(draft, as: context.principal)
      // Not a redirect: the link is on no other page, and in no cookie.
      return try await list(context, made: InvitationLink(made, context.origin))
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await list(context, draft: draft, error: error)
    }
  }

  @Sendable func revoke(request: Request, context: SignedInContext) async throws -> Response {
    let id = Invitation.ID(rawValue: try context.parameter("invitation"))
    let open = try await invitations.open(as: context.principal)
    if !context.isConfirmed, let invitation = open.first(where: { $0.id == id }) {
      return context.ask(
        Question(revoking: invitation, cancel: Paths.adminInvitations, section: .admin), request
      ).response()
    }
    try await invitations.revoke(id, as: context.principal)
    return Redirect(
      to: Paths.adminInvitations, flash: .success("The invitation is worthless now.")
    ).response(in: context)
  }

  private func list(
    _ context: SignedInContext, draft: InvitationDraft = InvitationDraft(),
    made: InvitationLink? = nil, error: DomainError? = nil
  ) async throws(DomainError) -> Page {
    let view = InvitationsPage(
      chrome: context.chrome("Invitations", section: .admin),
      try await invitations.open(as: context.principal), draft: draft, made: made, error: error)
    return Page(Template.Admin.invitations(view), status: error?.formStatus ?? .ok)
  }

  // MARK: Invited people

  @Sendable func show(request: Request, context: AppRequestContext) async throws -> Response {
    let secret = request.query("link")
    guard let offer = try await invitations.offer(secret: secret) else {
      return Self.worthless(context)
    }
    return Self.page(offer, secret, context).response()
  }

  @Sendable func accept(request: Request, context: AppRequestContext) async throws -> Response {
    let secret = context.form.string("link")
    let form = RegistrationForm(context.form)
    do throws(DomainError) {
      let signedIn = try await invitations.accept(
        secret: secret, name: form.name, password: form.password, from: context.client)
      return AccountPages.welcome(signedIn, to: nil, context)
    } catch {
      if error.reason == .notFound { return Self.worthless(context) }
      guard error.isFormRefusal || error.reason == .tooManyRequests,
        let offer = try await invitations.offer(secret: secret)
      else { throw error }
      return Self.page(offer, secret, context, form: form, error).response()
    }
  }

  @Sendable func join(request: Request, context: SignedInContext) async throws -> Response {
    let project: String?
    do throws(DomainError) {
      project = try await invitations.join(
        secret: context.form.string("link"), as: context.principal)
    } catch {
      guard error.reason == .notFound else { throw error }
      return Redirect(
        to: Paths.projects, flash: .failure("\(error.message) \(error.advice)")
      ).response(in: context)
    }
    return Redirect(
      to: project.map { Paths.project($0) } ?? Paths.projects,
      flash: .success(project.map { "You are in the project \($0) now." } ?? "You are in already.")
    ).response(in: context)
  }

  private static func page(
    _ offer: InvitationOffer, _ secret: String, _ context: AppRequestContext,
    form: RegistrationForm = RegistrationForm(), _ error: DomainError? = nil
  ) -> Page {
    let view = InvitationPage(
      chrome: context.chrome("Invitation"), offer, secret: secret, form: form, error: error,
      visitor: context.visitor)
    return Page(Template.Accounts.invitation(view), status: error?.formStatus ?? .ok)
  }

  private static func worthless(_ context: AppRequestContext) -> Response {
    Redirect(
      to: context.session == nil ? Paths.login() : Paths.projects,
      flash: .failure(
        "This invitation was used already, was revoked, or ran out. Ask whoever sent it for a new one."
      )
    ).response(in: context)
  }
}

extension Question {
  /// Asked before an invitation is revoked.
  init(revoking invitation: Invitation, cancel: Link, section: PageChrome.Section) {
    self.init(
      title: "Revoke the invitation of \(invitation.email)?",
      consequence: "The link that they were sent opens nothing any more. A new invitation has "
        + "another link.",
      button: "Revoke the invitation", cancel: cancel, section: section)
  }
}
