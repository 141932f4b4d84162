import Kubernetes
import Sandbox
import Testing

struct WatchTests {
  @Test func `a watch resumes where it stopped, without gap or repetition`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default")
      let first = try await client.apply("\(path)/one", Given.configMap("one"))
      let version = first.json.at("metadata", "resourceVersion")?.string ?? ""
      _ = try await client.apply("\(path)/two", Given.configMap("two"))
      _ = try await client.send(.delete, "\(path)/one")

      let lines = try await client.send(
        .get, "\(path)?watch=true&resourceVersion=\(version)&timeoutSeconds=1"
      ).lines

      let seen = lines.map { line in
        let name = line.at("object", "metadata", "name")?.string ?? ""
        return "\(line["type"]?.string ?? "") \(name)"
      }
      #expect(seen == ["ADDED two", "DELETED one"])
    }
  }

  @Test func `a version that is no longer held is expired`() async throws {
    try await withSandbox(SandboxConfiguration(speed: 20, historyLimit: 2)) { client in
      let path = Path.configMaps("default")
      let first = try await client.apply("\(path)/one", Given.configMap("one"))
      let version = first.json.at("metadata", "resourceVersion")?.string ?? ""
      for number in 1...4 {
        _ = try await client.apply("\(path)/one", Given.configMap("one", ["a": "\(number)"]))
      }

      let lines = try await client.send(
        .get, "\(path)?watch=true&resourceVersion=\(version)&timeoutSeconds=1"
      ).lines

      #expect(lines.count == 1)
      #expect(lines.first?["type"] == "ERROR")
      #expect(lines.first?.at("object", "code") == 410)
      #expect(lines.first?.at("object", "reason") == "Expired")
    }
  }

  @Test func `an object that leaves a selector is deleted for its watchers`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("default")
      var object = Given.configMap("one")
      object["metadata"] = ["name": "one", "labels": ["team": "a"]]
      let first = try await client.send(.post, path, object)
      let version = first.json.at("metadata", "resourceVersion")?.string ?? ""
      _ = try await client.send(
        .patch, "\(path)/one", ["metadata": ["labels": ["team": "b"]]],
        type: "application/merge-patch+json")

      func types(_ team: String) async throws -> [String?] {
        try await client.send(
          .get,
          "\(path)?watch=true&labelSelector=team%3D\(team)&resourceVersion=\(version)"
            + "&timeoutSeconds=1"
        ).lines.map { $0["type"]?.string }
      }
      async let left = types("a")
      async let entered = types("b")

      #expect(try await left == ["DELETED"])
      #expect(try await entered == ["ADDED"])
    }
  }

  @Test func `pages join to the whole list`() async throws {
    try await withSandbox { client in
      let path = Path.configMaps("kube-public")
      for number in 10..<20 {
        var object = Given.configMap("page-\(number)")
        object["metadata"] = ["name": .string("page-\(number)"), "labels": ["set": "page"]]
        _ = try await client.send(.post, path, object)
      }

      var names: [String] = []
      var token = ""
      repeat {
        let page = try await client.get("\(path)?labelSelector=set&limit=3&continue=\(token)")
        names += page.items.compactMap { $0.at("metadata", "name")?.string }
        token = page.at("metadata", "continue")?.string ?? ""
      } while !token.isEmpty

      #expect(names == (10..<20).map { "page-\($0)" })
    }
  }
}
