import Kubernetes
import Sandbox
import Testing

struct ApplyTests {
  @Test func `a field that is no longer applied goes when nobody else owns it`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default", "settings")
      _ = try await client.apply(path, Given.configMap("settings", ["a": "1", "b": "2"]))

      let answer = try await client.apply(path, Given.configMap("settings", ["a": "1"]))

      #expect(answer.json["data"] == ["a": "1"])
    }
  }

  @Test func `a field that somebody else owns too stays`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default", "settings")
      _ = try await client.apply(path, Given.configMap("settings", ["a": "1", "b": "2"]))
      _ = try await client.apply(path, Given.configMap("settings", ["b": "2"]), manager: "other")

      let answer = try await client.apply(path, Given.configMap("settings", ["a": "1"]))

      #expect(answer.json["data"] == ["a": "1", "b": "2"])
    }
  }

  @Test func `a conflict names owner and field, and force takes the field over`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default", "settings")
      _ = try await client.apply(path, Given.configMap("settings", ["a": "1"]))

      let mine = Given.configMap("settings", ["a": "2"])
      let refused = try await client.apply(path, mine, manager: "other")
      let forced = try await client.apply(path, mine, manager: "other", query: "&force=true")
      let back = try await client.apply(path, Given.configMap("settings", ["a": "1"]))

      #expect(refused.status == 409)
      let cause = refused.json.at("details", "causes")?[0]
      #expect(cause?["field"] == ".data.a")
      #expect(cause?["message"] == "conflict with \"babyhelm\" using v1")
      #expect(forced.json.at("data", "a") == "2")
      #expect(back.status == 409)
    }
  }

  @Test func `a container that is given up goes with everything in it`() async throws {
    try await withSandbox { client in
      let path = Path.deployments("default", "web")
      var two = Given.deployment("web")
      let sidecar: JSONValue = ["name": "side", "image": "sidecar:1"]
      var pod = two.at("spec", "template", "spec") ?? [:]
      pod["containers"] = .array((pod["containers"]?.array ?? []) + [sidecar])
      var template = two.at("spec", "template") ?? [:]
      template["spec"] = pod
      var spec = two["spec"] ?? [:]
      spec["template"] = template
      two["spec"] = spec
      let both = try await client.apply(path, two)

      let one = try await client.apply(path, Given.deployment("web"))

      func names(_ object: JSONValue) -> [String?] {
        let containers = object.at("spec", "template", "spec", "containers")?.array ?? []
        return containers.map { $0["name"]?.string }
      }
      #expect(names(both.json) == ["app", "side"])
      #expect(names(one.json) == ["app"])
    }
  }

  @Test func `applying the same again changes nothing, not even the version`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default", "settings")
      let first = try await client.apply(path, Given.configMap("settings"))

      let second = try await client.apply(path, Given.configMap("settings"))

      #expect(first.status == 201)
      #expect(second.status == 200)
      #expect(first.json == second.json)
    }
  }

  @Test func `a dry run answers like the real thing and stores nothing`() async throws {
    try await withSandbox { client in
      let path = Path.deployments("default", "web")

      let answer = try await client.apply(path, Given.deployment("web"), query: "&dryRun=All")
      let after = try await client.send(.get, path)

      #expect(answer.status == 201)
      #expect(answer.json.at("spec", "revisionHistoryLimit") == 10)
      #expect(answer.json.at("metadata", "resourceVersion") == nil)
      #expect(after.status == 404)
    }
  }

  @Test func `an unknown field is refused, also deep inside`() async throws {
    try await withSandbox { client in
      var manifest = Given.configMap("settings")
      manifest["dta"] = ["x": "y"]

      let answer = try await client.apply(Path.configMaps("default", "settings"), manifest)

      #expect(answer.status == 500)
      let message = answer.json["message"]?.string ?? ""
      #expect(message.contains(".dta: field not declared in schema"))
    }
  }

  @Test func `YAML bodies are applied like JSON`() async throws {
    try await withSandbox { client in
      let yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: \"1\"\n"

      let answer = try await client.send(
        .patch, Path.configMaps("default", "settings") + "?fieldManager=me", text: yaml,
        type: "application/apply-patch+yaml")

      #expect(answer.status == 201)
      #expect(answer.json["data"] == ["a": "1"])
    }
  }

  @Test func `quantities are stored in their canonical form`() async throws {
    try await withSandbox { client in
      let manifest = Given.deployment("web", cpu: "0.25")

      let answer = try await client.apply(Path.deployments("default", "web"), manifest)

      let container = answer.json.at("spec", "template", "spec", "containers")?[0]
      #expect(container?.at("resources", "requests", "cpu") == "250m")
    }
  }
}
