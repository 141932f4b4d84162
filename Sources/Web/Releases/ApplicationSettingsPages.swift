import Domain
import Hummingbird

/// The settings of an application: its deploy hooks, and deleting it.
struct ApplicationSettingsPages: Sendable {
  let applications: Applications
  let releases: Releases
  let hooks: DeployHooks

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    let own = "projects/:project/apps/:application"
    pages.get("\(own)/settings", use: show)
    pages.post("\(own)/hooks", use: createHook)
    pages.post("\(own)/hooks/:hook/rotation", use: rotateHook)
    pages.post("\(own)/hooks/:hook/removal", use: removeHook)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context)
  }

  @Sendable func createHook(request: Request, context: SignedInContext) async throws -> Page {
    let (project, name) = try names(context)
    let made: NewDeployHook
    do throws(DomainError) {
      made = try await hooks.create(
        named: context.form.string("name"), tags: context.form.string("tags"), of: name,
        in: project, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, hookError: error)
    }
    // Not a redirect: the secret is on no other page, and in no cookie.
    return try await page(context, made: made)
  }

  @Sendable func rotateHook(request: Request, context: SignedInContext) async throws -> Page {
    let (project, name) = try names(context)
    if let hook = try await unconfirmedHook(context) {
      return context.ask(
        Question(
          title: "Make a new secret for the hook “\(hook.name)”?",
          consequence: "The secret that it has is refused at once: whoever calls it needs the new "
            + "one. From then on it deploys as you.",
          button: "Make a new secret", cancel: Paths.application(name, in: project, .settings),
          section: .projects), request)
    }
    let made = try await hooks.rotate(
      try hook(context), of: name, in: project, as: context.principal)
    return try await page(context, made: made)
  }

  @Sendable func removeHook(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    let link = Paths.application(name, in: project, .settings)
    if let hook = try await unconfirmedHook(context) {
      return context.ask(
        Question(
          title: "Remove the hook “\(hook.name)” of \(name)?",
          consequence: "Whoever calls it is refused from then on. It can’t be brought back; a new "
            + "hook has another address and secret.",
          button: "Remove the hook", cancel: link, section: .projects), request
      ).response()
    }
    try await hooks.remove(try hook(context), of: name, in: project, as: context.principal)
    return Redirect(to: link, flash: .success("The hook is removed.")).response(in: context)
  }

  /// The page, after one of its forms was sent.
  ///
  /// - Parameters:
  ///   - deletionError: why the application couldn't be deleted.
  ///   - hookError: why a hook couldn't be made.
  ///   - made: shown with its secret.
  func page(
    _ context: SignedInContext, deletionError: DomainError? = nil, hookError: DomainError? = nil,
    made: NewDeployHook? = nil
  ) async throws -> Page {
    let (project, name) = try names(context)
    let detail = try await applications.application(
      named: name, in: project, as: context.principal)
    let release = try await releases.release(of: detail)
    let refusal = detail.membership.decision(.deployApplications, for: context.principal).reason
    let found =
      refusal == nil
      ? try await hooks.list(of: name, in: project, as: context.principal) : []
    let view = ApplicationSettingsPage(
      chrome: context.chrome("Settings of \(name)", section: .projects), detail, release,
      hooks: HooksCard(
        found, of: name, in: project, refusal: refusal, form: context.form, error: hookError,
        made: made, origin: context.origin),
      error: deletionError, removesVolumes: context.form.isOn("removesVolumes"),
      principal: context.principal)
    let status = (deletionError ?? hookError)?.formStatus ?? .ok
    return Page(Template.Applications.settings(view), status: status)
  }

  /// The hook that a form is about, as long as nobody said that they mean it.
  private func unconfirmedHook(_ context: SignedInContext) async throws -> DeployHook? {
    guard !context.isConfirmed else { return nil }
    let (project, name) = try names(context)
    let id = try hook(context)
    return try await hooks.list(of: name, in: project, as: context.principal)
      .first { $0.id == id }
  }

  private func hook(_ context: SignedInContext) throws(DomainError) -> DeployHook.ID {
    guard let text = try? context.parameter("hook") else {
      throw DomainError(.notFound, "There is no such hook.")
    }
    return DeployHook.ID(rawValue: text)
  }

  private func names(_ context: SignedInContext) throws -> (String, String) {
    (try context.parameter("project"), try context.parameter("application"))
  }
}
