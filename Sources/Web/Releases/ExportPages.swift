import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// Downloads: an application or a project as YAML or as a Helm chart.
struct ExportPages: Sendable {
  let exports: Exports

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/manifests.yaml", use: projectYAML)
    pages.get("projects/:project/chart.tgz", use: projectChart)
    pages.get("projects/:project/apps/:application/manifests.yaml", use: applicationYAML)
    pages.get("projects/:project/apps/:application/chart.tgz", use: applicationChart)
  }

  @Sendable func projectYAML(request: Request, context: SignedInContext) async throws -> Response {
    Self.yaml(try await project(context))
  }

  @Sendable func projectChart(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    Self.chart(try await project(context))
  }

  @Sendable func applicationYAML(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    Self.yaml(try await application(context))
  }

  @Sendable func applicationChart(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    Self.chart(try await application(context))
  }

  private func project(_ context: SignedInContext) async throws -> Export {
    try await exports.project(named: try context.parameter("project"), as: context.principal)
  }

  private func application(_ context: SignedInContext) async throws -> Export {
    try await exports.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
  }

  private static func yaml(_ export: Export) -> Response {
    download(ByteBuffer(string: export.yaml), as: "\(export.name).yaml", "application/yaml")
  }

  private static func chart(_ export: Export) -> Response {
    download(
      ByteBuffer(bytes: export.chart.archive()),
      as: "\(export.chart.name)-\(export.chart.version).tgz", "application/gzip")
  }

  /// The name is made of DNS labels, so it needs no escaping.
  private static func download(
    _ body: ByteBuffer, as name: String, _ type: String
  ) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: type, .contentDisposition: "attachment; filename=\"\(name)\"",
        .cacheControl: "private, no-store",
      ],
      body: ResponseBody(byteBuffer: body))
  }
}
