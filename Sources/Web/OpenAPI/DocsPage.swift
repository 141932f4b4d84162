import Domain
import HTTPTypes
import Templates

/// The reference of the API, for people.
struct DocsPage: Sendable {
  let chrome: PageChrome
  let query: String
  let groups: [DocsGroup]
  /// How many calls are shown, in words.
  let count: String
  let problems: [DocsProblem]
  let isEmpty: Bool

  init(
    chrome: PageChrome, _ routes: [APIRoute], query: String, origin: String, maySend: Bool
  ) {
    self.chrome = chrome
    self.query = query
    let words = query.lowercased().split(separator: " ")
    let found = routes.filter { route in
      let text = Self.searched(route)
      return words.allSatisfy { text.contains($0) }
    }
    groups = APIRoute.Tag.allCases.compactMap { tag in
      let calls = found.filter { $0.tag == tag }
      guard !calls.isEmpty else { return nil }
      return DocsGroup(
        id: "tag-\(tag.rawValue.lowercased())", title: tag.rawValue, about: tag.about,
        calls: calls.map {
          DocsCall($0, origin: origin, maySend: maySend, isOpen: found.count == 1)
        })
    }
    count =
      found.count == routes.count
      ? "\(routes.count) calls" : "\(found.count) of \(routes.count) calls"
    isEmpty = found.isEmpty
    problems = Refusal.reasons.map {
      DocsProblem(
        id: "problem-\($0.reason)", reason: $0.reason, title: $0.title,
        about: $0.about.replacing("`", with: ""))
    }
  }

  static func searched(_ route: APIRoute) -> String {
    [
      route.method.rawValue, APIRoute.base + route.path, route.id, route.summary, route.about,
      route.permission,
    ].joined(separator: " ").lowercased()
  }
}

/// Calls about one thing.
struct DocsGroup: Sendable {
  let id: String
  let title: String
  let about: String
  let calls: [DocsCall]
}

/// A kind of refusal.
struct DocsProblem: Sendable {
  let id: String
  let reason: String
  let title: String
  let about: String
}

/// One call with everything about it.
struct DocsCall: Sendable {
  let id: String
  let method: String
  /// The style of the method's badge.
  let methodClass: String
  let path: String
  let summary: String
  let about: String
  let permission: String
  /// What the search finds it by.
  let searched: String
  let parameters: [DocsParameter]
  let body: CodeBlock?
  let answers: [DocsAnswer]
  let example: CodeBlock?
  let curl: CodeBlock
  /// Whether the form can be sent from here: somebody is logged in.
  let maySend: Bool
  let isOpen: Bool
  var hasAbout: Bool { !about.isEmpty }
  var hasParameters: Bool { !parameters.isEmpty }
  let bodyID: String
  let bodyText: String
  let hasBody: Bool

  init(_ route: APIRoute, origin: String, maySend: Bool, isOpen: Bool) {
    id = route.id
    method = route.method.rawValue
    methodClass = "method method-\(route.method.rawValue.lowercased())"
    path = APIRoute.base + route.path
    summary = route.summary
    about = route.about.replacing("`", with: "")
    permission = route.permission.replacing("`", with: "")
    searched = DocsPage.searched(route)
    parameters = Self.parameters(of: route)
    bodyText = route.body?.sample.indented() ?? ""
    hasBody = route.body != nil
    bodyID = "body-\(route.id)"
    body = route.body.map {
      CodeBlock(id: "schema-\(route.id)", caption: "Body", text: $0.outline())
    }
    answers =
      route.answers.map {
        DocsAnswer(
          status: "\($0.status.code)", about: $0.about.replacing("`", with: ""),
          types: $0.types.joined(separator: ", "))
      }
      + route.refusals.map {
        DocsAnswer(
          status: "\($0.code)", about: OpenAPIDocument.about($0).replacing("`", with: ""),
          types: Problem.type)
      }
    example = route.answers.compactMap(\.schema).first.map {
      CodeBlock(id: "answer-\(route.id)", caption: "Answer", text: $0.sample.indented())
    }
    curl = CodeBlock(id: "curl-\(route.id)", caption: "curl", text: Self.curl(route, origin))
    self.maySend = maySend && route.asks != .nobody
    self.isOpen = isOpen
  }

