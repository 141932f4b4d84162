import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// What the cluster really has: an application's objects as live, and what
/// somebody changed by hand.
struct DriftPages: Sendable {
  let applications: Applications
  let releases: Releases

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    let own = "projects/:project/apps/:application"
    pages.get("\(own)/drift", use: drift)
    pages.get("\(own)/live-manifests", use: live)
    pages.get("\(own)/live.yaml", use: liveYAML)
  }

  @Sendable func drift(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let view = DriftPage(
      chrome: context.chrome("Drift of \(detail.application.name)", section: .projects), detail,
      try await releases.drift(of: detail), principal: context.principal)
    return Page(Template.Applications.drift(view))
  }

  @Sendable func live(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await detail(context)
    let view = LiveManifestsPage(
      chrome: context.chrome("Manifests of \(detail.application.name)", section: .projects),
      detail, try await releases.live(of: detail))
    return Page(Template.Applications.liveManifests(view))
  }

  @Sendable func liveYAML(request: Request, context: SignedInContext) async throws -> Response {
    let detail = try await detail(context)
    let text = try await releases.live(of: detail).compactMap(\.yaml).joined(separator: "---\n")
    return Response(
      status: .ok,
      headers: [
        .contentType: "application/yaml",
        .contentDisposition: "attachment; filename=\"\(detail.application.name)-live.yaml\"",
        .cacheControl: "private, no-store",
      ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  private func detail(_ context: SignedInContext) async throws -> ApplicationDetail {
    try await applications.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
  }
}
