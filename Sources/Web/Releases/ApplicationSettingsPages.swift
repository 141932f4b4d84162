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
    let made = try await hooks.rotate(
      try hook(context), of: name, in: project, as: context.principal)
    return try await page(context, made: made)
  }

  @Sendable func removeHook(request: Request, context: SignedInContext) async throws -> Response {
    let (project, name) = try names(context)
    let link = Paths.application(name, in: project, .settings)
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
