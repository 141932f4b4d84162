import Kubernetes
import Sandbox
import Testing

struct NamespaceTests {
  @Test func `a deleted namespace refuses new content, then goes with all it has`() async throws {
    try await withSandbox { client in
      try await client.makeNamespace("shop")
      _ = try await client.apply(Path.deployments("shop", "web"), Given.deployment("web"))
      _ = try await client.eventually(Path.pods("shop")) { $0.items.count == 2 }

      let deleted = try await client.send(.delete, "/api/v1/namespaces/shop")
      let late = try await client.send(.post, Path.configMaps("shop"), Given.configMap("late"))

      #expect(deleted.json.at("status", "phase") == "Terminating")
      #expect(late.status == 403)
      _ = try await client.eventually("/api/v1/namespaces/shop") { $0["code"] == 404 }
      #expect(try await client.get(Path.pods("shop")).items.isEmpty)
    }
  }

  @Test func `a quota refuses pods, and the deployment says so`() async throws {
    try await withSandbox { client in
      try await client.makeNamespace("tiny")
      let quota: JSONValue = [
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "project"],
        "spec": ["hard": ["requests.cpu": "250m", "pods": "10"]],
      ]
      _ = try await client.send(.post, "/api/v1/namespaces/tiny/resourcequotas", quota)

      _ = try await client.apply(
        Path.deployments("tiny", "web"), Given.deployment("web", replicas: 3))

      let deployment = try await client.eventually(Path.deployments("tiny", "web")) {
        $0.condition("ReplicaFailure") != nil && $0.at("status", "readyReplicas") == 2
      }
      let message = deployment.condition("ReplicaFailure")?["message"]?.string ?? ""
      #expect(
        message.hasSuffix(
          "exceeded quota: project, requested: requests.cpu=100m, used: requests.cpu=200m, "
            + "limited: requests.cpu=250m"), "\(message)")
      let used = try await client.eventually("/api/v1/namespaces/tiny/resourcequotas/project") {
        $0.at("status", "used", "pods") == "2"
      }
      #expect(used.at("status", "used", "requests.cpu") == "200m")
    }
  }

  @Test func `a deployment grows once its quota does`() async throws {
    try await withSandbox { client in
      try await client.makeNamespace("tiny")
      let path = "/api/v1/namespaces/tiny/resourcequotas"
      let quota: JSONValue = [
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "project"],
        "spec": ["hard": ["pods": "1"]],
      ]
      _ = try await client.send(.post, path, quota)
      _ = try await client.apply(Path.deployments("tiny", "web"), Given.deployment("web"))
      _ = try await client.eventually(Path.deployments("tiny", "web")) {
        $0.condition("ReplicaFailure") != nil
      }

      _ = try await client.send(
        .patch, "\(path)/project", ["spec": ["hard": ["pods": "5"]]],
        type: "application/merge-patch+json")

      _ = try await client.eventually(Path.deployments("tiny", "web")) {
        $0.at("status", "readyReplicas") == 2 && $0.condition("ReplicaFailure") == nil
      }
    }
  }

  @Test func `pod security refuses what the namespace doesn't allow`() async throws {
    try await withSandbox { client in
      try await client.makeNamespace(
        "safe", labels: ["pod-security.kubernetes.io/enforce": "baseline"])
      let container: JSONValue = [
        "name": "c", "image": "nginx", "securityContext": ["privileged": true],
      ]
      let pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
        "spec": ["containers": [container]],
      ]

      let answer = try await client.send(.post, Path.pods("safe"), pod)

      #expect(answer.status == 403)
      #expect(
        answer.json["message"]?.string?.contains("violates PodSecurity \"baseline:latest\"") == true
      )
    }
  }

  @Test func `a wrong token and none are refused`() async throws {
    try await withSandbox { client in
      for value in ["Bearer wrong", ""] {
        let answer = try await client.send(
          .get, "/api/v1/namespaces", headers: ["Authorization": value])
        #expect(answer.status == 401)
      }
    }
  }
}
