import Domain
import HTTPTypes
import Hummingbird

/// The way to Grafana. With a token in it, it is for one person and a few
/// minutes, so no page holds it: pages lead here, and here the browser is sent
/// on, which keeps neither this answer nor where it came from.
struct GrafanaPages: Sendable {
  let grafana: GrafanaDashboards

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/grafana", use: project)
    pages.get("projects/:project/apps/:application/grafana", use: application)
    pages.get("admin/grafana", use: overview)
  }

  @Sendable func project(request: Request, context: SignedInContext) async throws -> Response {
    Self.sent(
      to: try await grafana.visit(
        project: try context.parameter("project"), isFramed: request.isFramed,
        as: context.principal))
  }

  @Sendable func application(request: Request, context: SignedInContext) async throws -> Response {
    Self.sent(
      to: try await grafana.visit(
        project: try context.parameter("project"),
        application: try context.parameter("application"), isFramed: request.isFramed,
        as: context.principal))
  }

  @Sendable func overview(request: Request, context: SignedInContext) async throws -> Response {
    Self.sent(
      to: try await grafana.visit(
        request.query("dashboard") == "server" ? .server : .cluster, isFramed: request.isFramed,
        as: context.principal))
  }

  /// A redirect to another site (RFC 9110 §15.4.3).
  private static func sent(to address: String) -> Response {
    Response(
      status: .found,
      headers: [
        .location: address, .cacheControl: "no-store",
        SecurityHeaders.referrerPolicy: "no-referrer",
        .contentLength: "0",
      ])
  }
}

extension Request {
  /// Whether a frame of ours asks.
  fileprivate var isFramed: Bool { query("view") == "frame" }
}
