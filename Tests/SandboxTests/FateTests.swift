import Kubernetes
import Sandbox
import Testing

struct FateTests {
  private func container(_ pods: JSONValue) -> JSONValue {
    pods.items.first?.at("status", "containerStatuses")?[0] ?? [:]
  }

  @Test(arguments: [
    ("registry.invalid/broken:1", "ImagePullBackOff"), ("crash:1", "CrashLoopBackOff"),
    ("oom:1", "CrashLoopBackOff"),
  ])
  func `an image that fails is seen waiting`(image: String, reason: String) async throws {
    try await withSandbox { client in
      _ = try await client.apply(
        Path.deployments("default", "web"), Given.deployment("web", image: image, replicas: 1))

      _ = try await client.eventually(Path.pods("default")) {
        container($0).at("state", "waiting", "reason")?.string == reason
      }
    }
  }

  @Test(arguments: [("crash:1", 1, "Error"), ("oom:1", 137, "OOMKilled")])
  func `a container that stops is restarted, and says how it ended`(
    image: String, code: Int, reason: String
  ) async throws {
    try await withSandbox(SandboxConfiguration(speed: 50)) { client in
      _ = try await client.apply(
        Path.deployments("default", "web"), Given.deployment("web", image: image, replicas: 1))

      let pods = try await client.eventually(Path.pods("default")) {
        (container($0)["restartCount"]?.int ?? 0) >= 2
          && container($0).at("lastState", "terminated") != nil
      }

      let end = container(pods).at("lastState", "terminated")
      #expect(end?["exitCode"]?.int == code)
      #expect(end?["reason"]?.string == reason)
      let events = try await client.get(
        "/api/v1/namespaces/default/events?fieldSelector=type%3DWarning")
      #expect(events.items.contains { $0["reason"] == "BackOff" })
    }
  }

  @Test func `a slow image takes its time`() async throws {
    try await withSandbox(SandboxConfiguration(speed: 40)) { client in
      _ = try await client.apply(
        Path.deployments("default", "web"), Given.deployment("web", image: "slow:1", replicas: 1))

      let running = try await client.eventually(Path.pods("default")) {
        container($0).at("state", "running") != nil
      }
      let ready = try await client.eventually(Path.pods("default")) {
        container($0)["ready"] == true
      }

      #expect(container(running)["ready"] == false)
      let image = container(ready)["imageID"]?.string ?? ""
      #expect(image.hasPrefix("docker.io/library/slow@sha256:"))
    }
  }

  @Test func `a pod that no node can take waits, with the scheduler's reason`() async throws {
    try await withSandbox { client in
      _ = try await client.apply(
        Path.deployments("default", "huge"), Given.deployment("huge", replicas: 1, cpu: "500"))

      let pods = try await client.eventually(Path.pods("default")) {
        $0.items.first?.condition("PodScheduled") != nil
      }

      let condition = pods.items.first?.condition("PodScheduled")
      #expect(condition?["reason"] == "Unschedulable")
      let message = condition?["message"]?.string ?? ""
      #expect(message.hasPrefix("0/3 nodes are available: 3 Insufficient cpu."))
    }
  }

  @Test func `a waiting pod is scheduled when room becomes free`() async throws {
    try await withSandbox(SandboxConfiguration(speed: 20, nodeProcessors: 2)) { client in
      _ = try await client.apply(
        Path.deployments("default", "first"), Given.deployment("first", replicas: 3, cpu: "2"))
      _ = try await client.eventually(Path.deployments("default", "first")) {
        $0.at("status", "readyReplicas") == 3
      }
      _ = try await client.apply(
        Path.deployments("default", "second"), Given.deployment("second", replicas: 1, cpu: "2"))
      _ = try await client.eventually(Path.pods("default") + "?labelSelector=app%3Dsecond") {
        $0.items.first?.condition("PodScheduled")?["status"] == "False"
      }

      _ = try await client.send(.delete, Path.deployments("default", "first"))

      _ = try await client.eventually(Path.deployments("default", "second")) {
        $0.at("status", "readyReplicas") == 1
      }
    }
  }

  @Test func `a followed log grows and ends with its pod`() async throws {
    try await withSandbox(SandboxConfiguration(speed: 50)) { client in
      _ = try await client.apply(
        Path.deployments("default", "web"), Given.deployment("web", replicas: 1))
      let pods = try await client.eventually(Path.pods("default")) {
        $0.items.first?.condition("Ready")?["status"] == "True"
      }
      let name = pods.items.first?.at("metadata", "name")?.string ?? ""
      async let log = client.send(.get, "\(Path.pods("default"))/\(name)/log?follow=true")
      _ = try await client.eventually("\(Path.pods("default"))/\(name)/log") { _ in true }

      _ = try await client.send(.delete, Path.deployments("default", "web"))

      #expect(try await log.text.split(separator: "\n").count >= 2)
    }
  }
}
