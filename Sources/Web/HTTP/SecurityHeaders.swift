import HTTPTypes
import Hummingbird

/// Puts the headers on every answer that bound what a browser does with it
/// (docs/design.md §7).
struct SecurityHeaders: RouterMiddleware {
  let isSecure: Bool

  /// Nothing may load but our own files; nobody may frame us; forms go only to
  /// us (Content Security Policy Level 3).
  static let policy = policy(framing: [])

  /// The same for a page that shows other sites in frames.
  ///
  /// - Parameter sources: origins of the configuration, and `'self'`; nothing of
  ///   a request.
  static func policy(framing sources: [String]) -> String {
    let rules = [
      "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
      "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ]
    let frames = sources.isEmpty ? [] : ["frame-src \(sources.joined(separator: " "))"]
    return (rules + frames).joined(separator: "; ")
  }

  // Valid field names (RFC 9110 §5.1), so the initializers can't fail.
  private static let permissionsPolicy = HTTPField.Name("Permissions-Policy") ?? .from
  private static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy") ?? .from
  private static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy") ?? .from
  static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .from

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    var response = try await next(request, context)
    add(to: &response)
    response.headers[.xRequestID] = context.requestID
    return response
  }

  private func add(to response: inout Response) {
    // A page with frames, and a redirect that holds a secret, bring their own.
    if response.headers[.contentSecurityPolicy] == nil {
      response.headers[.contentSecurityPolicy] = Self.policy
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    // "no-referrer" would make browsers send "Origin: null" with our own forms.
    if response.headers[Self.referrerPolicy] == nil {
      response.headers[Self.referrerPolicy] = "same-origin"
    }
    response.headers[Self.permissionsPolicy] =
      "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    response.headers[Self.openerPolicy] = "same-origin"
    response.headers[Self.resourcePolicy] = "same-origin"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
  }
}
