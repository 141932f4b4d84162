import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// The reference of the API: for programs, and for people.
struct OpenAPIPages: Sendable {
  let routes: [APIRoute]

  func addRoutes(to router: Router<AppRequestContext>) {
    router.get("docs", use: docs)
  }

  @Sendable func docs(request: Request, context: AppRequestContext) -> Page {
    let query = request.query("q")
    return Page(
      Template.Openapi.docs(
        DocsPage(
          chrome: context.chrome("API reference"), routes, query: query, origin: context.origin,
          maySend: context.session != nil)))
  }

  /// The call that answers with the document of some calls and of itself.
  static func route(of calls: [APIRoute]) -> APIRoute {
    // A call that describes itself needs its own declaration, but not its work.
    let own = declaration { _, _ in Response(status: .ok) }
    let all = calls + [own]
    return declaration { request, context in
      let bytes = OpenAPIDocument(routes: all, origin: context.origin).json.bytes
      return Response(
        status: .ok,
        headers: [
          .contentType: "application/json", .contentLength: "\(bytes.count)",
          .cacheControl: "no-cache",
        ],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
      ).tagged(bytes, for: request)
    }
  }

  private static func declaration(_ handler: @escaping APIRoute.OpenHandler) -> APIRoute {
    APIRoute(
      open: "/openapi.json", "getOpenAPI", .reference, "This document",
      .ok(.map(of: .anything, sample: ["openapi": "3.1.0"]), "An OpenAPI 3.1 document."),
      use: handler)
  }
}
