import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

/// What holds for every call alike.
@Suite struct ConventionTests {
  @Test func `a stranger is asked for a token on every call`() async throws {
    try await withSandboxSite { site in
      let stranger = Caller(site)
      for route in stranger.routes where route.asks != .nobody {
        let reply = try await stranger.send(route.method, Self.example(route), route.body?.sample)
        #expect(reply.status == .unauthorized, "\(route.id)")
        #expect(reply.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true, "\(route.id)")
      }
      let bad = try await Caller(site, token: "babyhelm_nonsense").get("/me")
      #expect(bad.status == .unauthorized)
    }
  }

  @Test func `who isn't a member meets a missing project on every call`() async throws {
    try await withProject { _, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      let program = try await caller(for: bob, .admin, site)
      var asked = 0
      for route in program.routes
      where route.path.contains("{project}") && !route.path.hasPrefix("/admin") {
        asked += 1
        let reply = try await program.send(route.method, Self.example(route), route.body?.sample)
        #expect(reply.status == .notFound, "\(route.id): \(reply.text)")
      }
      #expect(asked > 30)
      for route in program.routes where route.path.hasPrefix("/admin") {
        let reply = try await program.send(route.method, Self.example(route), route.body?.sample)
        #expect(reply.status == .forbidden, "\(route.id)")
      }
    }
  }

