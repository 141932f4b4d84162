import Domain
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

/// Who may do what through the API, asked of every call as everybody: the same
/// people and the same table as for pages, with rows made from the calls' own
/// declarations, so that none can be without one (classes 1 to 4 of
/// docs/security.md).
@Suite(.timeLimit(.minutes(10))) struct APIMatrixTests {
  @Test func `every call answers everybody as the table says, and a refusal does nothing`()
    async throws
  {
    try await withEveryRole { everybody in
      let walk = Walk(everybody)
      try await walk.asPeople()
      try await walk.withTokens()
      #expect(walk.denied > 250 && walk.allowed > 100, "\(walk.denied), \(walk.allowed)")
    }
  }
}

private final class Walk {
  private let everybody: EveryRole
  private let routes: [APIRoute]
  private(set) var denied = 0
  private(set) var allowed = 0

  init(_ everybody: EveryRole) {
    self.everybody = everybody
    routes = APIRoutes.all(everybody.site.services)
  }

  func asPeople() async throws {
    for actor in everybody.actors {
      for route in routes {
        let verdict = route.rule.verdict(for: actor.principal, projectRole: actor.projectRole)
        try await ask(route, verdict, "\(actor.name) \(route.id)") { headers, body in
          try await actor.browser.send(Self.example(of: route), route.method, headers, body)
        } as: {
          ["X-Form-Token": actor.browser.token]
        }
      }
    }
  }

  func withTokens() async throws {
    for (owner, scope, secret) in everybody.tokens {
      guard var principal = owner.principal else { continue }
      principal.credential = .token(APIToken.ID(rawValue: "t"), scope)
      for route in routes {
        // A token never changes what it belongs to.
        let verdict =
          route.path.hasPrefix("/tokens")
          ? .denied(because: "An API token can't change the account that it belongs to.")
          : route.rule.verdict(for: principal, projectRole: owner.projectRole)
        let name = "\(owner.name)'s \(scope.rawValue) token, \(route.id)"
        try await ask(route, verdict, name) { headers, body in
          try await self.everybody.site.client.executeRequest(
            uri: Self.example(of: route), method: route.method, headers: headers, body: body)
        } as: {
          ["Authorization": "Bearer \(secret)"]
        }
      }
    }
  }

  /// Asks what is refused, and what is allowed and only reads.
  private func ask(
    _ route: APIRoute, _ verdict: RouteRule.Verdict, _ name: String,
    _ send: (HTTPFields, ByteBuffer?) async throws -> TestResponse,
    as identity: () -> [String: String]
  ) async throws {
    var headers: HTTPFields = [.accept: route.types.first ?? "*/*"]
    headers[Browser.fetchSite] = "same-origin"
    for (name, value) in identity() {
      if let field = HTTPField.Name(name) { headers[field] = value }
    }
    var body: ByteBuffer?
    if let schema = route.body {
      headers[.contentType] = "application/json"
      // An example shows all there is, also what excludes each other.
      let isSpecification = schema.sample["specification"] != nil
      body = ByteBuffer(
        string: isSpecification
          ? #"{"specification": {"name": "web", "image": "nginx:1.27"}}"# : schema.sample.text)
    }
    guard verdict != .allowed else {
      guard !route.isUnsafe else { return }
      allowed += 1
      let answer = try await send(headers, nil)
      #expect(![.unauthorized, .forbidden].contains(answer.status), "\(name)")
      #expect(answer.status.code < 500, "\(name)")
      return
    }
    denied += 1
    let site = everybody.site
    let before = try await DatabaseDump.of(site.database)
    let traffic = site.cluster.requestCount
    let answer = try await send(headers, body)
    check(answer, verdict, name)
    let after = try await DatabaseDump.of(site.database)
    #expect(after == before, "\(name) wrote: \(after.difference(from: before))")
    #expect(site.cluster.requestCount == traffic, "\(name) asked the cluster")
  }

  private func check(_ answer: TestResponse, _ verdict: RouteRule.Verdict, _ name: String) {
    #expect(answer.headers[.contentType] == "application/problem+json", "\(name)")
    switch verdict {
    case .allowed, .challenged: break
    case .login:
      #expect(answer.status == .unauthorized, "\(name)")
      #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true, "\(name)")
    case .denied(let reason):
      #expect(answer.status == .forbidden, "\(name): \(answer.status)")
      #expect(answer.text.contains(reason), "\(name): \(reason), not \(answer.text)")
    case .hidden:
      #expect(answer.status == .notFound, "\(name): \(answer.status)")
    }
  }

  /// A path of the call, with what its query must have.
  private static func example(of route: APIRoute) -> String {
    let path = route.path.split(separator: "/").map { part -> String in
      switch part {
      case "{project}": "shop"
      case "{application}": "web"
      case "{number}", "{release}": "1"
      case let part where part.hasPrefix("{"): "6f1f0b04-34f0-4d2c-8a5c-0d1f7c0a2f11"
      default: String(part)
      }
    }
    let query = route.query.filter(\.isRequired).map {
      "\($0.name)=\($0.schema.sample.string ?? "")"
    }
    return APIRoute.base + "/" + path.joined(separator: "/")
      + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
  }
}

extension APIRoute {
  /// What somebody needs to make the call, as the table of routes says it.
  fileprivate var rule: RouteRule {
    let need: RouteRule.Need =
      switch asks {
      case .nobody: .anyone
      case .signedIn: .signedIn
      // A deleted project isn't there for who may not bring it back.
      case .permission(let permission):
        ["restoreProject", "removeProject"].contains(id)
          ? .secretly(permission) : .permission(permission)
      }
    return RouteRule(method: method, path: path, need: need)
  }
}
