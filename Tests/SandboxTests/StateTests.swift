import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Sandbox

/// A cluster that is kept in a file.
@Suite(.timeLimit(.minutes(10)))
struct StateTests {
  /// A path in a folder of its own.
  private func withPath(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.appending(path: "state").path)
  }

  private func run(_ path: String, _ body: (SandboxClient) async throws -> Void) async throws {
    try await withStoppedSandbox(SandboxConfiguration(speed: 20, statePath: path), body)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: URL(filePath: path), encoding: .utf8)
  }

  @Test func `a restart keeps every object and goes on`() async throws {
    try await withPath { path in
      var kept: [JSONValue] = []
      try await run(path) { client in
        _ = try await client.apply(
          Path.deployments("default", "web"), Given.deployment("web", replicas: 3))
        _ = try await client.apply(Path.configMaps("default", "one"), Given.configMap("one"))
        _ = try await client.eventually(Path.deployments("default", "web")) {
          $0.at("status", "readyReplicas") == 3
        }
        kept = try await client.get(Path.pods("default")).items
      }

      try await run(path) { client in
        let pods = try await client.get(Path.pods("default")).items
        #expect(pods == kept, "the pods are the same and serve")
        let map = try await client.get(Path.configMaps("default", "one"))
        #expect(map["data"] == ["a": "1"])
        let nodes = try await client.get("/api/v1/nodes").items
        #expect(nodes.count == 3)

        _ = try await client.send(
          .patch, Path.deployments("default", "web"), ["spec": ["replicas": 5]],
          type: "application/merge-patch+json")
        let scaled = try await client.eventually(Path.deployments("default", "web")) {
          $0.at("status", "readyReplicas") == 5
        }
        #expect(scaled.at("status", "availableReplicas") == 5, "its controllers work")
        let all = try await client.get(Path.pods("default")).items
        #expect(Set(all.map(\.uid)).count == 5, "no name or UID is given twice")
        #expect(Set(all.compactMap { $0.at("status", "podIP")?.string }).count == 5)
      }
    }
  }

  @Test func `versions go on rising, and a watch from before lists again`() async throws {
    try await withPath { path in
      var before = 0
      let maps = Path.configMaps("default")
      func version(_ json: JSONValue) -> Int {
        json.at("metadata", "resourceVersion")?.string.flatMap { Int($0) } ?? 0
      }
      try await run(path) { client in
        before = version(try await client.apply("\(maps)/one", Given.configMap("one")).json)
      }

      try await run(path) { client in
        let now = version(try await client.get(maps))
        let kept = version(try await client.get("\(maps)/one"))
        let changed = version(
          try await client.apply("\(maps)/one", Given.configMap("one", ["b": "2"])).json)
        let lines = try await client.send(
          .get, "\(maps)?watch=true&resourceVersion=\(before)&timeoutSeconds=1"
        ).lines

        #expect(kept == before, "what didn't change keeps its version")
        #expect(now > before && changed > now)
        #expect(lines.map { $0.at("object", "code") } == [410])
      }
    }
  }

  @Test func `what was under way goes on after a restart`() async throws {
    try await withPath { path in
      let web = Path.deployments("default", "web")
      try await run(path) { client in
        _ = try await client.apply(web, Given.deployment("web", replicas: 4))
        try await client.makeNamespace("old")
        _ = try await client.send(.delete, "/api/v1/namespaces/old")
      }

      try await run(path) { client in
        _ = try await client.eventually(web) { $0.at("status", "readyReplicas") == 4 }
        _ = try await client.eventually("/api/v1/namespaces/old") { $0["code"] == 404 }
      }
    }
  }

  @Test func `a change is in the file soon, and only its owner may read it`() async throws {
    try await withPath { path in
      try await run(path) { client in
        _ = try await client.apply(Path.configMaps("default", "one"), Given.configMap("one"))

        try await eventually("the change is written", within: .seconds(5)) {
          (try? text(path))?.contains(#""name":"one""#) == true
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
      let folder = URL(filePath: path).deletingLastPathComponent().path
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(files.sorted() == ["state", "state.lock"], "nothing else is left")
    }
  }

  @Test func `a second sandbox on the same file doesn't start, and a later one does`()
    async throws
  {
    try await withPath { path in
      try await run(path) { _ in
        let second = SandboxServer(
          configuration: SandboxConfiguration(statePath: path), logger: quietLogger)

        let error = await #expect(throws: SandboxStateError.self) { try await second.run() }

        #expect(
          error?.description
            == "The state of the sandbox in \(path) is used by another sandbox. Stop that one, or "
            + "choose another file.")
      }
      try await run(path) { client in
        let answer = try await client.send(.get, "/api/v1/namespaces/default")
        #expect(answer.status == 200)
      }
    }
  }

  @Test func `without a file everything is thrown away`() async throws {
    try await withSandbox { client in
      _ = try await client.apply(Path.configMaps("default", "one"), Given.configMap("one"))
    }
    try await withSandbox { client in
      let answer = try await client.send(.get, Path.configMaps("default", "one"))
      #expect(answer.status == 404)
    }
  }

  @Test(arguments: [
    ("a letter\n", "holds no whole state of a sandbox: it doesn't begin like one."),
    ("", "holds no whole state of a sandbox: it doesn't begin like one."),
    (#"{"babyhelm-sandbox":2}"#, "was written by a newer BabyHelm."),
    (#"{"babyhelm-sandbox":1}"#, "line 1 lacks something."),
    (
      #"{"babyhelm-sandbox":1,"revision":7,"random":"1","nextPodAddress":2,"objects":3}"#,
      "a part of it is missing."
    ),
    (
      #"{"babyhelm-sandbox":1,"revision":7,"random":"1","nextPodAddress":2,"objects":1}"#
        + "\n{\"kind\":\"Pod\"}\n",
      "line 2 is no object."
    ),
  ])
  func `a file that is broken or newer is told, and left alone`(
    content: String, reason: String
  ) async throws {
    try await withPath { path in
      try Data(content.utf8).write(to: URL(filePath: path))
      let server = SandboxServer(
        configuration: SandboxConfiguration(statePath: path), logger: quietLogger)

      let error = await #expect(throws: SandboxStateError.self) { try await server.run() }

      let sentence = try #require(error?.description)
      await #expect(throws: SandboxServer.NotListening.self) { try await server.listening() }
      #expect(sentence.contains(path) && sentence.contains(reason), "\(sentence)")
      #expect(try text(path) == content)
    }
  }

  @Test func `a folder that isn't there is told at the start`() async throws {
    let server = SandboxServer(
      configuration: SandboxConfiguration(statePath: "/nowhere/at/all"), logger: quietLogger)

    let error = await #expect(throws: SandboxStateError.self) { try await server.run() }

    #expect(
      error?.description
        == "The state of the sandbox can't be written to /nowhere/at/all. Choose another file.")
  }

  @Test func `a sandbox whose port is taken doesn't touch the other's file`() async throws {
    try await withPath { path in
      try await run(path) { client in
        try await eventually("the file is there") { (try? text(path)) != nil }
        _ = try await client.apply(Path.configMaps("default", "one"), Given.configMap("one"))
        try await eventually("it is written") {
          (try? text(path))?.contains(#""name":"one""#) == true
        }
        let content = try text(path)
        let second = SandboxServer(
          configuration: SandboxConfiguration(port: client.port, statePath: path),
          logger: quietLogger)

        await #expect(throws: (any Error).self) { try await second.run() }

        #expect(try text(path) == content)
      }
    }
  }
}

/// Runs a sandbox, stops it as a service manager does, and waits for its end.
private func withStoppedSandbox(
  _ configuration: SandboxConfiguration, _ body: (SandboxClient) async throws -> Void
) async throws {
  let server = SandboxServer(configuration: configuration, logger: quietLogger)
  let running = Task { try await server.run() }
  let port = try await server.listening()
  do {
    try await body(SandboxClient(server: server, port: port))
  } catch {
    running.cancel()
    throw error
  }
  running.cancel()
  try? await running.value
}
