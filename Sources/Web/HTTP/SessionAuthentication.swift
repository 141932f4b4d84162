import Domain
import Foundation
import Hummingbird
import Logging

/// Finds out who asks: an API token's owner, the session cookie's person, or an
/// anonymous visitor with a form secret of their own.
struct SessionAuthentication: RouterMiddleware {
  let accounts: Accounts

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    var context = context
    let token = SiteCookie.session.value(in: request, context.site) ?? ""
    if let bearer = request.bearerToken {
      let session = try await accounts.authenticate(
        apiToken: bearer, requestID: context.requestID, address: context.clientAddress)
      guard let session else { throw PageError.badToken }
      context.session = session
      context.formSecret = .session(session.formToken)
      // Programs get no cookies.
      return try await next(request, context)
    }
    if !token.isEmpty {
      context.session = try await accounts.authenticate(
        token: token, requestID: context.requestID,
        address: context.clientAddress)
      context.sessionToken = token
    }
    let isNewSecret = chooseSecret(request, &context)
    context.flash = Flash.read(request, context)

    let answering = context
    var response = try await PageLanguage.choosing(context.session?.language) {
      try await next(request, answering)
    }

    await endReplaced(by: response, context)
    setCookies(on: &response, token: token, context, isNewSecret: isNewSecret)
    return response
  }

  /// The session's secret, the form cookie's, or a new one for that cookie.
  private func chooseSecret(_ request: Request, _ context: inout AppRequestContext) -> Bool {
    if let session = context.session {
      context.formSecret = .session(session.formToken)
      return false
    }
    if let known = SiteCookie.form.value(in: request, context.site), known.utf8.count == 43 {
      context.formSecret = .cookie(known)
      return false
    }
    context.formSecret = .cookie(Base64URL.encode(RandomBytes.make(32)))
    return true
  }

  private func setCookies(
    on response: inout Response, token: String, _ context: AppRequestContext, isNewSecret: Bool
  ) {
    let site = context.site
    if isNewSecret, response.isPage {
      SiteCookie.form.set(context.formSecret.text, maxAge: 86_400, on: &response, site)
    }
    // A page shows the message once. A redirect passes it on or brings its own.
    if context.flash != nil, response.isPage {
      SiteCookie.flash.remove(from: &response, site)
    }
    guard !response.setsCookie(SiteCookie.session.name(site)) else { return }
    if let session = context.session {
      if let renewed = session.renewedToken {
        Self.setSession(renewed, until: session.expiresAt, on: &response, site)
      }
    } else if !token.isEmpty {
      SiteCookie.session.remove(from: &response, site)
    }
  }

  /// Whoever logs in anew has one session in this browser, not two.
  private func endReplaced(by response: Response, _ context: AppRequestContext) async {
    guard let old = context.session?.principal, response.opensSession(context.site) else { return }
    do {
      try await accounts.signOut(as: old)
    } catch {
      context.logger.warning("a replaced session lives on", metadata: ["cause": "\(error)"])
    }
  }

  /// Gives the browser its session.
  static func setSession(
    _ token: String, until end: Date, on response: inout Response, _ site: Site
  ) {
    let seconds = Int(end.timeIntervalSinceNow.rounded(.up))
    SiteCookie.session.set(token, maxAge: max(1, seconds), on: &response, site)
  }
}

extension Response {
  /// Whether it is an HTML page, not a redirect or a stream.
  var isPage: Bool {
    headers[.contentType]?.hasPrefix("text/html") ?? false
  }

  func setsCookie(_ name: String) -> Bool {
    headers[values: .setCookie].contains { $0.hasPrefix("\(name)=") }
  }

  /// Whether it hands out a session, rather than taking it away.
  fileprivate func opensSession(_ site: Site) -> Bool {
    let start = "\(SiteCookie.session.name(site))="
    return headers[values: .setCookie].contains { cookie in
      cookie.hasPrefix(start) && !cookie.hasPrefix("\(start);")
    }
  }
}

extension Request {
  /// The token of an `Authorization: Bearer` header (RFC 6750 §2.1).
  var bearerToken: String? {
    guard let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") else {
      return nil
    }
    return value.dropFirst(7).trimmingCharacters(in: .whitespaces)
  }
}
