import Domain
import HTTPTypes
import Hummingbird
import Templates
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// Who may do what, asked of every route as everybody (classes 1, 2, 3 and 4 of
/// docs/security.md). Rows come from ``RouteTable``, and the router itself says
/// whether one is missing.
@Suite(.timeLimit(.minutes(10))) struct RouteMatrixTests {
  @Test func `every route has a row, and every row a route`() async throws {
    try await withSandboxSite { site in
      let routes = Self.routes(of: site.services)
      let rows = RouteTable.all.map(\.key)

      #expect(Set(rows).count == rows.count, "a row is there twice")
      #expect(routes.subtracting(rows).sorted() == [], "routes without a row")
      // These exist only with an OpenID provider, a token for the metrics, or the sandbox.
      let optional: Set = [
        "GET /login/sso", "GET /login/sso/callback", "GET /metrics", "GET /styleguide",
      ]
      #expect(Set(rows).subtracting(routes).subtracting(optional).sorted() == [], "rows alone")
    }
  }

  /// What the table of rights may never say, whatever else it does: the rows are
  /// compared with it, so a table that allows everything would pass otherwise.
  @Test func `what nobody but the right people may do is written down twice`() {
    let id = User.ID(rawValue: "a")
    func may(_ role: PlatformRole, _ projectRole: ProjectRole?) -> Set<String> {
      let principal = Principal(
        userID: id, name: "", email: "", role: role,
        credential: .session(Session.ID(rawValue: "s")))
      return Set(
        RouteTable.all.filter {
          $0.verdict(for: principal, projectRole: projectRole) == .allowed
        }.map(\.key))
    }
    let anonymous = RouteTable.all.filter { $0.verdict(for: nil) == .allowed }.map(\.path)
    #expect(
      Set(anonymous) == [
        "healthz", "readyz", "metrics", "static/**", "favicon.ico", "robots.txt", "/", "register",
        "login",
        "login/sso", "login/sso/callback", "reset", "invitation", "visit", "docs",
        "schema/application.json", "hooks/deploy/:hook", "hooks/deploy/:hook/:secret",
        "unsubscribe", ".well-known/jwks.json", "styleguide",
        "language",
      ])
    let stranger = may(.member, nil)
    #expect(stranger.filter { $0.contains("/:project") } == ["GET /projects/:project/deleted"])
    #expect(stranger.filter { $0.contains("/admin") } == ["GET /admin"])
    let viewer = may(.member, .viewer).subtracting(stranger)
    let doneByViewers: Set<String> = [
      "POST /projects/:project/kubeconfig",
      "POST /projects/:project/apps/:application/address",
      "POST /projects/:project/notifications/mails",
    ]
    #expect(Set(viewer.filter { $0.hasPrefix("POST") }) == doneByViewers)
    #expect(!viewer.contains("GET /projects/:project/audit"))
    let editor = may(.member, .editor).subtracting(viewer).subtracting(stranger)
    #expect(!editor.contains { $0.contains("member") || $0.contains("delete") })
    #expect(!editor.contains { $0.contains("remove") || $0.contains("quota") })
    let owner = may(.member, .owner)
    #expect(owner.filter { $0.contains("/admin") } == ["GET /admin"])
    #expect(!owner.contains("POST /projects/:project/quota/decision"))
    #expect(
      may(.visitor, .owner).filter { $0.hasPrefix("POST") }.allSatisfy {
        !$0.contains("project") || $0.contains("address") || $0 == "POST /projects/trial"
      })
    #expect(
      Set(RouteTable.all.map(\.key)).subtracting(may(.admin, nil))
        == ["POST /projects/trial", "POST /hooks/alertmanager"],
      "an admin makes projects that stay, and is no Alertmanager")
  }

  @Test func `every route answers everybody as the table says, and a refusal does nothing`()
    async throws
  {
    try await withEveryRole { everybody in
      let matrix = Matrix(everybody)
      try await matrix.askDenied()
      try await matrix.askDeniedTokens()
      try await matrix.askAllowed()
      #expect(matrix.denied > 400 && matrix.allowed > 200, "the matrix is as large as it was")
    }
  }

  private static func routes(of services: Services) -> Set<String> {
    Set(
      SiteRouter.declaredRoutes(site: Site(), services: services)
        // The API's calls carry what they ask for themselves.
        .filter { !$0.path.description.hasPrefix("/api/v1") }
        .map { RouteRule.key($0.method, $0.path.description) })
  }
}

/// One walk through all rows as everybody.
private final class Matrix {
  private let everybody: EveryRole
  private(set) var denied = 0
  private(set) var allowed = 0

  init(_ everybody: EveryRole) { self.everybody = everybody }

  /// Whether a route is there only when the operator sets something up, or takes
  /// no session and no token of ours: MetricsTests, HookPagesTests.
  private static func isApart(_ rule: RouteRule) -> Bool {
    rule.path.hasPrefix("login/sso") || ["metrics", "styleguide"].contains(rule.path)
      || rule.path.hasPrefix("hooks/deploy/")
  }

  /// First all that is refused, so that nothing else has changed a thing yet.
  func askDenied() async throws {
    for actor in everybody.actors {
      for rule in RouteTable.all where !Self.isApart(rule) {
        let verdict = rule.verdict(for: actor.principal, projectRole: actor.projectRole)
        if verdict == .allowed { continue }
        try await withoutEffect("\(actor.name) \(rule.key)") {
          check(try await send(rule, as: actor), verdict, "\(actor.name) \(rule.key)")
        }
      }
    }
  }

