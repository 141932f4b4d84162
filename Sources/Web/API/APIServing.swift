import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Carries out calls by their declarations: what a call may look like is
/// checked here, for all of them alike.
struct APIServing: Sendable {
  let route: APIRoute
  let handler: APIRoute.Handler
  let kept: KeptAnswers

  /// The largest body that is read, in bytes.
  static let maximumBytes = FormBody.maximumBytes
  static let formToken = HTTPField.Name("X-Form-Token") ?? .authorization
  static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .authorization

  @Sendable func respond(request: Request, context: SignedInContext) async throws -> Response {
    let type = try APINegotiation.choose(route.types, for: request)
    try requireOwnPage(request, context)
    let query = try route.read(query: request.uri.query ?? "")
    var body = JSON.members([])
    var bytes: [UInt8] = []
    if route.isUnsafe {
      bytes = try await read(request)
      body = try route.check(body: bytes)
    }
    let call = APICall(
      route: route, request: request, context: context, query: query, body: body, type: type)
    guard route.isRepeatable, let key = request.headers[Self.idempotencyKey] else {
      let answer = try await handler(call)
      return route.isTagged ? answer.response(toRead: request) : answer.response()
    }
    return try await answerOnce(call, key: key, bytes)
  }

  /// A browser's session changes something only from a page of ours; a token is
  /// sent by nobody but who has it.
  private func requireOwnPage(_ request: Request, _ context: SignedInContext) throws(PageError) {
    guard route.isUnsafe, case .session = context.principal.credential else { return }
    guard FormToken.isSameOrigin(request, context) else { throw PageError.foreignForm }
    guard context.formSecret.accepts(request.headers[Self.formToken] ?? "") else {
      throw PageError.staleForm
    }
  }

  private func read(_ request: Request) async throws -> [UInt8] {
    let buffer = try await FormReading.collect(request, upTo: Self.maximumBytes)
    guard buffer.readableBytes > 0 else { return [] }
    let type = request.headers[.contentType]?.split(separator: ";").first
    guard type.map({ FormBody.trimmed(String($0)).lowercased() }) == "application/json" else {
      throw HTTPError(.unsupportedMediaType)
    }
    return Array(buffer.readableBytesView)
  }

  // MARK: Repeated calls

  /// The first call with a key is carried out; the same again gets the same
  /// answer, for a day.
  private func answerOnce(
    _ call: APICall, key: String, _ bytes: [UInt8]
  ) async throws -> Response {
    guard (1...KeptAnswers.keyLength).contains(key.utf8.count),
      key.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else {
      throw DomainError.invalid([
        FieldError(
          "Idempotency-Key", "A key has 1 to \(KeptAnswers.keyLength) signs of ASCII, no spaces.")
      ])
    }
    let path = call.request.uri.path
    let asked = KeptAnswers.Request(
      // An answer may hold a secret, so another token doesn't get it.
      key: key,
      content: Array("\(Self.identity(call.principal)) \(route.method.rawValue) \(path)\n".utf8)
        + bytes)
    if let answer = try await kept.begin(asked, as: call.principal) {
      return try APIAnswer(kept: answer).response()
    }
    let answer: APIAnswer
    do {
      answer = try await handler(call)
    } catch {
      // What was refused may be tried again at once. Whether something was done before the
      // database or the cluster went away, nobody knows: that takes a while.
      if Self.isRefusal(error) { await kept.forget(asked, as: call.principal) }
      throw error
    }
    if let text = answer.kept {
      do {
        try await kept.keep(text, for: asked, as: call.principal)
      } catch {
        // It is done, and said so; only asking once more finds no answer.
        call.context.logger.warning("an answer couldn't be kept", metadata: ["error": "\(error)"])
      }
    }
    return answer.response()
  }

  private static func isRefusal(_ error: any Error) -> Bool {
    guard let error = error as? DomainError else { return !(error is CancellationError) }
    return ![.unavailable, .internalError].contains(error.reason)
  }

  /// Who asks, and by what: a session stays the same wish when it was renewed.
  private static func identity(_ principal: Principal) -> String {
    if case .token(let id, let scope) = principal.credential { return "\(id) \(scope.rawValue)" }
    return "session"
  }
}

extension APIAnswer {
  /// All of it as a text; nil for a stream.
  fileprivate var kept: String? {
    guard case .json(let json) = body else { return nil }
    let all: JSON = [
      "status": .int(status.code), "body": .string(json.text), "location": .text(location),
      "etag": .text(etag),
    ]
    return all.text
  }

