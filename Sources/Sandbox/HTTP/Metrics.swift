import Foundation
import Hummingbird
import Kubernetes

/// What pods and nodes use, as a metrics server tells it (`metrics.k8s.io`):
/// made up from a load that rises and falls, and never stored.
enum Metrics {
  static let group = "metrics.k8s.io"
  private static let nodeMetrics = ResourceType(
    group: group, version: "v1beta1", kind: "NodeMetrics", plural: "nodes",
    isNamespaced: false)

  static let types: [ResourceType] = [.podMetrics, nodeMetrics]

  static func kind(group: String, version: String, plural: String) -> ServedKind? {
    types.first { $0.group == group && $0.version == version && $0.plural == plural }
      .map { ServedKind(type: $0, singular: "", subresources: [], isReadOnly: true) }
  }

  static func entries(group: String) -> [JSONValue] {
    types.filter { $0.group == group }.map {
      [
        "name": .string($0.plural), "singularName": "", "namespaced": .bool($0.isNamespaced),
        "kind": .string($0.kind), "verbs": ["get", "list"],
      ]
    }
  }

  static func answer(_ call: APICall) async throws -> Response {
    let type = call.target.kind.type
    guard !call.request.flag("watch") else { throw APIError.methodNotAllowed(type) }
    let load = await call.cluster.load
    let pods = try await measured(call).map { podMetrics($0, load) }
    let items = type == .podMetrics ? pods : try await nodes(call, load)
    if let name = call.target.name {
      guard let item = items.first(where: { $0.name == name }) else {
        throw APIError.notFound(type, name)
      }
      return .json(item)
    }
    return .json([
      "kind": .string("\(type.kind)List"), "apiVersion": .string(type.apiVersion),
      "metadata": [:], "items": .array(items),
    ])
  }

  /// The running pods that are asked about and that somebody measures.
  private static func measured(_ call: APICall) async throws -> [JSONValue] {
    var query = ListQuery(namespace: call.target.namespace)
    if call.target.kind.type == .podMetrics, let text = call.request.query["labelSelector"],
      !text.isEmpty
    {
      query.labels = try LabelSelector(query: text)
    }
    return try await call.cluster.list(.pod, query).items.filter { pod in
      pod.at("status", "phase") == "Running" && !isUnmeasured(pod)
    }
  }

  static func isUnmeasured(_ pod: JSONValue) -> Bool {
    (pod.at("spec", "containers")?.array ?? []).contains {
      $0["image"]?.string?.contains("nometrics") == true
    }
  }

  private static func podMetrics(_ pod: JSONValue, _ load: Double) -> JSONValue {
    let containers = (pod.at("spec", "containers")?.array ?? []).map { container -> JSONValue in
      let (cpu, memory) = usage(of: container, in: pod, load)
      return [
        "name": container["name"] ?? "", "usage": ["cpu": .string(cpu), "memory": .string(memory)],
      ]
    }
    var metadata: JSONValue = [
      "name": .string(pod.name), "namespace": .string(pod.namespace),
      "creationTimestamp": .string(Timestamp.text(Date())),
    ]
    metadata["labels"] = pod.at("metadata", "labels")
    return [
      "kind": "PodMetrics", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": metadata,
      "timestamp": .string(Timestamp.text(Date())), "window": "15s",
      "containers": .array(containers),
    ]
  }

  /// CPU is told in billionths of a core, as kubelets do.
  private static func usage(
    of container: JSONValue, in pod: JSONValue, _ load: Double
  ) -> (cpu: String, memory: String) {
    let use = use(of: container, in: pod.name)(load)
    return ("\(Int(use.cores * 1e9))n", "\(Int(use.bytes / 1024))Ki")
  }

  /// What a container uses at a load: a share of its request, different for
  /// each image.
  static func use(
    of container: JSONValue, in pod: String
  ) -> @Sendable (_ load: Double) -> (cores: Double, bytes: Double) {
    func request(_ name: String, or standard: String) -> Double {
      let text = container.at("resources", "requests")?[name]?.string ?? standard
      return Quantity(text)?.doubleValue ?? 0
    }
    let image = container["image"]?.string ?? ""
    let character = Double(StableHash.fnv64(image.utf8) % 1000) / 1000
    let own = Double(StableHash.fnv64(pod.utf8) % 100) / 100
    let (cpu, memory) = (request("cpu", or: "50m"), request("memory", or: "64Mi"))
    return { load in
      (
        cpu * (0.05 + 0.5 * character * load + 0.05 * own),
        memory * (0.3 + 0.4 * character + 0.1 * load)
      )
    }
  }

  private static func nodes(_ call: APICall, _ load: Double) async throws -> [JSONValue] {
    let pods = try await measured(call)
    return try await call.cluster.list(.node, ListQuery()).items.map { node in
      var (cpu, memory) = (Quantity("150m") ?? .zero, Quantity("512Mi") ?? .zero)
      for pod in pods where pod.at("spec", "nodeName")?.string == node.name {
        for container in podMetrics(pod, load)["containers"]?.array ?? [] {
          cpu += Quantity(container.at("usage", "cpu")?.string ?? "") ?? .zero
          memory += Quantity(container.at("usage", "memory")?.string ?? "") ?? .zero
        }
      }
      let now = Timestamp.text(Date())
      return [
        "kind": "NodeMetrics", "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": ["name": .string(node.name), "creationTimestamp": .string(now)],
        "timestamp": .string(now), "window": "15s",
        "usage": ["cpu": .string(cpu.description), "memory": .string(memory.description)],
      ]
    }
  }
}

extension Cluster {
  /// How busy everything is now, from 0 to 1; a round takes ten simulated minutes.
  var load: Double { loadWave(Date().timeIntervalSince1970) }

  /// How busy everything is at a time, in seconds since 1970.
  var loadWave: @Sendable (Double) -> Double {
    guard configuration.autoscaling == .wave else { return { _ in 0.1 } }
    let speed = configuration.speed
    return { 0.5 - 0.5 * cos(2 * .pi * $0 * speed / 600) }
  }
}
