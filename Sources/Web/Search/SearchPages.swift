import Domain
import Hummingbird
import NIOCore
import Templates

/// Finding the way: a page for everybody, and the same as data for the command
/// palette (Resources/static/scripts/palette.js).
struct SearchPages: Sendable {
  let applications: Applications

  /// The most projects and the most applications that are told at once.
  static let limit = 1_000
  /// The most that a page shows.
  static let pageLimit = 50

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("search", use: show)
    pages.get("search.json", use: list)
  }

  @Sendable func show(request: Request, context: SignedInContext) async throws -> Page {
    let text = String(request.query("q").prefix(200))
    let found = try await applications.catalogue(
      matching: text, limit: Self.pageLimit, as: context.principal)
    let view = SearchPage(
      chrome: context.chrome("Search"), text: text, found, principal: context.principal)
    return Page(Template.Search.search(view))
  }

  /// Everything that somebody may go to. A browser keeps it, and asks each time
  /// whether it is still the same.
  @Sendable func list(request: Request, context: SignedInContext) async throws -> Response {
    let found = try await applications.catalogue(limit: Self.limit, as: context.principal)
    let items = Destination.all(of: found, for: context.principal)
    let body = JSON.members([
      (
        "items",
        .array(
          items.map { item in
            .members([
              ("kind", .string(item.kind.rawValue)), ("text", .string(item.title)),
              ("place", .string(item.shownPlace)), ("link", .string(item.link.text)),
            ])
          })
      ),
      ("isComplete", .bool(found.isComplete)),
    ]).bytes
    return Response(
      status: .ok,
      headers: [
        .contentType: "application/json", .contentLength: "\(body.count)",
        .cacheControl: "private, no-cache",
      ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
    ).tagged(body, for: request)
  }
}
