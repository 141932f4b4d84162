import Domain
import Hummingbird

/// Registering, logging in and out, and the page before that.
struct AccountPages: Sendable {
  let accounts: Accounts
  /// What people sign in with besides their password; nil for nothing.
  var signOn: String?

  func addRoutes(to pages: RouterGroup<AppRequestContext>) {
    pages.get("/", use: landing)
    pages.get("register", use: registration)
    pages.post("register", use: register)
    pages.get("login", use: login)
    pages.post("login", use: signIn)
  }

  func addSignedInRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.post("logout", use: signOut)
  }

  @Sendable func landing(request: Request, context: AppRequestContext) -> Response {
    guard context.session == nil else { return Redirect(to: Paths.projects).response(in: context) }
    let page = LandingPage(chrome: context.chrome("Deploy to your own cluster"))
    return Page(Template.Landing.landing(page)).response()
  }

  @Sendable func login(request: Request, context: AppRequestContext) async throws -> Response {
    let next = LocalPath(request.query("next"))
    guard !context.isSomebody else { return Self.onward(to: next, context) }
    if let person = context.tailnetPerson, let role = context.site.tailnetRole {
      return try await enter(person, role, next: next, context)
    }
    let page = LoginPage(
      chrome: context.chrome("Log in"), form: SignInForm(next: next), signOn: signOn)
    return Page(Template.Accounts.login(page)).response()
  }

  /// Signs in whom the tailnet's proxy vouches for; they came to log in.
  private func enter(
    _ person: TailnetPerson, _ role: PlatformRole, next: LocalPath?, _ context: AppRequestContext
  ) async throws -> Response {
    do {
      let outcome = try await accounts.signIn(
        tailscaleLogin: person.login, name: person.name, firstRole: role, from: context.client)
      return SignOnPages.response(to: outcome, next: next, signOn: signOn, context)
    } catch {
      guard error.isSignInRefusal || error.reason == .forbidden else { throw error }
      let page = LoginPage(
        chrome: context.chrome("Log in"), form: SignInForm(next: next), error: error,
        signOn: signOn)
      return Page(Template.Accounts.login(page), status: error.formStatus).response()
    }
  }

  @Sendable func signIn(request: Request, context: AppRequestContext) async throws -> Response {
    let form = SignInForm(context.form)
    do {
      let signedIn = try await accounts.signIn(
        email: form.email, password: form.password, from: context.client)
      if !form.link.isEmpty,
        try await !accounts.connect(form.link, as: signedIn.principal)
      {
        let text = "You are logged in, but the other sign-in took too long to be connected."
        return Self.welcome(
          signedIn, to: form.next, flash: .notice(text), context)
      }
      return Self.welcome(signedIn, to: form.next, context)
    } catch {
      guard error.isSignInRefusal else { throw error }
      let page = LoginPage(
        chrome: context.chrome("Log in"), form: form, error: error, signOn: signOn)
      return Page(Template.Accounts.login(page), status: error.formStatus).response()
    }
  }

  @Sendable func registration(
    request: Request, context: AppRequestContext
  ) async throws -> Response {
    guard !context.isSomebody else { return Self.onward(to: nil, context) }
    let page = RegisterPage(
      chrome: context.chrome("Register"), state: try await accounts.registrationState(),
      form: RegistrationForm())
    return Page(Template.Accounts.register(page)).response()
  }

  @Sendable func register(request: Request, context: AppRequestContext) async throws -> Response {
    let form = RegistrationForm(context.form)
    do {
      let signedIn = try await accounts.register(form.registration, from: context.client)
      return Self.welcome(signedIn, to: nil, context)
    } catch {
      guard error.isSignInRefusal else { throw error }
      let page = RegisterPage(
        chrome: context.chrome("Register"), state: try await accounts.registrationState(),
        form: form, error: error)
      return Page(Template.Accounts.register(page), status: error.formStatus).response()
    }
  }

  @Sendable func signOut(request: Request, context: SignedInContext) async throws -> Response {
    try await accounts.signOut(as: context.principal)
    var response = Redirect(to: Paths.home).response(in: context)
    SiteCookie.session.remove(from: &response, context.site)
    return response
  }

  /// Hands out the session and goes on.
  static func welcome(
    _ signedIn: SignedIn, to next: LocalPath?, flash: Flash? = nil, _ context: AppRequestContext
  ) -> Response {
    var response = onward(to: next, flash: flash, context)
    SessionAuthentication.setSession(
      signedIn.token, until: signedIn.expiresAt, on: &response, context.site)
    return response
  }

  /// To a checked path of ours, or to the project list.
  private static func onward(
    to next: LocalPath?, flash: Flash? = nil, _ context: AppRequestContext
  ) -> Response {
    Redirect(to: next?.link ?? Paths.projects, flash: flash).response(in: context)
  }
}

extension AppRequestContext {
  /// Whether somebody with an account of their own is signed in: who only looks
  /// around may still register or log in.
  fileprivate var isSomebody: Bool { session.map { $0.principal.vanishesAt == nil } ?? false }
}

extension DomainError {
  /// A wrong password is answered with the form, and so are too many of them:
  /// the page says when to come back.
  fileprivate var isSignInRefusal: Bool {
    isFormRefusal || reason == .unauthenticated || reason == .tooManyRequests
  }
}
