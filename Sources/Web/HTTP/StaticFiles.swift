import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// Style sheet, script and icons, which are part of the program. Their names
/// hold a hash of the content, so a browser may keep them for ever.
struct StaticFiles: Sendable {
  private let assets: [String: StaticAsset]

  init() {
    assets = Dictionary(
      StaticAssets.all.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func addRoutes(to router: some RouterMethods<AppRequestContext>) {
    router.get("static/**", use: file)
    router.get("favicon.ico", use: icon)
    router.get("robots.txt", use: robots)
  }

  @Sendable func file(request: Request, context: AppRequestContext) throws -> Response {
    guard let asset = assets[request.uri.path] else { throw HTTPError(.notFound) }
    let caching: HTTPFields = [
      .cacheControl: "public, max-age=31536000, immutable", .eTag: asset.etag,
    ]
    if request.headers[.ifNoneMatch] == asset.etag {
      return Response(status: .notModified, headers: caching)
    }
    var headers = caching
    headers[.contentType] = asset.contentType
    headers[.contentLength] = "\(asset.bytes.count)"
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
  }

  /// Browsers ask here whatever the page says.
  @Sendable func icon(request: Request, context: AppRequestContext) -> Response {
    Redirect(to: StaticAssets.iconsBabyhelm).response(in: context)
  }

  /// Nothing here is for search engines.
  @Sendable func robots(request: Request, context: AppRequestContext) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: "User-agent: *\nDisallow: /\n")))
  }
}
