import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Turns every error into a page, or into plain text for a client that wants
/// no HTML. This is the one table from reasons to statuses; an error that
/// nobody foresaw shows its request id and nothing else.
struct ErrorPages: RouterMiddleware {
  /// Where refusals to somebody known are noted; nil before it is known who
  /// asks.
  var refusals: AuditRefusals?

  func handle(
    _ request: Request, context: AppRequestContext,
    next: NextHandler
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as DomainError where error.reason == .unauthenticated {
      return signIn(request, context)
    } catch {
      if let error = error as? DomainError, let person = context.visitor {
        refusals?.note(error, project: context.parameters.get("project"), as: person)
      }
      let refusal = Refusal(error)
      log(error, refusal, request, context)
      return answer(refusal, request, context)
    }
  }

  /// Sends a visitor to the login page and, after it, back to what they asked
  /// for. Only pages are returned to; an event stream or a POST isn't.
  private func signIn(_ request: Request, _ context: AppRequestContext) -> Response {
    guard !request.isAPI else {
      return answer(
        Refusal(
          DomainError(
            .unauthenticated, "This call needs an API token.",
            advice: "Make one on your account's page and send it: Authorization: Bearer TOKEN.")),
        request, context)
    }
    guard Self.wantsHTML(request) else {
      return answer(Refusal(DomainError(.unauthenticated, "Sign in first.")), request, context)
    }
    let back = request.method == .get ? LocalPath(request.uri.description) : nil
    // Whoever brought a session is told why it doesn't count.
    let flash =
      context.sessionToken.isEmpty
      ? nil
      : Flash.notice(
        "Your session has ended: by time, by you or an admin, or because the server’s keys were lost. Log in, and you go on where you were."
      )
    return Redirect(to: Paths.login(next: back), flash: flash).response(in: context)
  }

  private func answer(
    _ refusal: Refusal, _ request: Request, _ context: AppRequestContext
  ) -> Response {
    if request.isForPrograms { return refusal.forPrograms.problem(context).response() }
    var response =
      Self.wantsHTML(request)
      ? Page(Template.Errors.error(ErrorPage(refusal, context)), status: refusal.status)
        .response()
      : plain(refusal, context)
    for field in refusal.headers { response.headers.append(field) }
    // The rest of a body that was refused, or came too slowly, is not read.
    if [.contentTooLarge, .requestTimeout].contains(refusal.status) {
      response.headers[.connection] = "close"
    }
    return response
  }

