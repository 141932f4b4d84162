import Domain
import Hummingbird

/// One application: its status, and its manifests.
struct ApplicationPages: Sendable {
  let applications: Applications
  let releases: Releases
  let streams: EventStreams

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/apps/:application", use: show)
    pages.get("projects/:project/apps/:application/live", use: live)
    pages.get("projects/:project/apps/:application/manifests", use: manifests)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let history = try await releases.history(of: detail)
    let view = ApplicationShowPage(
      chrome: context.chrome(detail.application.name, section: .projects), detail,
      history: history, principal: context.principal)
    return Page(Template.Applications.application(view))
  }

  /// Sends the application's status anew whenever something of it changed.
  @Sendable func live(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    _ = try await detail(context)
    return try streams.open(request, context) { stream in
      for await _ in applications.changes(in: project) {
        let detail = try await detail(context)
        let history = try await releases.history(of: detail)
        try stream.send(
          Template.Applications.status(status: ApplicationLive(detail, history: history)))
      }
    }
  }

  @Sendable func manifests(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let release = try await releases.release(of: detail)
    let view = ManifestsPage(
      chrome: context.chrome("Manifests of \(detail.application.name)", section: .projects),
      detail, release: release)
    return Page(Template.Applications.manifests(view))
  }

  private func detail(_ context: SignedInContext) async throws -> ApplicationDetail {
    try await applications.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
  }
}
