import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

/// What is tried on every page there is, as the rows of ``RouteTable`` name them.
@Suite(.timeLimit(.minutes(10))) struct EveryPageTests {
  /// Every page that can be read, with what exists on the site.
  static func pages(_ user: User.ID) -> [String] {
    RouteTable.all.filter { $0.method == .get && !$0.path.hasPrefix("login/sso") }.map { rule in
      "/"
        + rule.path.split(separator: "/").map { part -> String in
          switch part {
          case ":project": rule.path.hasSuffix("/deleted") ? "old" : "shop"
          case ":application": rule.path.hasSuffix("/remove") ? "gone" : "web"
          case ":user": user.rawValue
          case ":release": "1"
          case "**": "none.css"
          default: String(part)
          }
        }.joined(separator: "/")
    }
  }

  @Test func `classes 17, 30 and 31: reading changes nothing, leaves no way out, tells nobody`()
    async throws
  {
    try await withEveryRole { everybody in
      let site = everybody.site
      let admin = try everybody.actor("admin").browser
      try await Self.expectNoChange(everybody, admin)
      try await Self.expectNoTraversal(admin)
      try await Self.expectNoOracle(everybody)
      try await Self.expectBoundedAnswers(admin)
      // Class 27: without the database nobody is let in.
      await site.database.close()
      for path in ["/projects", "/admin/users", "/projects/shop", "/admin/audit.csv"] {
        let answer = try await admin.get(path)
        #expect(answer.status == .serviceUnavailable, "class 27: \(path)")
        #expect(!answer.text.contains("example.net"), "class 27: \(path)")
      }
    }
  }

  /// Class 17: an image or a link on another site makes a browser read, never
  /// write. Noting the use of a session is all that reading does.
  private static func expectNoChange(_ everybody: EveryRole, _ admin: Browser) async throws {
    let database = everybody.site.database
    for path in pages(everybody.spare) {
      var before = try await DatabaseDump.of(database)
      _ = try await admin.send(path, path.hasSuffix("/live") ? .head : .get)
      var after = try await DatabaseDump.of(database)
      for table in ["sessions", "users"] {
        before.tables[table] = nil
        after.tables[table] = nil
      }
      #expect(after == before, "class 17: \(path) wrote \(after.difference(from: before))")
    }
    // A method that changes something isn't taken from the address.
    for path in ["/logout", "/projects/shop/delete", "/projects/shop/apps/web/stop"] {
      let answer = try await admin.get("\(path)?_method=POST&confirmation=shop")
      #expect(answer.status == .methodNotAllowed, "class 17: \(path)")
    }
  }

  /// Class 30, and class 2: no spelling of a path leads elsewhere.
  private static func expectNoTraversal(_ admin: Browser) async throws {
    let names = [
      "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "..%5c", "%00", "shop%00", "shop%2f..",
      "%c0%ae%c0%ae", "....//", "shop%2fapps%2fweb", "SHOP", "shop.", "shop%20", "%73hop/../shop",
    ]
    let places = [
      "/projects/NAME", "/projects/NAME/manifests.yaml", "/projects/shop/apps/NAME",
      "/projects/shop/apps/NAME/logs.txt", "/projects/shop/apps/NAME/live.yaml",
      "/projects/shop/apps/web/releases/NAME", "/static/NAME", "/static/styles/NAME",
      "/projects/shop/members/NAME/remove", "/NAME", "/admin/NAME",
    ]
    for place in places {
      for name in names {
        let path = place.replacing("NAME", with: name)
        let answer = try await admin.get(path)
        #expect(
          [.notFound, .badRequest, .methodNotAllowed].contains(answer.status),
          "class 30: \(path) \(answer.status)")
        #expect(!answer.text.contains("root:"), "class 30: \(path)")
      }
    }
    for path in ["/healthz/", "//projects", "/projects/shop/", "/projects//shop"] {
      let answer = try await admin.get(path)
      #expect(answer.status.code < 500 && answer.headers[.location]?.hasPrefix("//") != true)
    }
  }

  /// Class 31: what somebody may not know of and what isn't there look the same.
  private static func expectNoOracle(_ everybody: EveryRole) async throws {
    let stranger = try everybody.actor("stranger").browser
    for path in pages(everybody.spare) where path.contains("/shop") {
      let method: HTTPRequest.Method = path.hasSuffix("/live") ? .head : .get
      let foreign = try await stranger.send(path, method)
      let missing = try await stranger.send(path.replacing("/shop", with: "/shap"), method)
      #expect(foreign.status == missing.status, "class 31: \(path)")
      #expect(
        plain(foreign, "shop") == plain(missing, "shap"), "class 31: \(path) tells that it is there"
      )
    }
  }

  /// A page without what differs each time.
  private static func plain(_ answer: TestResponse, _ name: String) -> String {
    answer.text.replacing(#/name="_token" value="[^"]*"/#, with: "")
      .replacing(answer.headers[.xRequestID] ?? "-", with: "").replacing(name, with: "NAME")
  }

  /// Every kind of answer says what a browser may do with it.
  private static func expectBoundedAnswers(_ admin: Browser) async throws {
    let referrer = try #require(HTTPField.Name("Referrer-Policy"))
    for path in pages(User.ID(rawValue: "none")) + ["/no/such/page", "/admin/users/x/role"] {
      let answer = try await admin.send(path, path.hasSuffix("/live") ? .head : .get)
      #expect(answer.headers[.contentSecurityPolicy] == SecurityHeaders.policy, "\(path)")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff", "\(path)")
      #expect(answer.headers[referrer] == "same-origin", "\(path)")
      let caching = answer.headers[.cacheControl] ?? ""
      // The same for everybody, and not about anybody.
      let isCommon = ["/schema/application.json", "/.well-known/jwks.json"].contains(path)
      // A browser may keep a page for its own person, and asks before it shows it again.
      #expect(
        isCommon || caching.contains("no-store") || caching == "private, no-cache",
        "class 22: \(path) may be kept by a cache: \(caching)")
      let location = answer.headers[.location] ?? "/"
      #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(path) leads to \(location)")
    }
  }

  // MARK: Class 16

  /// What no page may hold as it is, whatever somebody typed or a program wrote.
  private static let payloads = [
    #""><zz9 onzz9=1><script>zz9()</script>"#, "' onzz9='1", #"" onzz9="1"#,
    "</textarea></title><zz9>", "javascript:zz9()", "{{zz9}}", "{{{zz9}}}",
  ]
  private static let hostile = payloads.joined(separator: " ")

  private static func expectText(_ answer: TestResponse, _ place: String) {
    guard answer.headers[.contentType]?.hasPrefix("text/html") == true else {
      #expect(
        answer.headers[.contentDisposition]?.hasPrefix("attachment") ?? true, "class 16: \(place)")
      return
    }
    let text = answer.text.lowercased()
    for markup in [
      "<zz9", "<script>zz9", "\" onzz9=\"1", "' onzz9='1", "href=\"javascript:",
      "src=\"javascript:", "action=\"javascript:", "</textarea></title>",
    ] {
      #expect(!text.contains(markup), "class 16: \(place) has \(markup)")
    }
    #expect(text.matches(of: #/<script(?! src="\/static\/)/#).isEmpty, "class 16: \(place)")
  }

  @Test func `class 16: nothing that people type or a cluster says becomes markup on any page`()
    async throws
  {
    try await withEveryRole { everybody in
      let admin = try everybody.actor("admin").browser
      try await Self.plant(everybody, admin)
      var seen = 0
      for path in Self.pages(everybody.spare) where !path.hasSuffix("/live") {
        let answer = try await admin.get(path)
        Self.expectText(answer, path)
        if Browser.plain(Substring(answer.text)).contains("<zz9") { seen += 1 }
      }
      #expect(seen >= 8, "what was planted shows on \(seen) pages only")
      let query = Self.hostile.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      for path in [
        "/admin/users?q=", "/admin/projects?q=", "/admin/audit?actor=", "/admin/audit?action=",
        "/admin/audit?since=", "/projects/shop/audit?actor=", "/projects?page=", "/login?next=",
        "/projects/shop/usage?range=", "/projects/shop/apps/new?adopt=",
        "/projects/shop/apps/web/edit?focus=", "/projects/shop/apps/web/logs?search=",
        "/projects/shop/apps/web/logs?pod=", "/projects/shop/apps/web/logs?after=",
        "/projects/shop/apps/web/releases?before=",
        "/projects/shop/apps/web/releases/1?against=", "/reset?link=", "/invitation?link=", "/",
      ] {
        Self.expectText(try await admin.get(path + query), path)
      }
      try await Self.expectHarmlessExports(admin)
      try await Self.expectFormsGiveBackText(admin)
    }
  }

  /// Puts the payloads wherever a person or the cluster may.
  private static func plant(_ everybody: EveryRole, _ admin: Browser) async throws {
    let site = everybody.site
    let mallory = Browser(site.client)
    let name = String(hostile.prefix(78))
    try await mallory.register(name: name, email: "=mallory@example.net")
    try await site.database.write { connection in
      try connection.execute(
        """
        INSERT INTO memberships (project_id, user_id, role, created_at)
        SELECT p.id, u.id, 'owner', 0 FROM projects p, users u WHERE u.email LIKE '=mallory%'
        """)
    }
    try await mallory.get("/account")
    try await mallory.post(
      "/account/tokens",
      ["name": String(hostile.prefix(70)), "scope": "read", "days": "30"])
    try await mallory.get("/projects/shop/quota")
    try await mallory.post(
      "/projects/shop/quota", ["cpu": "8", "memory": "16Gi", "pods": "30", "reason": hostile])
    try await mallory.get("/projects/shop/apps/web/edit")
    let plan = try await mallory.post(
      "/projects/shop/apps/web/edit",
      [
        "image": "nginx:1.27", "port": "80", "replicas": "1", "cpuRequest": "100m",
        "memoryRequest": "64Mi", "memoryLimit": "128Mi", "envName": "HOSTILE", "envValue": hostile,
        "message": hostile, "base": "1",
      ])
    expectText(plan, "the plan")
    if plan.text.contains("/deploys\"") { try await mallory.confirm(plan) }
    try await admin.get("/admin/settings")
    expectText(
      try await admin.post("/admin/settings/policy", ["banner": hostile]), "the policy's form")
    try await plantOnTheCluster(site)
  }

  private static func plantOnTheCluster(_ site: SandboxSite) async throws {
    try await site.cluster.withAdmin { kubernetes in
      let event = try JSONValue(
        parsing: Array(
          """
          {"apiVersion": "v1", "kind": "Event",
           "metadata": {"name": "zz9", "namespace": "shop"}, "type": "Warning",
           "involvedObject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web",
             "namespace": "shop"},
           "reason": \(quoted(hostile)), "message": \(quoted(hostile)), "count": 1,
           "firstTimestamp": "2026-11-26T10:00:00Z", "lastTimestamp": "2026-11-26T10:00:00Z",
           "source": {"component": \(quoted(hostile))}}
          """.utf8))
      try await kubernetes.create(event, .event, namespace: "shop")
      let foreign = try JSONValue(
        parsing: Array(
          """
          {"apiVersion": "apps/v1", "kind": "Deployment",
           "metadata": {"name": "foreign", "namespace": "shop",
             "annotations": {"zz9": \(quoted(hostile))}},
           "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "foreign"}}, "template": {
             "metadata": {"labels": {"app": "foreign"}, "annotations": {"zz9": \(quoted(hostile))}},
             "spec": {"containers": [{"name": "c", "image": "hostile",
               "env": [{"name": "HOSTILE", "value": \(quoted(hostile))}]}]}}}}
          """.utf8))
      try await kubernetes.create(foreign, .deployment, namespace: "shop")
    }
  }

  private static func quoted(_ text: String) -> String {
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
  }

  /// No field of a CSV begins a formula, and each row has as many as the first.
  private static func expectHarmlessExports(_ admin: Browser) async throws {
    let csv = try await admin.get("/admin/audit.csv").text
    #expect(csv.contains("'=mallory@example.net"))
    #expect(csv.firstMatch(of: #/(^|,|\n|")[=+@]/#) == nil, "class 16: a formula in the CSV")
    let lines = try await admin.get("/admin/audit.jsonl").text
    for line in lines.split(separator: "\n") {
      _ = try JSONValue(parsing: Array(line.utf8))
    }
    for path in ["/projects/shop/manifests.yaml", "/projects/shop/apps/web/live.yaml"] {
      let text = try await admin.get(path).text
      #expect(text.contains("kind: "), "\(path)")
    }
  }

  /// A form that comes back with mistakes has what was typed as text.
  private static func expectFormsGiveBackText(_ admin: Browser) async throws {
    for (page, action) in [
      ("/projects/new", "/projects/new"), ("/projects/shop/apps/new", "/projects/shop/apps/new"),
      ("/projects/shop/members", "/projects/shop/members"),
      ("/projects/shop/members", "/projects/shop/invitations"),
      ("/projects/shop/quota", "/projects/shop/quota"), ("/account", "/account/name"),
      ("/account", "/account/tokens"), ("/admin/invitations", "/admin/invitations"),
      ("/admin/settings", "/admin/settings/policy"), ("/admin/settings", "/admin/settings/prices"),
      ("/projects/shop/settings", "/projects/shop/delete"),
    ] {
      let form = try await admin.get(page)
      let names = Set(form.text.matches(of: #/name="([^"]+)"/#).map { String($0.1) })
      let fields = names.filter { $0 != "_token" }.map { ($0, hostile) }
      let answer = try await admin.post(action, fields: fields)
      expectText(answer, action)
      // And the form of an ended session, which keeps all of it.
      let stale = try await admin.post(action, fields: fields + [("_token", "stale")])
      #expect(stale.status == .forbidden)
      expectText(stale, "\(action), out of date")
    }
  }
}
