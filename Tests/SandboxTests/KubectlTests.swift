import Foundation
import Kubernetes
import Sandbox
import Testing

/// The real kubectl works on the sandbox.
@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: "/usr/bin/kubectl"),
    "kubectl isn't at /usr/bin/kubectl")
)
struct KubectlTests {
  private struct Result {
    var status: Int32
    var output: String
  }

  private func kubectl(_ client: SandboxClient, _ arguments: String...) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kubectl-\(client.port)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let config = folder.appending(path: "config")
    try Data(client.server.kubeconfigText().utf8).write(to: config)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/kubectl")
    process.arguments = arguments
    process.environment = ["KUBECONFIG": config.path, "HOME": folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { process in
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        continuation.resume(
          returning: Result(
            status: process.terminationStatus, output: String(decoding: data, as: UTF8.self)))
      }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }

  private func file(_ object: JSONValue) throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
    try Data(object.serialized()).write(to: url)
    return url.path
  }

  @Test func `get, apply, scale, rollout and delete`() async throws {
    try await withSandbox { client in
      let manifest = try file(Given.deployment("web"))

      let applied = try await kubectl(client, "apply", "-f", manifest)
      let again = try await kubectl(client, "apply", "-f", manifest)
      let rolled = try await kubectl(
        client, "rollout", "status", "deployment/web", "--timeout=20s")
      let scaled = try await kubectl(client, "scale", "deployment/web", "--replicas=3")
      _ = try await client.eventually(Path.deployments("default", "web")) {
        $0.at("status", "readyReplicas") == 3
      }
      let listed = try await kubectl(client, "get", "deployments")
      let restarted = try await kubectl(client, "rollout", "restart", "deployment/web")
      let deleted = try await kubectl(client, "delete", "-f", manifest)

      #expect(applied.output == "deployment.apps/web created\n")
      #expect(again.output == "deployment.apps/web unchanged\n")
      #expect(rolled.status == 0, "\(rolled.output)")
      #expect(scaled.status == 0, "\(scaled.output)")
      #expect(listed.output.contains("READY"), "\(listed.output)")
      #expect(listed.output.contains("3/3"), "\(listed.output)")
      #expect(restarted.status == 0, "\(restarted.output)")
      #expect(deleted.status == 0, "\(deleted.output)")
    }
  }

  @Test func `apply --server-side`() async throws {
    try await withSandbox { client in
      let manifest = try file(Given.deployment("web"))

      let applied = try await kubectl(client, "apply", "--server-side", "-f", manifest)

      #expect(applied.output == "deployment.apps/web serverside-applied\n")
    }
  }
}
