import Domain
import Hummingbird

/// A person's own account: name, password, sessions, API tokens.
struct OwnAccountPages: Sendable {
  let accounts: Accounts
  let mailings: Mailings

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("account", use: show)
    pages.post("account/name", use: rename)
    pages.post("account/password", use: changePassword)
    pages.post("account/sessions/end-others", use: endOtherSessions)
    pages.post("account/sessions/:session/end", use: endSession)
    pages.post("account/tokens", use: createToken)
    pages.post("account/tokens/:token/revoke", use: revokeToken)
    pages.post("account/mails", use: chooseMails)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context)
  }

  @Sendable func rename(request: Request, context: SignedInContext) async throws -> Response {
    do throws(DomainError) {
      try await accounts.rename(to: context.form.string("name"), as: context.principal)
    } catch {
      return try await refused(error, at: .name, context)
    }
    return done("Others see your new name from now on.", context)
  }

  @Sendable func changePassword(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let form = context.form
    do throws(DomainError) {
      try await accounts.changePassword(
        from: form.raw("current"), to: form.raw("password"), as: context.principal)
    } catch {
      return try await refused(error, at: .password, context)
    }
    return done(
      "Your password is changed, and every other session has ended. API tokens stay.", context)
  }

  @Sendable func endOtherSessions(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let others = try await accounts.ownAccount(as: context.principal).sessions
      .count { !$0.isCurrent }
    if !context.isConfirmed, others > 0 {
      return context.ask(
        Question(
          title: others == 1 ? "End the other session?" : "End \(others) other sessions?",
          consequence: "These browsers are logged out at once, and what was typed there and not "
            + "sent is lost. API tokens stay.",
          button: others == 1 ? "End it" : "End them", cancel: Paths.account), request
      ).response()
    }
    let count = try await accounts.endOtherSessions(as: context.principal)
    return done(count == 1 ? "One session has ended." : "\(count) sessions have ended.", context)
  }

  @Sendable func endSession(request: Request, context: SignedInContext) async throws -> Response {
    let id = Session.ID(rawValue: try context.parameter("session"))
    do throws(DomainError) {
      try await accounts.endSession(id, as: context.principal)
    } catch {
      return try Self.gone(error, context)
    }
    if case .session(let own) = context.principal.credential, own == id {
      return Redirect(to: Paths.login()).response(in: context)
    }
    return done("The session has ended.", context)
  }

  @Sendable func createToken(request: Request, context: SignedInContext) async throws -> Response {
    let form = context.form
    let new: NewAPIToken
    do throws(DomainError) {
      guard let scope = TokenScope(rawValue: form.string("scope")) else {
        throw .invalid([FieldError("scope", "Choose one of read, deploy and admin.")])
      }
      new = try await accounts.createToken(
        named: form.string("name"), scope: scope, days: Int(form.string("days")) ?? 0,
        as: context.principal)
    } catch {
      return try await refused(error, at: .token, context)
    }
    // Not a redirect: the secret is on no other page, and in no cookie.
    return try await page(context, made: new).response()
  }

  @Sendable func revokeToken(request: Request, context: SignedInContext) async throws -> Response {
    let id = APIToken.ID(rawValue: try context.parameter("token"))
    let tokens = try await accounts.ownAccount(as: context.principal).tokens
    if !context.isConfirmed, let token = tokens.first(where: { $0.id == id }) {
      return context.ask(
        Question(
          title: "Revoke the token “\(token.name)”?",
          consequence: "Whatever uses it is refused from then on. It can’t be brought back; a new "
            + "token has another secret.",
          button: "Revoke the token", cancel: Paths.account), request
      ).response()
    }
    do throws(DomainError) {
      try await accounts.revokeToken(id, as: context.principal)
    } catch {
      return try Self.gone(error, context)
    }
    return done("The token is worth nothing from now on.", context)
  }

  @Sendable func chooseMails(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    do throws(DomainError) {
      try await mailings.choose(MailForm(context.form).draft, for: nil, as: context.principal)
    } catch {
      return try await refused(error, at: .mails, context)
    }
    return done("Your choice of mails counts from now on.", context)
  }

  private func page(
    _ context: SignedInContext, made: NewAPIToken? = nil
  ) async throws -> Page {
    let account = try await accounts.ownAccount(as: context.principal)
    let view = OwnAccountPage(
      chrome: context.chrome("Your account"), account,
      try await mailings.settings(for: nil, as: context.principal), form: FormBody(), part: nil,
      error: nil, made: made)
    return Page(Template.Accounts.ownAccount(view))
  }

  private func refused(
    _ error: DomainError, at part: OwnAccountPage.Part, _ context: SignedInContext
  ) async throws -> Response {
    guard error.isFormRefusal || error.reason == .tooManyRequests else { throw error }
    let account = try await accounts.ownAccount(as: context.principal)
    let view = OwnAccountPage(
      chrome: context.chrome("Your account"), account,
      try await mailings.settings(for: nil, as: context.principal), form: context.form,
      part: part, error: error, made: nil)
    return Page(Template.Accounts.ownAccount(view), status: error.formStatus).response()
  }

  private func done(_ text: String, _ context: SignedInContext) -> Response {
    Redirect(to: Paths.account, flash: .success(text)).response(in: context)
  }

  /// A button of a page that is older than what it is about.
  private static func gone(
    _ error: DomainError, _ context: SignedInContext
  ) throws -> Response {
    guard error.reason == .notFound else { throw error }
    return Redirect(to: Paths.account, flash: .notice(error.message)).response(in: context)
  }
}
