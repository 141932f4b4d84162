import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

/// A program that calls the API with a token, and holds every answer against
/// the declaration of its call.
struct Caller: Sendable {
  /// What came back.
  struct Reply: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let text: String
    let json: JSON

    /// The fields that a problem names.
    var fields: [String] { (json["errors"]?.array ?? []).compactMap { $0["field"]?.string } }
    var reason: String? { json["reason"]?.string }
  }

  let client: any TestClientProtocol
  let routes: [APIRoute]
  var headers: HTTPFields = [:]

  init(_ site: SandboxSite, token: String? = nil) {
    client = site.client
    routes = APIRoutes.all(site.services)
    if let token { headers[.authorization] = "Bearer \(token)" }
  }

  @discardableResult
  func get(_ path: String, _ extra: HTTPFields = [:]) async throws -> Reply {
    try await send(.get, path, nil, extra)
  }

  @discardableResult
  func post(_ path: String, _ body: JSON? = nil, _ extra: HTTPFields = [:]) async throws -> Reply {
    try await send(.post, path, body, extra)
  }

  @discardableResult
  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil, _ extra: HTTPFields = [:]
  ) async throws -> Reply {
    var more = extra
    if body != nil, more[.contentType] == nil { more[.contentType] = "application/json" }
    return try await raw(method, path, body.map { ByteBuffer(bytes: $0.bytes) }, more)
  }

  /// Sends whatever bytes there are.
  @discardableResult
  func raw(
    _ method: HTTPRequest.Method, _ path: String, _ body: ByteBuffer?, _ extra: HTTPFields = [:]
  ) async throws -> Reply {
    var headers = headers
    for field in extra { headers[field.name] = field.value }
    let response = try await client.executeRequest(
      uri: "\(APIRoute.base)\(path)", method: method, headers: headers, body: body)
    let text = String(buffer: response.body)
    let reply = Reply(
      status: response.status, headers: response.headers, text: text,
      json: (try? JSON(parsing: Array(text.utf8))) ?? .null)
    check(reply, method, path)
    return reply
  }

  /// Nothing is answered that isn't declared.
  private func check(_ reply: Reply, _ method: HTTPRequest.Method, _ path: String) {
    #expect(reply.headers[.xContentTypeOptions] == "nosniff")
    #expect(reply.headers[.contentType]?.hasPrefix("text/html") != true)
    if reply.status.code >= 400 {
      #expect(reply.headers[.contentType] == Problem.type, "\(method) \(path): \(reply.text)")
      #expect(Problem.schema.mistakes(in: reply.json).isEmpty, "\(reply.text)")
      #expect(reply.json["status"]?.int == reply.status.code)
      #expect(reply.json["requestID"]?.string == reply.headers[.xRequestID])
    }
    guard let route = route(method, path) else { return }
    if reply.status == .notModified {
      #expect(route.isTagged && reply.text.isEmpty && reply.headers[.eTag] != nil)
      return
    }
    guard let answer = route.answers.first(where: { $0.status == reply.status }) else {
      #expect(
        route.refusals.contains(reply.status), "\(method) \(path): \(reply.status) \(reply.text)")
      return
    }
    if let schema = answer.schema, reply.headers[.contentType] == "application/json" {
      let mistakes = schema.mistakes(in: reply.json)
      #expect(mistakes.isEmpty, "\(method) \(path): \(mistakes) in \(reply.text)")
    }
    if answer.hasETag { #expect(reply.headers[.eTag] != nil, "\(method) \(path)") }
    if answer.hasLocation { #expect(reply.headers[.location] != nil, "\(method) \(path)") }
  }

  /// The declaration of a call.
  func route(_ method: HTTPRequest.Method, _ path: String) -> APIRoute? {
    let parts = path.split(separator: "?")[0].split(separator: "/")
    return routes.first { route in
      let pattern = route.path.split(separator: "/")
      return route.method == method && pattern.count == parts.count
        && zip(pattern, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }
  }
}

/// Runs a test against a whole site whose admin, Ann, has a project and a token
/// that may do everything.
func withAPI(
  _ setup: TestingSetup = .router, apiRate: Int = 100_000, hasPrometheus: Bool = false,
  _ test: @escaping @Sendable (Caller, Browser, SandboxSite) async throws -> Void
) async throws {
  try await withProject(setup, apiRate: apiRate, hasPrometheus: hasPrometheus) { ann, site in
    try await test(try await caller(for: ann, .admin, site), ann, site)
  }
}

/// A program of somebody who is logged in.
func caller(
  for person: Browser, _ scope: TokenScope, _ site: SandboxSite
) async throws -> Caller {
  let answer = try await person.send(
    "/api/v1/tokens", .post,
    [
      .contentType: "application/json", .accept: "application/json",
      Browser.fetchSite: "same-origin",
      APIServing.formToken: person.token,
    ],
    ByteBuffer(
      string: #"{"name":"\#(UUID().uuidString)","scope":"\#(scope.rawValue)","days":7}"#))
  try #require(answer.status == .created, "\(answer.text)")
  let made = try JSON(parsing: Array(answer.text.utf8))
  return Caller(site, token: try #require(made["secret"]?.string))
}

/// What the tests deploy.
let web: JSON = [
  "image": "nginx:1.27", "ports": [80], "replicas": 2,
  "resources": ["cpuRequest": "100m", "memoryRequest": "64Mi", "memoryLimit": "128Mi"],
]

extension Caller {
  static let web = "/projects/shop/applications/web"

  /// Deploys an application and waits until it serves.
  func deployWeb(_ specification: JSON = WebTests.web) async throws {
    let answer = try await send(.put, Self.web, ["specification": specification])
    try #require(answer.status == .accepted, "\(answer.text)")
    try await settled()
  }

  /// Waits until the newest release is through.
  func settled() async throws {
    let number = try await get(Self.web).json["release"]?.int ?? 0
    try await eventually("release \(number) is through") {
      try await get("\(Self.web)/releases/\(number)/rollout").json["isFinished"]?.bool == true
    }
  }
}
