import Domain
import HTTPTypes
import Hummingbird
import NIOCore

/// A refusal as a program reads it (RFC 9457).
struct Problem: Sendable {
  let refusal: Refusal
  let requestID: String

  static let type = "application/problem+json"

  /// The schema in the OpenAPI document.
  static let schema = Schema.object(
    "Problem", "Why a call was refused (RFC 9457).",
    [
      .init(
        name: "type", schema: .text("/docs#problem-notFound"),
        about: "Where the reason is explained."),
      .init(name: "title", schema: .text("Not found"), about: "The kind of refusal."),
      .init(name: "status", schema: .integer(404, 400...599), about: "The HTTP status."),
      .init(
        name: "detail",
        schema: .text("There is no project “shop” that you may see. Check the address."),
        about: "What happened to what, and what to do, in sentences."),
      .init(
        name: "advice", schema: .text("Check the address."),
        about: "What to do; empty when there is nothing to do."),
      .init(
        name: "reason", schema: .text("notFound", among: Refusal.reasons.map(\.reason)),
        about: "The kind of refusal, for programs."),
      .init(
        name: "requestID", schema: .text("5f0c9b1e"),
        about: "Under which the server's log has the request."),
      .init(
        name: "errors",
        schema: .list(
          of: .object(
            "FieldProblem", "What is wrong with one field.",
            [
              .init(
                name: "field", schema: .text("specification.image"),
                about: "A field of the body, by its path, or a parameter."),
              .init(name: "message", schema: .text("This is missing."), about: "What is wrong."),
            ])),
        about: "What is wrong with single fields; mostly empty."),
    ])

  var json: JSON {
    let sentences = [refusal.message, refusal.advice].filter { !$0.isEmpty }
    return [
      "type": .string("/docs#problem-\(refusal.reason)"),
      "title": .string(Refusal.title(of: refusal.reason)),
      "status": .int(refusal.status.code),
      "detail": .string(sentences.joined(separator: " ")), "advice": .string(refusal.advice),
      "reason": .string(refusal.reason), "requestID": .string(requestID),
      "errors": .array(
        refusal.fields.map { ["field": .string($0.field), "message": .string($0.message)] }),
    ]
  }

  func response() -> Response {
    let bytes = json.bytes
    var response = Response(
      status: refusal.status,
      headers: [.contentType: Self.type, .contentLength: "\(bytes.count)"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    for field in refusal.headers { response.headers.append(field) }
    // The rest of a body that was refused is not read.
    if refusal.status == .contentTooLarge { response.headers[.connection] = "close" }
    return response
  }
}

extension Refusal {
  func problem(_ context: some WebContext) -> Problem {
    Problem(refusal: self, requestID: context.requestID)
  }

  /// The same in words for somebody who calls the API, where the page's don't
  /// fit.
  var forPrograms: Refusal {
    var copy = self
    switch status.code {
    case _ where isOfDomain: break
    case 400:
      (copy.message, copy.advice) = (
        "The body isn't JSON.", "Send a JSON text in UTF-8 (RFC 8259)."
      )
    case 403 where reason == "foreignForm":
      (copy.message, copy.advice) = (
        "A browser's session changes things only from a page of this site.",
        "Programs send an API token: Authorization: Bearer TOKEN."
      )
    case 403:
      (copy.message, copy.advice) = (
        "The header X-Form-Token is missing or belongs to another session.",
        "Take it from a page of this session, or use an API token instead of the session's cookie."
      )
    case 404:
      (copy.message, copy.advice) = (
        "There is nothing at this address.", "The calls that there are: /docs."
      )
    case 405: copy.advice = "The header Allow lists the methods that it takes."
    case 406:
      (copy.message, copy.advice) = (
        "This call can't answer in a type that Accept names.",
        "Leave Accept out, or name a type that /docs lists for the call."
      )
    case 408: copy.message = "The body took too long to arrive."
    case 413:
      copy.message =
        "The body is larger than BabyHelm takes (\(APIServing.maximumBytes / 1024) KiB)."
    case 415:
      (copy.message, copy.advice) = (
        "The body isn't sent as JSON.", "Send it with Content-Type: application/json."
      )
    default: break
    }
    return copy
  }

  /// Every kind of refusal, with its title.
  static let reasons: [(reason: String, title: String, about: String)] = [
    ("invalid", "Invalid", "Values are wrong; `errors` names the fields."),
    ("unauthenticated", "Not authenticated", "There is no good token or session."),
    ("forbidden", "Forbidden", "You, or your token's scope, may not do this."),
    ("notFound", "Not found", "There is no such thing, or you may not know of it."),
    ("conflict", "Conflict", "It changed meanwhile, or it makes no sense as things are."),
    ("alreadyExists", "Already exists", "The name is taken."),
    ("quotaExceeded", "Quota exceeded", "It would be more than the project's quota."),
    ("tooManyRequests", "Too many requests", "Try again after `Retry-After` seconds."),
    ("unavailable", "Unavailable", "The database or the cluster doesn't answer."),
    ("internalError", "Internal error", "A mistake of BabyHelm; the log has the request id."),
    ("malformed", "Malformed", "The body isn't JSON."),
    ("foreignForm", "From another site", "A session's call came from another site's page."),
    ("staleForm", "Stale form token", "`X-Form-Token` is missing or of another session."),
    ("methodNotAllowed", "Method not allowed", "The address takes other methods: `Allow`."),
    ("notAcceptable", "Not acceptable", "There is no answer in a type that `Accept` names."),
    ("timeout", "Timeout", "The body took too long to arrive."),
    ("preconditionFailed", "Precondition failed", "It isn't any more as `If-Match` says."),
    ("tooLarge", "Too large", "The body is larger than BabyHelm takes."),
    ("unsupportedMediaType", "Unsupported media type", "The body isn't sent as JSON."),
  ]

  static func title(of reason: String) -> String {
    reasons.first { $0.reason == reason }?.title ?? reason
  }
}
