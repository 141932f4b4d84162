import Domain
import Hummingbird

/// Setting a password with a link that an admin made. The secret is in the
/// query, which no log has, and then in the form.
struct ResetPages: Sendable {
  let accounts: Accounts

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.get("reset", use: show)
    pages.post("reset", use: reset)
  }

  @Sendable func show(request: Request, context: AppRequestContext) async throws -> Response {
    let secret = request.query("link")
    guard let user = try await accounts.resetUser(secret: secret) else { return Self.dead(context) }
    return Self.page(user, secret, context).response()
  }

  @Sendable func reset(request: Request, context: AppRequestContext) async throws -> Response {
    let secret = context.form.string("link")
    do throws(DomainError) {
      try await accounts.resetPassword(
        secret: secret, to: context.form.raw("password"), from: context.client)
    } catch {
      if error.reason == .notFound { return Self.dead(context) }
      guard error.isFormRefusal || error.reason == .tooManyRequests,
        let user = try await accounts.resetUser(secret: secret)
      else { throw error }
      return Self.page(user, secret, context, error).response()
    }
    return Redirect(
      to: Paths.login(), flash: .success("Your password is set. Log in with it.")
    ).response(in: context)
  }

  private static func page(
    _ user: User, _ secret: String, _ context: AppRequestContext, _ error: DomainError? = nil
  ) -> Page {
    let view = ResetPage(
      chrome: context.chrome("Set your password"), user, secret: secret, error: error)
    return Page(Template.Accounts.reset(view), status: error?.formStatus ?? .ok)
  }

  private static func dead(_ context: AppRequestContext) -> Response {
    Redirect(
      to: Paths.login(),
      flash: .failure(
        "This link was used already, or is older than an hour. Ask an admin for a new one.")
    ).response(in: context)
  }
}
