import Crypto
import HTTPTypes
import Hummingbird
import Logging

/// The secret that one browser's form tokens are compared with: its session's,
/// or before sign-in the one in a cookie of its own (OWASP "signed double
/// submit").
enum FormSecret: Sendable, Equatable {
  case none
  case session(String)
  case cookie(String)

  var text: String {
    switch self {
    case .none: ""
    case .session(let text), .cookie(let text): text
    }
  }

  /// The token for one page. It is masked with fresh random bytes, so that the
  /// same secret never shows twice and a compressed page tells nothing about
  /// it (BREACH, breachattack.com).
  func token() -> String {
    let secret = Array(text.utf8)
    guard !secret.isEmpty else { return "" }
    let mask = RandomBytes.make(secret.count)
    return Base64URL.encode(mask + zip(mask, secret).map { $0 ^ $1 })
  }

  /// Whether a form's token was made from this secret. Takes the same time
  /// for every wrong token of the right length.
  func accepts(_ token: String) -> Bool {
    let secret = Array(text.utf8)
    guard !secret.isEmpty, let bytes = Base64URL.decode(token), bytes.count == secret.count * 2
    else { return false }
    let mask = bytes.prefix(secret.count)
    let masked = bytes.suffix(secret.count)
    var difference: UInt8 = 0
    for ((left, right), expected) in zip(zip(mask, masked), secret) {
      difference |= (left ^ right) ^ expected
    }
    return difference == 0
  }
}

/// Refuses every state-changing request that did not come from one of our own
/// pages: by its origin, and by the form token (docs/design.md §4).
struct FormToken: RouterMiddleware {
  /// The name of the hidden field.
  static let field = "_token"

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    guard ![.get, .head, .options].contains(request.method) else {
      return try await next(request, context)
    }
    guard Self.isSameOrigin(request, context) else {
      context.logger.notice("refused a form from another site")
      throw PageError.foreignForm
    }
    guard context.formSecret.accepts(context.form.string(Self.field)) else {
      context.logger.notice("refused a form of another session")
      guard ErrorPages.wantsHTML(request) else { throw PageError.staleForm }
      return Page(
        Template.Errors.staleForm(StaleFormPage(request, context)), status: .forbidden
      ).response()
    }
    return try await next(request, context)
  }

  /// Whether the browser says that the request was made by our own page: by
  /// `Sec-Fetch-Site` (Fetch Metadata) or `Origin` (RFC 6454). Whichever is
  /// there must agree, and one must be there.
  static func isSameOrigin(_ request: Request, _ context: some WebContext) -> Bool {
    let site = request.headers[.secFetchSite]
    let origin = request.headers[.origin]
    if let site, site != "same-origin" { return false }
    if let origin { return origin.lowercased() == ownOrigin(context) }
    return site != nil
  }

  /// The same for what only reads: a browser doesn't always say where such a
  /// request comes from, but what it says must agree.
  static func isNotForeign(_ request: Request, _ context: some WebContext) -> Bool {
    if let site = request.headers[.secFetchSite], !["same-origin", "none"].contains(site) {
      return false
    }
    return request.headers[.origin].map { $0.lowercased() == ownOrigin(context) } ?? true
  }

  /// Where the browser believes to be: the public URL's origin, or the
  /// request's own scheme and host.
  private static func ownOrigin(_ context: some WebContext) -> String {
    context.origin.lowercased()
  }
}

extension HTTPField.Name {
  // Both are valid field names (RFC 9110 §5.1), so the initializers can't fail.
  static let secFetchSite = Self("Sec-Fetch-Site") ?? .origin
  static let xForwardedFor = Self("X-Forwarded-For") ?? .origin
  static let xForwardedProto = Self("X-Forwarded-Proto") ?? .origin
  static let xForwardedHost = Self("X-Forwarded-Host") ?? .origin
  static let xRequestID = Self("X-Request-ID") ?? .origin
}
