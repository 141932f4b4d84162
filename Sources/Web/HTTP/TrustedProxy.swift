import HTTPTypes
import Hummingbird

/// Decides what is believed about where a request comes from. Forwarding
/// headers count only from a configured proxy's address; from anybody else
/// they, and headers that claim an identity, are taken off before any code
/// can read them.
struct TrustedProxy: RouterMiddleware {
  let site: Site

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    var context = context
    context.site = site
    context.isSecure = site.isSecure
    context.host = request.head.authority ?? ""
    context.userAgent = String((request.headers[.userAgent] ?? "").prefix(300))
    if site.trustedProxies.contains(context.peerAddress) {
      believe(request, &context)
    }
    return try await next(Self.cleaned(request), context)
  }

  private func believe(_ request: Request, _ context: inout AppRequestContext) {
    if let address = site.trustedProxies.client(request.headers[values: .xForwardedFor]) {
      context.clientAddress = address
    }
    if let scheme = request.headers[.xForwardedProto] {
      context.isSecure = scheme.lowercased() == "https"
    }
    if let host = request.headers[.xForwardedHost], !host.isEmpty {
      context.host = host
    }
    if site.tailnetRole != nil { context.tailnetPerson = TailnetPerson(request.headers) }
  }

  /// The request without the headers that only a proxy may set.
  static func cleaned(_ request: Request) -> Request {
    let claims = request.headers.filter { isClaim($0.name.canonicalName) }
    guard !claims.isEmpty else { return request }
    var head = request.head
    for claim in claims { head.headerFields[claim.name] = nil }
    return Request(head: head, body: request.body)
  }

  private static func isClaim(_ name: String) -> Bool {
    name.hasPrefix("x-forwarded-") || name == "forwarded" || name == "x-real-ip"
      || name.hasPrefix("tailscale-user-") || name.hasPrefix("impersonate-")
  }
}