  private static func parameters(of route: APIRoute) -> [DocsParameter] {
    let inPath = route.pathParameters.map {
      DocsParameter(
        call: route.id, name: $0, place: "path", about: "", isRequired: true,
        sample: OpenAPIDocument.sample($0))
    }
    let inQuery = route.query.map {
      DocsParameter(
        call: route.id, name: $0.name, place: "query",
        about: $0.about.replacing("`", with: ""), isRequired: $0.isRequired, sample: "")
    }
    var inHeader: [DocsParameter] = []
    if route.isRepeatable {
      inHeader.append(
        DocsParameter(
          call: route.id, name: "Idempotency-Key", place: "header",
          about: "Makes repeating it harmless, for a day.", isRequired: false, sample: ""))
    }
    if route.isEditing {
      inHeader.append(
        DocsParameter(
          call: route.id, name: "If-Match", place: "header",
          about: "The ETag that you saw.", isRequired: false, sample: ""))
    }
    if route.isTagged {
      inHeader.append(
        DocsParameter(
          call: route.id, name: "If-None-Match", place: "header",
          about: "The ETag of the answer that you have.", isRequired: false, sample: ""))
    }
    return inPath + inQuery + inHeader
  }

  private static func curl(_ route: APIRoute, _ origin: String) -> String {
    var path = route.path
    for name in route.pathParameters {
      path = path.replacing("{\(name)}", with: OpenAPIDocument.sample(name))
    }
    let required = route.query.filter(\.isRequired).map {
      "\($0.name)=\($0.schema.sample.string ?? "")"
    }
    if !required.isEmpty { path += "?" + required.joined(separator: "&") }
    var words = ["curl"]
    if route.method != .get { words.append("-X \(route.method.rawValue)") }
    words.append("'\(origin)\(APIRoute.base)\(path)'")
    var lines = [words.joined(separator: " ")]
    if route.asks != .nobody { lines.append("-H \"Authorization: Bearer $BABYHELM_TOKEN\"") }
    if let body = route.body {
      lines.append("-H 'Content-Type: application/json'")
      lines.append("-d '\(body.sample.indented().replacing("'", with: "'\\''"))'")
    }
    return lines.joined(separator: " \\\n  ")
  }
}

/// One parameter, with a field to try it.
struct DocsParameter: Sendable {
  let id: String
  let name: String
  let place: String
  let about: String
  let isRequired: Bool
  let sample: String

  init(
    call: String, name: String, place: String, about: String, isRequired: Bool, sample: String
  ) {
    id = "try-\(call)-\(name)"
    self.name = name
    self.place = place
    self.about = about
    self.isRequired = isRequired
    self.sample = sample
  }
}

/// One status that a call answers with.
struct DocsAnswer: Sendable {
  let status: String
  let about: String
  let types: String
}

extension Schema {
  /// The members of a body, one a line with what it is, for people.
  func outline(_ depth: Int = 0) -> String {
    let space = String(repeating: "  ", count: depth)
    switch shape {
    case .object(let fields):
      return fields.map { field in
        let inner = field.schema.outline(depth + 1)
        let need = field.isRequired ? ", required" : ""
        let head = "\(space)\(field.name): \(field.schema.kind)\(need)"
        let about = field.about.isEmpty ? "" : "  — \(field.about.replacing("`", with: ""))"
        return inner.isEmpty ? head + about : "\(head)\(about)\n\(inner)"
      }.joined(separator: "\n")
    case .list(let item, _): return item.outline(depth)
    case .either(let schemas):
      return schemas.map { $0.outline(depth) }.filter { !$0.isEmpty }.joined(separator: "\n")
    default: return ""
    }
  }

  private var kind: String {
    var kind: String
    switch shape {
    case .list(let item, _): kind = "list of \(item.kind)"
    case .map(let item, _): kind = "mapping to \(item.kind)"
    case .either(let schemas): kind = schemas.map(\.kind).joined(separator: " or ")
    case .text(let text) where text.values.isEmpty: kind = text.format ?? "text"
    case .object: kind = "object"
    default: kind = words
    }
    return isNullable && !kind.hasSuffix("null") ? "\(kind) or null" : kind
  }
}
