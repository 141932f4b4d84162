import Kubernetes
import Testing

@testable import Sandbox

/// Tokens of service accounts (Kubernetes API, TokenRequest).
@Suite(.timeLimit(.minutes(10)))
struct AccountTokenTests {
  private func request(_ seconds: Int) -> JSONValue {
    [
      "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
      "spec": ["expirationSeconds": .integer(Int64(seconds))],
    ]
  }

  private func makeAccount(_ client: SandboxClient) async throws {
    let account: JSONValue = [
      "apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "ann"],
    ]
    let answer = try await client.send(
      .post, "/api/v1/namespaces/default/serviceaccounts", account)
    #expect(answer.status == 201)
  }

  private static let tokens = "/api/v1/namespaces/default/serviceaccounts/ann/token"

  @Test(arguments: [
    (599, "may not specify a duration less than 10 minutes"),
    (4_294_967_297, "may not specify a duration larger than 2^32 seconds"),
  ])
  func `a token for too short or too long is refused`(
    seconds: Int, message: String
  ) async throws {
    try await withSandbox { client in
      try await makeAccount(client)

      let answer = try await client.send(.post, Self.tokens, request(seconds))

      #expect(answer.status == 422)
      #expect(answer.json["message"]?.string?.contains(message) == true)
    }
  }

  @Test func `a token opens what its account is bound to, until the account is gone`()
    async throws
  {
    try await withSandbox { client in
      try await makeAccount(client)
      let binding: JSONValue = [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": "ann"],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
        ],
        "subjects": [["kind": "ServiceAccount", "name": "ann", "namespace": "default"]],
      ]
      let bound = try await client.send(
        .post, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", binding)
      #expect(bound.status == 201)
      let answer = try await client.send(.post, Self.tokens, request(600))
      let token = try #require(answer.json.at("status", "token")?.string)
      let headers = ["Authorization": "Bearer \(token)"]

      let pods = try await client.send(
        .get, "/api/v1/namespaces/default/pods", headers: headers)
      let byPath = try await client.send(
        .get, "/cluster/\(token)/api/v1/namespaces/default/pods", headers: ["Authorization": ""])
      let secrets = try await client.send(
        .get, "/api/v1/namespaces/default/secrets", headers: headers)
      let elsewhere = try await client.send(
        .get, "/api/v1/namespaces/kube-system/pods", headers: headers)
      _ = try await client.send(.delete, "/api/v1/namespaces/default/serviceaccounts/ann")
      let afterwards = try await client.send(
        .get, "/api/v1/namespaces/default/pods", headers: headers)

      #expect(pods.status == 200)
      #expect(byPath.status == 200)
      #expect(secrets.status == 403)
      #expect(elsewhere.status == 403)
      #expect(afterwards.status == 401)
    }
  }
}
