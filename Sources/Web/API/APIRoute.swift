import Domain
import HTTPTypes
import Hummingbird

/// One call of the API: everything that is known about it, in one place. The
/// router serves from it and the OpenAPI document is written from it, so the
/// two can't differ.
struct APIRoute: Sendable {
  /// What somebody needs to be allowed to make the call.
  enum Asks: Sendable, Equatable {
    /// Nothing, not even a login.
    case nobody
    /// To be logged in, or an API token.
    case signedIn
    case permission(Permission)
  }

  /// What a call is about; the reference is grouped by it.
  enum Tag: String, Sendable, CaseIterable {
    case account = "Account"
    case projects = "Projects"
    case members = "Members"
    case applications = "Applications"
    case releases = "Releases"
    case operations = "Operations"
    case notifications = "Notifications"
    case alerts = "Alerts"
    case admin = "Administration"
    case reference = "Reference"
  }

  typealias Handler = @Sendable (APICall) async throws -> APIAnswer
  typealias OpenHandler = @Sendable (Request, AppRequestContext) async throws -> Response

  /// What carries a call out.
  enum Work: Sendable {
    /// For people and programs that are known.
    case signedIn(Handler)
    /// For everybody.
    case open(OpenHandler)
  }

  let method: HTTPRequest.Method
  /// Below `/api/v1`, as in `/projects/{project}`.
  let path: String
  /// Names the call in the document and in generated clients; never changed.
  let id: String
  let tag: Tag
  /// What it does, in a few words.
  let summary: String
  let about: String
  let asks: Asks
  let query: [APIParameter]
  let body: Schema?
  let answers: [Answer]
  /// Whether what it answers can be edited, so that `If-Match` is heard.
  let isEditing: Bool
  /// Whether `Idempotency-Key` makes repeating it harmless.
  let isRepeatable: Bool
  let work: Work

  init(
    _ method: HTTPRequest.Method, _ path: String, _ id: String, _ tag: Tag, _ summary: String,
    about: String = "", asks: Asks, query: [APIParameter] = [], body: Schema? = nil,
    _ answers: Answer..., isEditing: Bool = false, isRepeatable: Bool = false,
    use handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.id = id
    self.tag = tag
    self.summary = summary
    self.about = about
    self.asks = asks
    self.query = query
    self.body = body
    self.answers = answers
    self.isEditing = isEditing
    self.isRepeatable = isRepeatable
    work = .signedIn(handler)
  }

  /// A call that everybody may make, which only reads.
  init(
    open path: String, _ id: String, _ tag: Tag, _ summary: String, _ answers: Answer...,
    use handler: @escaping OpenHandler
  ) {
    method = .get
    self.path = path
    self.id = id
    self.tag = tag
    self.summary = summary
    about = ""
    asks = .nobody
    query = []
    body = nil
    self.answers = answers
    isEditing = false
    isRepeatable = false
    work = .open(handler)
  }

  /// Where every call begins.
  static let base = "/api/v1"

  /// The names in the path.
  var pathParameters: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
      String($0.dropFirst().dropLast())
    }
  }

  /// Whether it changes something, or may.
  var isUnsafe: Bool { ![.get, .head, .options].contains(method) }

  /// Whether its answer has a tag by which a client asks for it again, and gets
  /// 304 when it has it already.
  var isTagged: Bool { method == .get && types.contains("application/json") }

  /// The types that a good answer can have, the one for everybody first.
  var types: [String] {
    var types: [String] = []
    for type in answers.flatMap(\.types) where !types.contains(type) { types.append(type) }
    return types
  }

  /// The statuses of refusals that it can answer with.
  var refusals: [HTTPResponse.Status] {
    var statuses: [HTTPResponse.Status] = [.internalServerError, .serviceUnavailable]
    if asks != .nobody { statuses += [.unauthorized, .forbidden, .tooManyRequests] }
    if !pathParameters.isEmpty { statuses.append(.notFound) }
    if !types.isEmpty { statuses.append(.notAcceptable) }
    // Also a read can meet an object on the cluster that isn't BabyHelm's.
    if isUnsafe || path.contains("{application}") { statuses.append(.conflict) }
    if isUnsafe {
      statuses += [
        .badRequest, .requestTimeout, .contentTooLarge, .unsupportedMediaType,
      ]
    }
    if isUnsafe || asks != .nobody { statuses.append(.unprocessableContent) }
    if isEditing { statuses.append(.preconditionFailed) }
    return statuses.sorted { $0.code < $1.code }
  }
}

extension APIRoute {
  /// One kind of good answer.
  struct Answer: Sendable {
    let status: HTTPResponse.Status
    let about: String
    /// nil for an answer without a body.
    let schema: Schema?
    let types: [String]
    var hasLocation = false
    var hasETag = false
    /// Where a client can go on from here.
    var links: [APILink] = []

    static func ok(_ schema: Schema, _ about: String = "Done.") -> Answer {
      Answer(status: .ok, about: about, schema: schema, types: ["application/json"])
    }

    static func created(_ schema: Schema, _ about: String = "Made.") -> Answer {
      Answer(status: .created, about: about, schema: schema, types: ["application/json"])
    }

    static func accepted(
      _ schema: Schema, _ about: String = "On its way; `Location` tells how far it is."
    ) -> Answer {
      var answer = Answer(
        status: .accepted, about: about, schema: schema, types: ["application/json"])
      answer.hasLocation = true
      return answer
    }

    static func empty(_ about: String = "Done.") -> Answer {
      Answer(status: .noContent, about: about, schema: nil, types: [])
    }

    /// A text, or a stream of them.
    static func text(_ types: String..., about: String) -> Answer {
      Answer(status: .ok, about: about, schema: nil, types: types)
    }

    /// The same JSON also as a stream of events.
    static func stream(_ schema: Schema, _ about: String) -> Answer {
      Answer(
        status: .ok, about: about, schema: schema, types: ["application/json", "text/event-stream"])
    }

    var editable: Answer {
      var copy = self
      copy.hasETag = true
      return copy
    }

    /// With `Location`.
    var located: Answer {
      var copy = self
      copy.hasLocation = true
      return copy
    }

    func leading(to links: APILink...) -> Answer {
      var copy = self
      copy.links += links
      return copy
    }
  }
}

/// A call that makes sense after another one (OpenAPI, Link Object).
struct APILink: Sendable {
  /// The id of the other call.
  let id: String
  /// Where its parameters come from, as runtime expressions.
  let parameters: [(name: String, from: String)]

  init(_ id: String, _ parameters: KeyValuePairs<String, String>) {
    self.id = id
    self.parameters = parameters.map { (name: $0.key, from: $0.value) }
  }
}

/// A parameter in the query of a call's address.
struct APIParameter: Sendable {
  let name: String
  let schema: Schema
  let about: String
  var isRequired = false

  init(_ name: String, _ schema: Schema, _ about: String, isRequired: Bool = false) {
    self.name = name
    self.schema = schema
    self.about = about
    self.isRequired = isRequired
  }

  /// How every list is read, page by page.
  static let paging = [
    APIParameter("limit", .integer(50, 1...100), "The most items of a page; 50 without."),
    APIParameter(
      "cursor", .text("bzE", length: 1...1_000),
      "`next` of the page before; the first page without."),
  ]

  /// The name that a deletion must repeat.
  static func confirm(_ what: String) -> APIParameter {
    APIParameter(
      "confirm", .text("shop", length: 1...200),
      "The name of the \(what), once more, so that nothing is deleted by a slip.", isRequired: true)
  }
}
