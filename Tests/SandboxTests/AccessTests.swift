import Foundation
import Kubernetes
import Testing

@testable import Sandbox

/// What a role lets clients do, and how a refusal looks.
@Suite(.timeLimit(.minutes(10)))
struct AccessTests {
  private static let account = "system:serviceaccount:babyhelm:babyhelm"

  private func withRole(
    _ rules: [SandboxRole.Rule], _ body: (SandboxClient) async throws -> Void
  ) async throws {
    let configuration = SandboxConfiguration(speed: 20, role: SandboxRole(rules: rules))
    try await withSandbox(configuration, body)
  }

  private func rule(_ verbs: String..., on resource: String, named: [String] = [])
    -> SandboxRole.Rule
  {
    SandboxRole.Rule(verbs: verbs, groups: [""], resources: [resource], names: named)
  }

  private func isAllowed(
    _ client: SandboxClient, _ attributes: JSONValue
  ) async throws -> Bool? {
    let review: JSONValue = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
      "spec": ["resourceAttributes": attributes],
    ]
    let path = ResourceType.selfSubjectAccessReview.path()
    return try await client.send(.post, path, review).json.at("status", "allowed")?.bool
  }

  /// The shape that limited-account.json records.
  @Test func `what no rule grants is refused as by a real API server`() async throws {
    try await withRole([rule("get", on: "configmaps")]) { client in
      let namespace = try await client.send(.delete, "/api/v1/namespaces/default")
      let nodes = try await client.send(.get, "/api/v1/nodes")
      let absent = try await client.send(.get, Path.configMaps("default", "none"))

      #expect(namespace.status == 403)
      let status: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
        "message": .string(
          "namespaces \"default\" is forbidden: User \"\(Self.account)\" cannot delete resource "
            + "\"namespaces\" in API group \"\" in the namespace \"default\""),
        "reason": "Forbidden", "details": ["name": "default", "kind": "namespaces"], "code": 403,
      ]
      #expect(namespace.json == status)
      #expect(
        nodes.json["message"]?.string
          == "nodes is forbidden: User \"\(Self.account)\" cannot list resource \"nodes\" in API "
          + "group \"\" at the cluster scope")
      #expect(absent.status == 404, "who may read is told that there is nothing")
    }
  }

  @Test func `an apply needs create as well when nothing is there`() async throws {
    try await withRole([rule("get", "patch", on: "configmaps")]) { client in
      let path = Path.configMaps("default", "one")

      let refused = try await client.apply(path, Given.configMap("one"))

      #expect(refused.status == 403)
      #expect(refused.json["message"]?.string?.contains("cannot create resource") == true)
      let read = try await client.send(.get, path)
      #expect(read.status == 404)
    }
    try await withRole([rule("create", "patch", on: "configmaps")]) { client in
      let made = try await client.apply(
        Path.configMaps("default", "one"), Given.configMap("one"))
      #expect(made.status == 201)
    }
  }

  @Test func `a rule may name objects and subresources`() async throws {
    let rules = [rule("get", on: "secrets", named: ["one"]), rule("get", on: "pods/log")]
    try await withRole(rules) { client in
      let one = try await client.send(.get, "/api/v1/namespaces/default/secrets/one")
      let two = try await client.send(.get, "/api/v1/namespaces/default/secrets/two")
      let pod = try await client.send(.get, "/api/v1/namespaces/default/pods/web")
      let log = try await client.send(.get, "/api/v1/namespaces/default/pods/web/log")

      let statuses = [one.status, two.status, pod.status, log.status]
      #expect(statuses == [404, 403, 403, 404])
    }
  }

  @Test func `a review of one's own access says the same`() async throws {
    let rules = [rule("get", on: "secrets", named: ["one"]), rule("get", on: "pods/log")]
    try await withRole(rules) { client in
      let one = try await isAllowed(
        client, ["verb": "get", "resource": "secrets", "name": "one"])
      let all = try await isAllowed(client, ["verb": "get", "resource": "secrets"])
      let log = try await isAllowed(
        client, ["verb": "get", "resource": "pods", "subresource": "log"])
      let pod = try await isAllowed(client, ["verb": "get", "resource": "pods"])

      #expect(one == true && all == false && log == true && pod == false)
    }
    try await withSandbox { client in
      let anything = try await isAllowed(client, ["verb": "delete", "resource": "nodes"])
      #expect(anything == true, "without a role everything is allowed")
    }
  }

  @Test func `who may not impersonate can't become an admin`() async throws {
    try await withRole([rule("get", on: "configmaps")]) { client in
      let answer = try await client.send(
        .get, "/api/v1/nodes",
        headers: ["Impersonate-User": "root", "Impersonate-Group": "system:masters"])

      #expect(answer.status == 403)
      #expect(answer.json["message"]?.string?.contains("cannot impersonate") == true)
    }
  }

  @Test func `an admin may do everything, and isn't counted`() async throws {
    try await withRole([]) { client in
      let admin = ["Authorization": "Bearer \(client.server.adminToken)"]
      let answer = try await client.send(.get, "/api/v1/nodes", headers: admin)

      #expect(answer.status == 200)
      #expect(client.server.traffic.accesses.isEmpty)
    }
  }

  @Test func `requests are counted as access control sees them, and in the metrics`()
    async throws
  {
    try await withSandbox { client in
      _ = try await client.apply(Path.configMaps("default", "one"), Given.configMap("one"))
      _ = try await client.apply(Path.configMaps("default", "one"), Given.configMap("one"))
      _ = try await client.send(.get, "/api/v1/pods")
      _ = try await client.send(.get, "/api/v1/namespaces/default/pods/web/log")

      func access(
        _ verb: String, _ resource: String, _ subresource: String = "", in namespace: String?
      ) -> SandboxTraffic.Access {
        .init(
          verb: verb, group: "", resource: resource, subresource: subresource,
          namespace: namespace)
      }
      let counts: [SandboxTraffic.Access: Int] = [
        access("patch", "configmaps", in: "default"): 2,
        access("create", "configmaps", in: "default"): 1,
        access("list", "pods", in: nil): 1, access("get", "pods", "log", in: "default"): 1,
      ]
      #expect(client.server.traffic.accesses == counts)
      let metrics = try await client.send(.get, "/metrics").text
      #expect(
        metrics.contains(
          #"apiserver_request_total{group="",resource="configmaps",scope="namespace",subresource="",verb="PATCH"} 2"#
        ))
    }
  }

  @Test(arguments: [
    ("kind: Role", "it holds no ClusterRole"), ("a: [", "it is no YAML"),
    ("kind: ClusterRole\n---\nkind: ClusterRole", "it holds several ClusterRoles"),
    (
      "kind: ClusterRole\nrules:\n- verbs: [get]",
      "its rule 1 needs verbs, apiGroups and resources"
    ),
  ])
  func `a manifest that is no role is told`(manifest: String, reason: String) {
    let error = #expect(throws: SandboxRoleError.self) { try SandboxRole(manifest: manifest) }
    #expect(error?.description == reason)
  }

  @Test func `a role is read from among other manifests`() throws {
    let role = try SandboxRole(
      manifest: """
        # Why
        apiVersion: v1
        kind: ServiceAccount
        ---
        kind: ClusterRole
        rules:
        - apiGroups: [apps]
          resources: [deployments]
          verbs: [get]
        - nonResourceURLs: [/metrics]
          verbs: [get]
        """)
    #expect(
      role.rules
        == [SandboxRole.Rule(verbs: ["get"], groups: ["apps"], resources: ["deployments"])])
  }
}
