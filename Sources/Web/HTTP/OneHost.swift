import HTTPTypes
import Hummingbird

/// Refuses a request with two hosts (RFC 9112 §3.2): a proxy before BabyHelm
/// might believe one of them and BabyHelm the other.
struct OneHost: RouterMiddleware {
  // A valid field name (RFC 9110 §5.1), so the initializer can't fail.
  private static let host = HTTPField.Name("Host") ?? .from

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    // The first one is the request's authority; only a second is among its fields.
    guard request.headers[values: Self.host].isEmpty else { throw HTTPError(.badRequest) }
    return try await next(request, context)
  }
}