  fileprivate init(kept text: String) throws {
    let all = try JSON(parsing: Array(text.utf8))
    self.init(
      status: .init(code: all["status"]?.int ?? 200), body: .written(all["body"]?.string ?? ""),
      location: all["location"]?.string, etag: all["etag"]?.string)
  }
}

// MARK: - Reading what came

extension APIRoute {
  /// The parameters of a query.
  ///
  /// - Throws: `invalid` at each that is unknown, sent twice or doesn't fit.
  func read(query text: String) throws(DomainError) -> [String: String] {
    guard let form = try? FormBody(parsing: text.utf8) else {
      throw DomainError(
        .invalid, "The query of this address can't be read.",
        advice: "Encode its values as percent-encoded UTF-8.")
    }
    var values: [String: String] = [:]
    var mistakes: [FieldError] = []
    for (name, value) in form.fields {
      guard let parameter = query.first(where: { $0.name == name }) else {
        let names = query.map(\.name).joined(separator: ", ")
        mistakes.append(
          FieldError(
            name,
            names.isEmpty
              ? "This call has no parameters in the query."
              : "There is no such parameter; there are \(names)."))
        continue
      }
      if values[name] != nil {
        mistakes.append(FieldError(name, "This is there twice; send it once."))
      }
      values[name] = value
      mistakes += parameter.schema.mistakes(in: Self.json(value, parameter.schema), at: name)
    }
    for parameter in query where parameter.isRequired && values[parameter.name] == nil {
      mistakes.append(FieldError(parameter.name, "This is missing. \(parameter.about)"))
    }
    guard mistakes.isEmpty else { throw .invalid(mistakes) }
    return values
  }

  /// A text of a query as the JSON that it stands for.
  private static func json(_ text: String, _ schema: Schema) -> JSON {
    switch schema.shape {
    // As JSON writes it, without a sign or zeros before it.
    case .integer:
      Int64(text).flatMap { String($0) == text ? JSON.integer($0) : nil } ?? .string(text)
    case .flag: text == "true" ? true : text == "false" ? false : .string(text)
    default: .string(text)
    }
  }

  /// The body of a call.
  ///
  /// - Throws: 400 for what isn't JSON; `invalid` at each field that is unknown,
  ///   missing or doesn't fit.
  func check(body bytes: [UInt8]) throws -> JSON {
    let schema = body ?? .object(nil, "", [])
    var json = JSON.members([])
    if bytes.isEmpty {
      if let body, !body.mistakes(in: json).isEmpty {
        throw DomainError(
          .invalid, "This call needs a JSON body.",
          advice: "Send one with Content-Type: application/json.",
          fields: [FieldError("body", "This is missing.")])
      }
    } else {
      guard let parsed = try? JSON(parsing: bytes) else { throw HTTPError(.badRequest) }
      json = parsed
    }
    let mistakes = schema.mistakes(in: json)
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    return json
  }
}

/// Which of the types that a call can answer with a client gets (RFC 9110
/// §12.5.1).
enum APINegotiation {
  /// - Throws: 406 when it wants none of them.
  static func choose(_ types: [String], for request: Request) throws -> String {
    guard let first = types.first else { return "" }
    guard let header = request.headers[.accept] else { return first }
    let ranges = header.split(separator: ",").map(Range.init)
    var best: (type: String, quality: Double)?
    for type in types {
      // The most specific range that fits decides.
      let range = ranges.filter { $0.includes(type) }.max { $0.precision < $1.precision }
      guard let range, range.quality > 0 else { continue }
      if range.quality > best?.quality ?? 0 { best = (type, range.quality) }
    }
    guard let best else { throw HTTPError(.notAcceptable) }
    return best.type
  }

  private struct Range {
    let type: String
    var quality = 1.0

    init(_ text: Substring) {
      let parts = text.split(separator: ";").map { FormBody.trimmed(String($0)).lowercased() }
      type = parts.first ?? ""
      for part in parts.dropFirst() where part.hasPrefix("q=") {
        quality = Double(part.dropFirst(2)) ?? 0
      }
    }

    /// 3 for one type, 2 for a kind of types, 1 for all.
    var precision: Int { type == "*/*" ? 1 : type.hasSuffix("/*") ? 2 : 3 }

    func includes(_ other: String) -> Bool {
      type == "*/*" || type == other
        || type.hasSuffix("/*") && other.hasPrefix(type.dropLast())
    }
  }
}