  /// With a token, pages can be read as far as its scope goes, and no form sent.
  func askDeniedTokens() async throws {
    for (owner, scope, secret) in everybody.tokens {
      guard var principal = owner.principal else { continue }
      principal.credential = .token(APIToken.ID(rawValue: "t"), scope)
      for rule in RouteTable.all where !Self.isApart(rule) {
        let name = "\(owner.name)'s \(scope.rawValue) token, \(rule.key)"
        let verdict: RouteRule.Verdict =
          rule.need == .ownToken
          ? .challenged
          : rule.method == .post
            ? .denied(because: "")
            : rule.verdict(for: principal, projectRole: owner.projectRole)
        if verdict == .allowed {
          check(try await send(rule, token: secret), .allowed, name)
          allowed += 1
        } else {
          try await withoutEffect(name) {
            check(try await send(rule, token: secret), verdict, name)
          }
        }
      }
    }
  }

  func askAllowed() async throws {
    // Whoever logs out can ask nothing more.
    let rules = RouteTable.all.sorted { a, b in a.path != "logout" && b.path == "logout" }
    for actor in everybody.actors {
      for rule in rules where !Self.isApart(rule) {
        guard rule.verdict(for: actor.principal, projectRole: actor.projectRole) == .allowed
        else { continue }
        // Beside the right it takes that admins turned it on: VisitPagesTests.
        if rule.path == "projects/trial" { continue }
        allowed += 1
        try await everybody.deleteAgain()
        check(try await send(rule, as: actor), .allowed, "\(actor.name) \(rule.key)")
      }
    }
  }

  /// Class 3: after a refusal nothing goes on, neither in the database nor on the
  /// cluster.
  private func withoutEffect(_ name: String, _ body: () async throws -> Void) async throws {
    denied += 1
    let site = everybody.site
    let before = try await DatabaseDump.of(site.database)
    let traffic = site.cluster.requestCount
    try await body()
    let after = try await DatabaseDump.of(site.database)
    #expect(after == before, "\(name) wrote: \(after.difference(from: before))")
    #expect(site.cluster.requestCount == traffic, "\(name) asked the cluster")
  }

  private func check(_ answer: TestResponse, _ verdict: RouteRule.Verdict, _ name: String) {
    let text = Browser.plain(Substring(answer.text))
    let isHidden =
      text.contains("There is no page at this address") || text.contains("that you may see")
      || text.contains("that you may restore")
    switch verdict {
    case .allowed:
      #expect(answer.status.code < 500, "\(name)")
      #expect(![.unauthorized, .forbidden, .methodNotAllowed].contains(answer.status), "\(name)")
      #expect(answer.status != .notFound || !isHidden, "\(name)")
      #expect(answer.headers[.location]?.hasPrefix("/login?next") != true, "\(name)")
    case .login:
      #expect(answer.status == .seeOther, "\(name)")
      #expect(answer.headers[.location]?.hasPrefix("/login") == true, "\(name)")
    case .challenged:
      #expect(answer.status == .unauthorized && answer.text.isEmpty, "\(name)")
    case .denied(let reason):
      #expect(answer.status == .forbidden, "\(name)")
      #expect(text.contains(reason), "\(name): \(reason)")
    case .hidden:
      // A HEAD has no body that could say so.
      let isTold = isHidden || answer.body.readableBytes == 0
      #expect(answer.status == .notFound && isTold, "\(name): \(answer.status)")
    }
  }

  // MARK: Requests

  private func send(_ rule: RouteRule, as actor: Actor) async throws -> TestResponse {
    let path = example(of: rule)
    if rule.method == .post {
      return try await actor.browser.post(
        path, ["confirmation": "wrong", "role": "nonsense", "scope": "nonsense", "email": "x"])
    }
    return try await actor.browser.send(path, method(of: rule))
  }

  private func send(_ rule: RouteRule, token: String) async throws -> TestResponse {
    var headers: HTTPFields = [.authorization: "Bearer \(token)", .accept: "text/html"]
    headers[Browser.fetchSite] = "same-origin"
    headers[.contentType] = "application/x-www-form-urlencoded"
    return try await everybody.site.client.executeRequest(
      uri: example(of: rule), method: rule.method == .post ? .post : method(of: rule),
      headers: headers, body: nil)
  }

  /// A stream has no end; its head says all that matters here.
  private func method(of rule: RouteRule) -> HTTPRequest.Method {
    rule.path.hasSuffix("/live") ? .head : .get
  }

  private func example(of rule: RouteRule) -> String {
    if rule.path == "static/**" { return StaticAssets.script.text }
    let isOfDeleted = ["restore", "remove", "deleted"].contains { rule.path.hasSuffix("/\($0)") }
    let isOfProject = rule.path.split(separator: "/").count == 3
    return "/"
      + rule.path.split(separator: "/").map { part -> String in
        switch part {
        case ":project": isOfDeleted && isOfProject ? "old" : "shop"
        case ":application": isOfDeleted ? "gone" : "web"
        case ":user": everybody.spare.rawValue
        case ":release": "1"
        case ":deployment": "foreign"
        case ":session", ":token", ":invitation", ":alert", ":silence":
          "6f1f0b04-34f0-4d2c-8a5c-0d1f7c0a2f11"
        default: String(part)
        }
      }.joined(separator: "/")
  }
}
