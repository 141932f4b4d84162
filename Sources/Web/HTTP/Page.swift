import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// A rendered page as an answer.
struct Page: ResponseGenerator {
  let html: HTML
  let status: HTTPResponse.Status
  /// What its frames may show.
  private let framing: [String]

  /// Makes the page now, and notes how long that takes.
  ///
  /// - Parameter framing: the origins that its frames show; none for a page
  ///   without frames.
  init(
    _ html: @autoclosure () throws -> HTML, status: HTTPResponse.Status = .ok,
    framing: [String] = []
  ) rethrows {
    self.html = try PageRendering.measure(html)
    self.status = status
    self.framing = framing
  }

  /// A page that somebody signed in only reads may stay in their own browser,
  /// which asks each time whether it is still the same; all others may not,
  /// and neither one with a message that is told once.
  func response(from request: Request, context: some RequestContext) -> Response {
    guard status == .ok, request.method == .get || request.method == .head,
      let context = context as? any WebContext, context.visitor != nil, context.flash == nil
    else { return response() }
    var response = response()
    response.headers[.cacheControl] = "private, no-cache"
    // Also where the page itself isn't sent: by it, it is known for one.
    response.headers[.contentLanguage] = MessageCatalogue.language.rawValue
    let tag = EntityTag(ofPage: html.bytes, secret: context.formSecret.text)
    return response.tagged(tag, for: request)
  }

  /// What a browser can ask for before it has read the page.
  private static let preloads =
    "<\(StaticAssets.stylesheet)>; rel=preload; as=style, "
    + "<\(StaticAssets.script)>; rel=preload; as=script"

  // A valid field name (RFC 8288 §3), so the initializer can't fail.
  private static let link = HTTPField.Name("Link") ?? .contentType

  func response() -> Response {
    var response = Response(
      status: status,
      headers: [
        .contentType: "text/html; charset=utf-8",
        .contentLength: "\(html.bytes.count)",
        Self.link: Self.preloads,
      ],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: html.bytes)))
    if !framing.isEmpty {
      response.headers[.contentSecurityPolicy] = SecurityHeaders.policy(framing: framing)
    }
    return response
  }
}

/// An answer that sends the browser on with a GET (303, RFC 9110 §15.4.4),
/// with a message for the page it comes to.
struct Redirect: ResponseGenerator {
  let target: Link
  let flash: Flash?

  init(to target: Link, flash: Flash? = nil) {
    self.target = target
    self.flash = flash
  }

  func response(from request: Request, context: some RequestContext) -> Response {
    guard let context = context as? any WebContext else { return bare }
    return response(in: context)
  }

  func response(in context: any WebContext) -> Response {
    var response = bare
    if let flash {
      SiteCookie.flash.set(
        flash.sealed(with: context.formSecret.text), maxAge: 60, on: &response, context.site)
    }
    return response
  }

  private var bare: Response {
    Response(status: .seeOther, headers: [.location: target.text, .contentLength: "0"])
  }
}

extension DomainError {
  /// Whether a form answers this refusal by showing itself again, with
  /// everything that was typed. All else has a page of its own.
  var isFormRefusal: Bool {
    switch reason {
    case .invalid, .alreadyExists, .conflict, .quotaExceeded, .unavailable: true
    case .unauthenticated, .forbidden, .notFound, .tooManyRequests, .internalError: false
    }
  }

  /// The status of a form that is shown again: 422 when the person can mend
  /// it, 503 or 429 when they can only try again later.
  var formStatus: HTTPResponse.Status {
    switch reason {
    case .unavailable: .serviceUnavailable
    case .tooManyRequests: .tooManyRequests
    default: .unprocessableContent
    }
  }
}
