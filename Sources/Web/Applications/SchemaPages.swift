import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// `/schema/application.json`: what a specification file may say, for editors.
/// It tells nothing of anybody, so it takes no session.
struct SchemaPages: Sendable {
  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.get("schema/application.json", use: application)
  }

  @Sendable func application(request: Request, context: AppRequestContext) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "application/schema+json", .cacheControl: "public, max-age=3600",
        .contentLength: "\(SpecificationFileSchema.bytes.count)",
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: SpecificationFileSchema.bytes))
    ).tagged(SpecificationFileSchema.bytes, for: request)
  }
}