  @Test func `a token does no more than its scope`() async throws {
    try await withProject { ann, site in
      let reader = try await caller(for: ann, .read, site)
      let deployer = try await caller(for: ann, .deploy, site)
      let me = try await reader.get("/me")
      #expect(me.json["credential"] == ["kind": "token", "scope": "read"])
      #expect(try await reader.get("/projects/shop").status == .ok)
      let put = try await reader.send(.put, Caller.web, ["specification": web])
      #expect(put.status == .forbidden)
      #expect(
        try await deployer.send(.put, Caller.web, ["specification": web]).status == .accepted)
      #expect(try await deployer.send(.delete, "\(Caller.web)?confirm=web").status == .forbidden)
      #expect(try await deployer.get("/tokens").status == .forbidden)
      #expect(try await deployer.get("/admin/users").status == .forbidden)
    }
  }

  @Test func `a session changes something only with its form token, from a page of ours`()
    async throws
  {
    try await withProject { ann, _ in
      let body = ByteBuffer(string: #"{"name":"other"}"#)
      func ask(_ extra: HTTPFields) async throws -> TestResponse {
        var headers = extra
        headers[.contentType] = "application/json"
        headers[.accept] = "application/json"
        return try await ann.send("/api/v1/projects", .post, headers, body)
      }
      let token = ann.token
      let cases: [HTTPFields] = [
        [:], [APIServing.formToken: token], [Browser.fetchSite: "same-origin"],
        [Browser.fetchSite: "cross-site", APIServing.formToken: token],
        [.origin: "http://evil.example", APIServing.formToken: token],
      ]
      for headers in cases {
        let answer = try await ask(headers)
        #expect(answer.status == .forbidden, "\(headers)")
        #expect(answer.headers[.contentType] == Problem.type)
      }
      let good = try await ask([Browser.fetchSite: "same-origin", APIServing.formToken: token])
      #expect(good.status == .created, "\(good.text)")
      #expect(
        try await ann.send("/api/v1/me", .get, [.accept: "*/*"]).text.contains(#""kind":"session""#)
      )
    }
  }

  @Test func `bodies are JSON, of known fields, and not too large`() async throws {
    try await withAPI { program, _, _ in
      let text = ByteBuffer(string: #"{"name":"other"}"#)
      for type in ["text/plain", "application/x-www-form-urlencoded", "text/html"] {
        let reply = try await program.raw(.post, "/projects", text, [.contentType: type])
        #expect(reply.status == .unsupportedMediaType, "\(type)")
      }
      #expect(try await program.raw(.post, "/projects", text).status == .unsupportedMediaType)
      let json: HTTPFields = [.contentType: "application/json; charset=utf-8"]
      let broken = try await program.raw(.post, "/projects", ByteBuffer(string: "{"), json)
      #expect(broken.status == .badRequest)
      #expect(broken.reason == "malformed")
      let large = ByteBuffer(repeating: 0x20, count: APIServing.maximumBytes + 1)
      #expect(try await program.raw(.post, "/projects", large, json).status == .contentTooLarge)
      #expect(try await program.post("/projects").fields == ["body"])
      #expect(try await program.post("/projects", ["name": "other", "x": 1]).fields == ["x"])
      #expect(try await program.post("/projects", ["name": 7]).fields == ["name"])
      #expect(try await program.post("/projects", ["name": "a\u{0}b"]).fields == ["name"])
      #expect(try await program.post("/projects", []).fields == ["body"])
      let quota = try await program.post(
        "/projects",
        [
          "name": "other",
          "quota": ["cpu": "many", "memory": "8Gi", "pods": 0, "storage": "1Gi"],
        ])
      #expect(quota.fields == ["quota.pods"])
      #expect(try await program.get("/projects?colour=red").fields == ["colour"])
      #expect(try await program.get("/projects?limit=0").fields == ["limit"])
      #expect(try await program.get("/projects?limit=2&limit=3").fields == ["limit"])
      #expect(try await program.get("/projects?cursor=%21").fields == ["cursor"])
    }
  }

  @Test func `errors below /api are problems, whatever is accepted`() async throws {
    try await withAPI { program, ann, _ in
      for accept in ["text/html", "*/*", "image/png"] {
        let missing = try await program.get("/nothing", [.accept: accept])
        #expect(missing.status == .notFound)
      }
      let method = try await program.send(.delete, "/projects")
      #expect(method.status == .methodNotAllowed)
      #expect(method.headers[.allow] == "GET, POST, HEAD")
      #expect(try await program.send(.options, "/me").status == .methodNotAllowed)
      let picky = try await program.get("/me", [.accept: "text/html"])
      #expect(picky.status == .notAcceptable)
      #expect(try await program.get("/me", [.accept: "text/html, */*;q=0.1"]).status == .ok)
      let refused = try await program.get("/me", [.accept: "application/json;q=0, text/*"])
      #expect(refused.status == .notAcceptable)
      #expect(try await ann.get("/api/nothing").headers[.contentType] == Problem.type)
    }
  }

  @Test func `the same call with the same key is carried out once`() async throws {
    try await withAPI { program, _, site in
      let key: HTTPFields = [APIServing.idempotencyKey: "one-wish"]
      let first = try await program.post("/projects", ["name": "other"], key)
      #expect(first.status == .created)
      let again = try await program.post("/projects", ["name": "other"], key)
      #expect(again.status == .created)
      #expect(again.text == first.text)
      #expect(again.headers[.location] == first.headers[.location])
      let reused = try await program.post("/projects", ["name": "third"], key)
      #expect(reused.status == .unprocessableContent)
      #expect(reused.fields == ["Idempotency-Key"])
      let refused = try await program.post(
        "/projects", ["name": "other"], [APIServing.idempotencyKey: "second-wish"])
      #expect(refused.fields == ["name"])
      // What was refused is tried again, not answered from memory.
      let fixed = try await program.post(
        "/projects", ["name": "third"], [APIServing.idempotencyKey: "second-wish"])
      #expect(fixed.status == .created)
      let bad = try await program.post(
        "/projects", ["name": "x"], [APIServing.idempotencyKey: String(repeating: "k", count: 300)])
      #expect(bad.fields == ["Idempotency-Key"])
      let kept = try await site.database.read { connection in
        try connection.query("SELECT answer FROM kept_answers").map { row in
          try row.get("answer", as: String?.self) ?? ""
        }
      }
      #expect(kept.count == 2)
      #expect(!kept.contains { $0.contains("other") }, "answers are kept sealed")
    }
  }

  @Test func `more calls than a minute holds are told when to come back`() async throws {
    try await withAPI(apiRate: 5) { program, ann, _ in
      for left in [4, 3, 2, 1, 0] {
        let reply = try await program.get("/me")
        #expect(reply.status == .ok)
        #expect(reply.headers[APIRateLimit.limitHeader] == "5")
        #expect(reply.headers[APIRateLimit.remainingHeader] == "\(left)")
      }
      let over = try await program.get("/me")
      #expect(over.status == .tooManyRequests)
      let wait = try #require(over.headers[.retryAfter].flatMap { Int($0) })
      #expect((1...60).contains(wait))
      #expect(try await ann.get("/projects").status == .ok, "pages aren't counted")
      #expect(
        try await ann.send("/api/v1/me", .get, [.accept: "*/*"]).status == .ok,
        "the person's own are by themselves")
    }
  }

  @Test func `lists come in pages`() async throws {
    try await withAPI { program, _, _ in
      for name in ["alpha", "beta"] {
        #expect(try await program.post("/projects", ["name": .string(name)]).status == .created)
      }
      var names: [String] = []
      var path = "/projects?limit=2"
      while true {
        let page = try await program.get(path)
        names += (page.json["items"]?.array ?? []).compactMap { $0["name"]?.string }
        guard let next = page.json["next"]?.string else { break }
        path = "/projects?limit=2&cursor=\(next)"
      }
      #expect(names == ["alpha", "beta", "shop"])
    }
  }

  /// A path of a call with names that there are.
  static func example(_ route: APIRoute) -> String {
    var path = route.path
    for name in route.pathParameters {
      path = path.replacing("{\(name)}", with: OpenAPIDocument.sample(name))
    }
    let required = route.query.filter(\.isRequired).map {
      "\($0.name)=\($0.schema.sample.string ?? "")"
    }
    return required.isEmpty ? path : "\(path)?\(required.joined(separator: "&"))"
  }
}
