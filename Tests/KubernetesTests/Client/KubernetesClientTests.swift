import Foundation
import Kubernetes
import Testing

@Suite(.timeLimit(.minutes(10)))
struct KubernetesClientTests {
  private static let pod: JSONValue = [
    "metadata": ["name": "a", "namespace": "shop", "resourceVersion": "5"]
  ]

  /// Runs a client against a scenario.
  private func play(
    credentials: any CredentialsProvider = StaticCredentials(), timeout: Duration = .seconds(10),
    _ scenario: @escaping ScriptedServer.Scenario,
    _ body: (KubernetesClient, ScriptedServer) async throws -> Void
  ) async throws {
    try await ScriptedServer.run(scenario: scenario) { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)"))
      let configuration = ClusterConfiguration(server: url, credentials: credentials)
      try await withClient(configuration, timeout: timeout) { try await body($0, server) }
    }
  }

  @Test func `a request carries token, accepted format and body`() async throws {
    try await play(credentials: StaticCredentials(.bearer("t"))) { _ in
      .answer(
        Self.pod, status: 201,
        headers: [#"Warning: 299 - "careful, \"this\"", 299 - "and that""#])
    } _: { client, server in
      let written = try await client.apply(
        ["kind": "Pod"], .pod, name: "a", namespace: "shop", ApplyOptions(fieldManager: "me"))

      #expect(written.object == Self.pod)
      #expect(written.isCreated)
      #expect(written.warnings == [#"careful, "this""#, "and that"])
      let request = try #require(server.requests.first)
      #expect(request.method == "PATCH")
      #expect(
        request.target
          == "/api/v1/namespaces/shop/pods/a?fieldManager=me&fieldValidation=Strict")
      #expect(request.headers["authorization"] == "Bearer t")
      #expect(request.headers["accept"] == "application/json, */*")
      #expect(request.headers["content-type"] == "application/apply-patch+yaml")
      #expect(request.body == #"{"kind":"Pod"}"#)
    }
  }

  @Test func `requests one after the other share a connection`() async throws {
    try await play { _ in
      .answer(Self.pod)
    } _: { client, server in
      for _ in 0..<20 { _ = try await client.get(CoreV1.Pod.self, name: "a", namespace: "b") }

      #expect(server.requests.count == 20)
      #expect(server.connections == 1)
    }
  }

  @Test func `a server may have a path of its own`() async throws {
    try await ScriptedServer.run { _ in
      .answer(Self.pod)
    } _: { server in
      let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/k8s/clusters/c-1/"))
      try await withClient(ClusterConfiguration(server: url)) { client in
        _ = try await client.getObject(.pod, name: "a", namespace: "b")
      }
      #expect(
        server.requests.map(\.target) == ["/k8s/clusters/c-1/api/v1/namespaces/b/pods/a"])
    }
  }

  @Test func `a list has its items, its version, and what couldn't be read`() async throws {
    let list: JSONValue = [
      "metadata": ["resourceVersion": "9", "continue": "more", "remainingItemCount": 3],
      "items": [Self.pod, ["metadata": ["name": "bad", "labels": 5]]],
    ]
    try await play { _ in
      .answer(list)
    } _: { client, _ in
      let pods = try await client.list(CoreV1.Pod.self, namespace: "shop")

      #expect(pods.items.map(\.metadata.name) == ["a"])
      #expect(pods.resourceVersion == "9")
      #expect(pods.continueToken == "more")
      #expect(pods.remainingItemCount == 3)
      #expect(pods.failures.map(\.name) == ["bad"])
      #expect(pods.failures.map(\.error.path) == ["metadata.labels"])

      let objects = try await client.listObjects(.pod)
      #expect(objects.items.count == 2)
    }
  }

  @Test func `an empty list may be null`() async throws {
    try await play { _ in
      .answer(["metadata": ["resourceVersion": "1"], "items": nil])
    } _: {
      client, _ in
      let pods = try await client.list(CoreV1.Pod.self)
      #expect(pods.items.isEmpty)
    }
  }

  @Test func `a refusal is the server's status`() async throws {
    try await play { _ in
      .refusal(404, "NotFound")
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) {
        try await client.get(CoreV1.Pod.self, name: "a", namespace: "b")
      }

      #expect(error?.isNotFound == true)
    }
  }

  @Test(arguments: [
    (502, "<html><body>Bad Gateway</body></html>", "an answer that is no Kubernetes status"),
    (403, "denied by the proxy\nmore", "denied by the proxy"),
    (500, "", "an answer that is no Kubernetes status"),
    (404, #"{"kind":"Other"}"#, #"{"kind":"Other"}"#),
  ])
  func `a refusal that isn't a status becomes one`(
    code: Int, body: String, message: String
  ) async throws {
    try await play { _ in
      .text(code, body)
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) {
        try await client.getObject(.pod, name: "a", namespace: "b")
      }

      #expect(error?.status == Status(reason: "", code: code, message: message))
    }
  }

  @Test func `an answer that isn't JSON is undecodable`() async throws {
    try await play { _ in
      .text(200, "<html>")
    } _: { client, _ in
      let error = await #expect(throws: KubernetesError.self) { try await client.version() }

      guard case .undecodable = error else {
        Issue.record("it is \(String(describing: error))")
        return
      }
    }
  }

  @Test func `redirects aren't followed`() async throws {
    try await play { _ in
      .text(302, "", headers: ["Location: http://127.0.0.1:1/"])
    } _: {
      client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(error?.status?.code == 302)
      #expect(server.requests.count == 1)
    }
  }

  // MARK: - Repeating

  @Test func `a read is repeated when the server asks for it`() async throws {
    try await play { request in
      request.number < 3
        ? .refusal(429, "TooManyRequests", headers: ["Retry-After: 0"]) : .answer(Self.pod)
    } _: { client, server in
      _ = try await client.get(CoreV1.Pod.self, name: "a", namespace: "b")

      #expect(server.requests.count == 3)
    }
  }

  @Test func `repeating has an end`() async throws {
    try await play { _ in
      .refusal(503, "ServiceUnavailable", headers: ["Retry-After: 0"])
    } _: {
      client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(error?.isUnavailable == true)
      #expect(server.requests.count == 3)
    }
  }

  @Test func `waiting longer than the call may take is left to the caller`() async throws {
    try await play(timeout: .seconds(5)) { _ in
      .refusal(429, "TooManyRequests", headers: ["Retry-After: 60"])
    } _: { client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

      #expect(error?.isTooManyRequests == true)
      #expect(error?.retryAfter == .seconds(60))
      #expect(server.requests.count == 1)
    }
  }

  @Test func `a create is never repeated, an apply is`() async throws {
    try await play { request in
      request.method == "PATCH" && request.number > 2
        ? .answer(Self.pod) : .refusal(503, "Busy", headers: ["Retry-After: 0"])
    } _: { client, server in
      await #expect(throws: KubernetesError.self) {
        try await client.create([:], .pod, namespace: "b")
      }
      #expect(server.requests.count == 1)

      try await client.apply(
        [:], .pod, name: "a", namespace: "b", ApplyOptions(fieldManager: "me"))
      #expect(server.requests.count == 3)
    }
  }

  @Test func `a lost connection repeats reads and not deletes`() async throws {
    try await play { request in
      request.number % 2 == 1 ? [.close] : .answer(Self.pod)
    } _: {
      client, server in
      _ = try await client.getObject(.pod, name: "a", namespace: "b")
      #expect(server.requests.count == 2)

      let error = await #expect(throws: KubernetesError.self) {
        try await client.delete(.pod, name: "a", namespace: "b")
      }
      #expect(
        error
          == .unreachable(address: "http://127.0.0.1:\(server.port)", .connectionLost))
      #expect(server.requests.count == 3)
    }
  }

  @Test func `refused credentials are renewed once`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("token", "old")
    let credentials = TokenFileCredentials(file: file)
    try await play(credentials: credentials) { request in
      request.headers["authorization"] == "Bearer new"
        ? .answer(Self.pod) : .refusal(401, "Unauthorized")
    } _: { client, server in
      let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }
      #expect(error?.isUnauthorized == true)
      #expect(server.requests.count == 1)

      try folder.write("token", "new")
      _ = try await client.getObject(.pod, name: "a", namespace: "b")
      #expect(server.requests.map { $0.headers["authorization"] }.last == "Bearer new")
    }
  }

  // MARK: - Small calls

  @Test func `scale is read and written`() async throws {
    try await play { request in
      request.method == "GET" ? .answer(["spec": ["replicas": 4]]) : .answer(["spec": [:]])
    } _: { client, server in
      #expect(try await client.scale(.deployment, name: "web", namespace: "shop") == 4)
      try await client.setScale(.deployment, name: "web", namespace: "shop", replicas: 0)

      let request = try #require(server.requests.last)
      #expect(request.target == "/apis/apps/v1/namespaces/shop/deployments/web/scale")
      #expect(request.headers["content-type"] == "application/merge-patch+json")
      #expect(request.body == #"{"spec":{"replicas":0}}"#)
    }
  }

  @Test func `version, review, token and logs are read`() async throws {
    try await play { request in
      switch request.target {
      case "/version": .answer(["gitVersion": "v1.36.0", "major": "1", "minor": "36"])
      case let target where target.hasSuffix("/token"):
        .answer(
          ["status": ["token": "t", "expirationTimestamp": "2026-01-01T00:00:00Z"]], status: 201)
      case let target where target.contains("/log"): .text(200, "one\ntwo\n")
      default: .answer(["status": ["allowed": false, "reason": "no"]], status: 201)
      }
    } _: { client, _ in
      #expect(try await client.version().gitVersion == "v1.36.0")
      let review = try await client.selfSubjectAccessReview(.init(verb: "get", type: .pod))
      #expect(!review.isAllowed)
      #expect(review.reason == "no")
      let token = try await client.token(serviceAccount: "a", namespace: "b")
      #expect(token.value == "t")
      #expect(try await client.podLogs(pod: "a", namespace: "b") == "one\ntwo\n")
    }
  }
}
