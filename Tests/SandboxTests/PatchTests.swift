import Kubernetes
import Sandbox
import Testing

struct PatchTests {
  @Test func `a strategic patch merges containers by name`() async throws {
    try await withSandbox { client in
      let path = Path.deployments("default", "web")
      _ = try await client.apply(path, Given.deployment("web"))
      let container: JSONValue = ["name": "app", "image": "nginx:2"]
      let patch: JSONValue = ["spec": ["template": ["spec": ["containers": [container]]]]]

      let answer = try await client.send(
        .patch, path, patch, type: "application/strategic-merge-patch+json")

      let containers = answer.json.at("spec", "template", "spec", "containers")
      #expect(containers?.array?.count == 1)
      #expect(containers?[0]?["image"] == "nginx:2")
      #expect(containers?[0]?["ports"] != nil)
    }
  }

  @Test func `a merge patch removes with null`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default", "settings")
      _ = try await client.apply(path, Given.configMap("settings", ["a": "1", "b": "2"]))

      let answer = try await client.send(
        .patch, path, ["data": ["a": nil]], type: "application/merge-patch+json")

      #expect(answer.json["data"] == ["b": "2"])
    }
  }

  @Test func `a JSON patch whose test fails changes nothing`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default", "settings")
      _ = try await client.apply(path, Given.configMap("settings"))
      let patch: JSONValue = [
        ["op": "replace", "path": "/data/a", "value": "2"],
        ["op": "test", "path": "/data/a", "value": "3"],
      ]

      let answer = try await client.send(
        .patch, path, patch, type: "application/json-patch+json")

      #expect(answer.status == 422)
      #expect(try await client.get(path).at("data", "a") == "1")
    }
  }

  @Test func `an unknown media type is refused`() async throws {
    try await withSandbox { client in
      let answer = try await client.send(
        .patch, Path.configMaps("default", "settings"), [:], type: "text/plain")

      #expect(answer.status == 415)
    }
  }
}