  private func plain(_ refusal: Refusal, _ context: AppRequestContext) -> Response {
    let text = "\(refusal.message)\n\(refusal.advice)\nRequest id: \(context.requestID)\n"
    return Response(
      status: refusal.status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  private func log(
    _ error: any Error, _ refusal: Refusal, _ request: Request, _ context: AppRequestContext
  ) {
    guard let level = refusal.logLevel else { return }
    let cause = (error as? DomainError)?.underlying ?? String(reflecting: error)
    context.logger.log(
      level: level, "\(refusal.message)",
      metadata: ["path": "\(RequestLog.path(of: request, context))", "cause": "\(cause)"])
  }

  /// A browser asks for `text/html`; curl for anything; a stream for events.
  static func wantsHTML(_ request: Request) -> Bool {
    guard let accept = request.headers[.accept] else { return true }
    return accept.contains("text/html") || accept.contains("*/*")
  }
}

/// What went wrong, ready to show: the row of the table for one error.
struct Refusal: Sendable {
  let status: HTTPResponse.Status
  /// The kind of refusal, for programs: one of ``reasons``.
  let reason: String
  var message: String
  var advice: String
  /// What is wrong with single fields.
  var fields: [FieldError] = []
  /// Whether a service of Domain refused, whose words fit everywhere.
  var isOfDomain = false
  var headers: [HTTPField] = []
  var logLevel: Logger.Level?

  init(_ error: any Error) {
    switch error {
    case let error as DomainError: self.init(domain: error)
    case let error as PageError: self.init(page: error)
    case let error as HTTPError: self.init(status: error.status)
    case is NIOTooManyBytesError: self.init(status: .contentTooLarge)
    default: self.init(status: .internalServerError)
    }
  }

  private init(
    _ status: HTTPResponse.Status, _ reason: String, _ message: String, _ advice: String,
    log: Logger.Level? = nil
  ) {
    self.status = status
    self.reason = reason
    self.message = message
    self.advice = advice
    self.logLevel = log
  }

  private init(domain error: DomainError) {
    guard error.reason != .internalError else {
      self.init(status: .internalServerError)
      return
    }
    let (status, level) = Self.table(error.reason)
    self.init(status, error.reason.rawValue, error.message, error.advice, log: level)
    fields = error.fields
    isOfDomain = true
    if error.reason == .unauthenticated {
      headers.append(HTTPField(name: .wwwAuthenticate, value: "Bearer realm=\"babyhelm\""))
    }
    if [.tooManyRequests, .unavailable].contains(error.reason) {
      let seconds = error.retryAfter.map { max(1, $0.components.seconds) } ?? 5
      headers.append(HTTPField(name: .retryAfter, value: "\(seconds)"))
    }
  }

  /// The table of docs/design.md §7: reason → status, and how loud the log is.
  static func table(_ reason: DomainError.Reason) -> (HTTPResponse.Status, Logger.Level?) {
    switch reason {
    case .invalid, .quotaExceeded: (.unprocessableContent, nil)
    case .unauthenticated: (.unauthorized, nil)
    case .forbidden: (.forbidden, .notice)
    case .notFound: (.notFound, nil)
    case .conflict, .alreadyExists: (.conflict, nil)
    case .tooManyRequests: (.tooManyRequests, .notice)
    case .unavailable: (.serviceUnavailable, .warning)
    case .internalError: (.internalServerError, .error)
    }
  }

  private init(page error: PageError) {
    switch error {
    case .foreignForm:
      self.init(
        .forbidden, "foreignForm", "This form was not sent from a BabyHelm page.",
        "Open the page in BabyHelm and send the form from there.", log: .notice)
    case .staleForm:
      self.init(
        .forbidden, "staleForm", "This form is out of date, so nothing was changed.",
        "Go back, reload the page and send the form again. You may have signed in or out since.",
        log: .notice)
    case .badToken:
      self.init(
        .unauthorized, "unauthenticated", "This API token isn't good (any more).",
        "It may have expired, been revoked, or belong to a suspended account. Make a new one on your account's page.",
        log: .notice)
      let challenge = "Bearer realm=\"babyhelm\", error=\"invalid_token\""
      headers.append(HTTPField(name: .wwwAuthenticate, value: challenge))
    case .methodNotAllowed(let allowed):
      self.init(
        .methodNotAllowed, "methodNotAllowed", "This address doesn't take that kind of request.",
        "Open it with a link instead.")
      headers.append(HTTPField(name: .allow, value: allowed.joined(separator: ", ")))
    case .preconditionFailed:
      self.init(
        .preconditionFailed, "preconditionFailed",
        "This isn't any more as you saw it, so nothing was changed.",
        "Read it again, and send the change with its new ETag.")
    }
  }

  private init(status: HTTPResponse.Status) {
    switch status.code {
    case 404:
      self.init(
        .notFound, "notFound", "There is no page at this address.",
        "Check it for a typing mistake, or start from your projects.")
    case 413:
      self.init(
        .contentTooLarge, "tooLarge",
        "This form is larger than BabyHelm takes (\(FormBody.maximumBytes / 1024) KiB).",
        "Send less, or move large values into a file in the image.")
    case 415:
      self.init(
        .unsupportedMediaType, "unsupportedMediaType",
        "This is not a form that BabyHelm understands.",
        "Send it from the page it belongs to.")
    case 408:
      self.init(
        .requestTimeout, "timeout", "The form took too long to arrive.", "Send it again.")
    case 400..<500:
      self.init(
        status, status == .notAcceptable ? "notAcceptable" : "malformed",
        "BabyHelm could not read this request.", "Go back and try it again.")
    default:
      self.init(
        .internalServerError, "internalError", "Something went wrong inside BabyHelm.",
        "Try again. If it stays, tell your admin the request id.", log: .error)
    }
  }
}
