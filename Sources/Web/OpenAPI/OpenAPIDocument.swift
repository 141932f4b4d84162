import Domain
import HTTPTypes

/// The OpenAPI 3.1 document of the API, written from the declarations that
/// also serve it.
struct OpenAPIDocument: Sendable {
  let routes: [APIRoute]
  /// Where the site is: `https://babyhelm.example.net`; empty for wherever the
  /// document was read.
  var origin = ""

  var json: JSON {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "BabyHelm", "version": .string(Version.text),
        "summary": "Deploy applications to a Kubernetes cluster.",
        "description": .string(Self.about),
        "license": ["name": "See the repository", "identifier": "LicenseRef-BabyHelm"],
      ],
      "servers": [["url": .string(origin + APIRoute.base)]],
      "security": [["token": []], ["session": []]],
      "tags": .array(
        APIRoute.Tag.allCases.map {
          ["name": .string($0.rawValue), "description": .string($0.about)]
        }),
      "paths": paths,
      "components": [
        "securitySchemes": Self.securitySchemes,
        "schemas": .members(schemas.map { ($0.name ?? "", $0.definition) }),
        "responses": .members(
          [("NotModified", Self.notModified)]
            + Self.problems.map { (Self.name($0), Self.problem($0)) }),
        "parameters": Self.parameters, "headers": Self.headers,
      ],
    ]
  }

  /// Every schema with a name, each once, in the order of its first use.
  var schemas: [Schema] {
    let bodies = routes.flatMap { route in
      (route.body.map { [$0] } ?? []) + route.answers.compactMap(\.schema)
    }
    var names: Set<String> = []
    return ([Problem.schema] + bodies).flatMap(\.named).filter {
      names.insert($0.name ?? "").inserted
    }
  }

  private static let about = """
    Calls take an API token, `Authorization: Bearer TOKEN`, or a browser's session; then what \
    changes something also takes the page's form token in `X-Form-Token`, from the same origin. \
    Bodies are JSON (`application/json`), at most 1 MiB; unknown fields are refused. Times are \
    RFC 3339, UTC.

    What is refused is answered as a problem (RFC 9457), `application/problem+json`. Lists come in \
    pages: `limit`, and `cursor` with `next` of the page before. What is read has an `ETag`: with it in \
    `If-None-Match` the same answer isn't sent again (304), and `If-Match` changes what can be \
    edited only if nobody edited it meanwhile (412). POSTs that make something take an \
    `Idempotency-Key`: for a day, the same call with the same key gets the same answer. What takes \
    long is answered 202, with `Location`.

    One token, or one person's sessions together, may make a number of calls within a minute: see \
    `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds). Beyond it calls are \
    answered 429, with `Retry-After`.
    """

  // MARK: Paths

  private var paths: JSON {
    var order: [String] = []
    var items: [String: [(String, JSON)]] = [:]
    for route in routes {
      if items[route.path] == nil { order.append(route.path) }
      items[route.path, default: []].append(
        (route.method.rawValue.lowercased(), Self.operation(route)))
    }
    return .members(order.map { ($0, .members(items[$0] ?? [])) })
  }

  static func operation(_ route: APIRoute) -> JSON {
    var members: [(String, JSON)] = [
      ("operationId", .string(route.id)), ("tags", [.string(route.tag.rawValue)]),
      ("summary", .string(route.summary)),
      (
        "description",
        .string(
          ([route.about, route.permission] as [String]).filter { !$0.isEmpty }.joined(
            separator: "\n\n"))
      ),
    ]
    if route.asks == .nobody { members.append(("security", [])) }
    if case .permission(let permission) = route.asks {
      members.append(("x-permission", .string(permission.rawValue)))
    }
    let parameters = Self.parameters(of: route)
    if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
    if let body = route.body {
      members.append(
        (
          "requestBody",
          [
            "required": .bool(!body.mistakes(in: [:]).isEmpty),
            "content": [
              "application/json": ["schema": body.reference, "example": body.sample]
            ],
          ]
        ))
    }
    let refusals = route.refusals.map { status in
      ("\(status.code)", ["$ref": .string("#/components/responses/\(name(status))")] as JSON)
    }
    let answers = route.answers.map { ("\($0.status.code)", answer($0, of: route)) }
    let unchanged: [(String, JSON)] =
      route.isTagged ? [("304", ["$ref": "#/components/responses/NotModified"])] : []
    members.append(("responses", .members(answers + unchanged + refusals)))
    return .members(members)
  }

  private static func parameters(of route: APIRoute) -> [JSON] {
    let inPath = route.pathParameters.map { name -> JSON in
      [
        "name": .string(name), "in": "path", "required": true,
        "description": .string(pathAbout(name)),
        "schema": name == "number"
          ? ["type": "integer", "minimum": 1] : ["type": "string", "minLength": 1],
        "example": name == "number" ? 7 : .string(sample(name)),
      ]
    }
    let inQuery = route.query.map { parameter -> JSON in
      [
        "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
        "description": .string(parameter.about), "schema": parameter.schema.reference,
      ]
    }
    var inHeader: [JSON] = []
    if route.isRepeatable { inHeader.append(["$ref": "#/components/parameters/IdempotencyKey"]) }
    if route.isEditing { inHeader.append(["$ref": "#/components/parameters/IfMatch"]) }
    if route.isTagged { inHeader.append(["$ref": "#/components/parameters/IfNoneMatch"]) }
    return inPath + inQuery + inHeader
  }

  private static func pathAbout(_ name: String) -> String {
    switch name {
    case "number": "A release's number."
    case "project", "application": "The \(name)'s name."
    default: "The \(name)'s id."
    }
  }

  static func sample(_ parameter: String) -> String {
    switch parameter {
    case "project": "shop"
    case "application": "web"
    case "number": "7"
    default: "6fa459ea-ee8a-4ca4-894e-db77e160355e"
    }
  }

  private static func answer(_ answer: APIRoute.Answer, of route: APIRoute) -> JSON {
    var headers: [(String, JSON)] =
      route.asks == .nobody
      ? []
      : ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"].map {
        ($0, ["$ref": .string("#/components/headers/\($0)")])
      }
    if answer.hasETag || route.isTagged {
      headers.append(("ETag", ["$ref": "#/components/headers/ETag"]))
    }
    if answer.hasLocation {
      headers.append(("Location", ["$ref": "#/components/headers/Location"]))
    }
    var members: [(String, JSON)] = [("description", .string(answer.about))]
    if !headers.isEmpty { members.append(("headers", .members(headers))) }
    if !answer.types.isEmpty {
      members.append(("content", .members(answer.types.map { ($0, content(answer, $0)) })))
    }
    if !answer.links.isEmpty {
      members.append(
        (
          "links",
          .members(
            answer.links.map { link in
              (
                link.id,
                [
                  "operationId": .string(link.id),
                  "parameters": .members(link.parameters.map { ($0.name, .string($0.from)) }),
                ]
              )
            })
        ))
    }
    return .members(members)
  }

  private static func content(_ answer: APIRoute.Answer, _ type: String) -> JSON {
    guard type == "application/json", let schema = answer.schema else {
      // Of other types readers make what they like: a mapping of YAML, for example.
      return ["schema": type.hasPrefix("text/") ? ["type": "string"] : [:]]
    }
    return ["schema": schema.reference, "example": schema.sample]
  }
}

extension APIRoute {
  /// What it asks of who calls, in a sentence.
  var permission: String {
    switch asks {
    case .nobody: "Asks for no login."
    case .signedIn: "Asks for a login."
    case .permission(let permission):
      "Asks for the permission `\(permission.rawValue)`, and of a token the scope "
        + "`\(permission.leastScope.rawValue)`."
    }
  }
}

extension APIRoute.Tag {
  var about: String {
    switch self {
    case .account: "Who asks, and their API tokens."
    case .projects: "Namespaces with limits and guards."
    case .members: "People in projects, and links that let them in."
    case .applications: "What runs, and how it is changed."
    case .releases: "Each deploy, how far it is, and the way back."
    case .operations: "What is done with an application from day to day."
    case .notifications: "Who is told what happens: webhooks, and mails."
    case .alerts: "What is wrong, what was, and what is known."
    case .admin: "For admins: people, quotas, settings, audit."
    case .reference: "This document."
    }
  }
}
