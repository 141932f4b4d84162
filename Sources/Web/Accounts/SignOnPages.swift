import Domain
import HTTPTypes
import Hummingbird

/// Signing in with the help of others: an OpenID provider, or the proxy of a
/// tailnet.
struct SignOnPages: Sendable {
  let signOn: SingleSignOn

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.get("login/sso", use: begin)
    pages.get("login/sso/callback", use: finish)
  }

  /// Leads to the provider. A link, not a form: it changes nothing here.
  @Sendable func begin(request: Request, context: AppRequestContext) async throws -> Response {
    let next = LocalPath(request.query("next"))
    do {
      let start = try await signOn.begin(
        returningTo: Self.redirectURI(context), next: next?.text)
      var response = Response(
        status: .seeOther, headers: [.location: start.location, .contentLength: "0"])
      SiteCookie.signOn.set(start.state, maxAge: 600, on: &response, context.site)
      return response
    } catch {
      return refused(error, next: next, context)
    }
  }

  /// Where the provider sends the browser back to.
  @Sendable func finish(request: Request, context: AppRequestContext) async throws -> Response {
    let answer = SingleSignOn.Answer(
      code: request.query("code"), state: request.query("state"), error: request.query("error"),
      issuer: request.query("iss"))
    let state = SiteCookie.signOn.value(in: request, context.site) ?? ""
    var response: Response
    do {
      let (outcome, next) = try await signOn.finish(answer, state: state, from: context.client)
      response = Self.response(
        to: outcome, next: next.flatMap { LocalPath($0) }, signOn: signOn.name, context)
    } catch {
      response = refused(error, next: nil, context)
    }
    // What came back once is of no use again.
    SiteCookie.signOn.remove(from: &response, context.site)
    return response
  }

  /// Signed in and on the way, or the login page that asks for the password
  /// which connects the two accounts.
  static func response(
    to outcome: ExternalSignIn, next: LocalPath?, signOn: String?, _ context: AppRequestContext
  ) -> Response {
    switch outcome {
    case .signedIn(let signedIn):
      return AccountPages.welcome(signedIn, to: next, context)
    case .needsPassword(let email, let link):
      var form = SignInForm(next: next)
      form.email = email
      form.link = link
      let page = LoginPage(chrome: context.chrome("Log in"), form: form, signOn: nil)
      return Page(Template.Accounts.login(page)).response()
    }
  }

  private func refused(
    _ error: DomainError, next: LocalPath?, _ context: AppRequestContext
  ) -> Response {
    let page = LoginPage(
      chrome: context.chrome("Log in"), form: SignInForm(next: next), error: error,
      signOn: signOn.name)
    let status = error.reason == .forbidden ? .forbidden : error.formStatus
    return Page(Template.Accounts.login(page), status: status).response()
  }

  static func redirectURI(_ context: AppRequestContext) -> String {
    "\(context.origin)/login/sso/callback"
  }
}
