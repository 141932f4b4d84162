import Foundation
import Kubernetes

/// Lets the pods of a namespace run on a cluster that has no nodes, such as a
/// control plane alone: it reports what a kubelet would.
struct StandInKubelet: Sendable {
  let client: KubernetesClient
  let namespace: String

  /// Whether a cluster needs one.
  static func isNeeded(_ client: KubernetesClient) async throws -> Bool {
    let nodes = try await client.listObjects(CoreV1.Node.type)
    return !nodes.items.contains { node in
      let conditions = node.at("status", "conditions")?.array ?? []
      return conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
    }
  }

  /// Runs until it is cancelled.
  func run() async {
    while !Task.isCancelled {
      let pods = try? await client.listObjects(CoreV1.Pod.type, namespace: namespace)
      for pod in pods?.items ?? [] where pod.at("status", "phase") == "Pending" {
        _ = try? await start(pod)
      }
      try? await Task.sleep(for: .milliseconds(200))
    }
  }

  private func start(_ pod: JSONValue) async throws {
    guard let name = pod.at("metadata", "name")?.string else { return }
    let now: JSONValue = .string(Date().formatted(.iso8601))
    let conditions: [JSONValue] = ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
      .map { type in
        ["type": .string(type), "status": "True", "lastTransitionTime": now]
      }
    let containers = pod.at("spec", "containers")?.array ?? []
    let statuses: [JSONValue] = containers.map { container in
      [
        "name": container["name"] ?? "", "image": container["image"] ?? "", "imageID": "",
        "ready": true, "started": true, "restartCount": 0,
        "state": ["running": ["startedAt": now]],
      ]
    }
    let address = "10.255.\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
    let status: JSONValue = [
      "phase": "Running", "conditions": .array(conditions), "startTime": now,
      "podIP": .string(address), "podIPs": [["ip": .string(address)]],
      "containerStatuses": .array(statuses),
    ]
    try await client.mergePatch(
      ["status": status], CoreV1.Pod.type, name: name, namespace: namespace,
      subresource: "status")
  }
}
