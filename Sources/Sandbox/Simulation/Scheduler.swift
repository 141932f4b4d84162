import Kubernetes

/// Which node takes a pod: the one with the most room.
struct Scheduler: Sendable {
  struct Room: Sendable {
    var milliCPU: Int64
    var memory: Int64
    var pods: Int

    init(milliCPU: Int64, memory: Int64, pods: Int) {
      self.milliCPU = milliCPU
      self.memory = memory
      self.pods = pods
    }

    /// What an empty node has to give.
    init(ofNode node: JSONValue) {
      func amount(_ name: String) -> Quantity? {
        node.at("status", "allocatable", name).flatMap { Quantity($0) }
      }
      milliCPU = amount("cpu")?.milliValue ?? 0
      memory = amount("memory")?.value ?? 0
      pods = Int(amount("pods")?.value ?? 0)
    }
  }

  private struct Assignment: Sendable {
    var node: String
    var use: Room
  }

  private var free: [String: Room] = [:]
  private var assignments: [String: Assignment] = [:]

  /// Takes the room of a pod that is on a node already.
  mutating func place(_ uid: String, _ request: Room, on node: String) {
    assignments[uid] = Assignment(node: node, use: request)
    change(node, request, by: -1)
  }

  mutating func addNode(_ name: String, _ room: Room) { free[name] = room }

  /// The nodes by name.
  var nodes: [String] { free.keys.sorted() }

  /// What a pod asks for.
  static func request(of pod: JSONValue) -> Room {
    let requests = QuotaUse.podResources(pod, "requests")
    return Room(
      milliCPU: requests["cpu"]?.milliValue ?? 0, memory: requests["memory"]?.value ?? 0, pods: 1)
  }

  /// Finds a node and takes the room, or says why there is none.
  mutating func assign(_ uid: String, _ request: Room) -> Result<String, Refusal> {
    var best: String?
    var refusal = Refusal()
    for (name, room) in free.sorted(by: { $0.key < $1.key }) {
      refusal.nodes += 1
      if room.milliCPU < request.milliCPU {
        refusal.reasons["Insufficient cpu", default: 0] += 1
      } else if room.memory < request.memory {
        refusal.reasons["Insufficient memory", default: 0] += 1
      } else if room.pods < 1 {
        refusal.reasons["Too many pods", default: 0] += 1
      } else if best.flatMap({ free[$0] }).map({ $0.pods < room.pods }) ?? true {
        best = name
      }
    }
    guard let best else { return .failure(refusal) }
    assignments[uid] = Assignment(node: best, use: request)
    change(best, request, by: -1)
    return .success(best)
  }

  /// Gives the room of a pod back; whether it had any.
  mutating func release(_ uid: String) -> Bool {
    guard let assignment = assignments.removeValue(forKey: uid) else { return false }
    change(assignment.node, assignment.use, by: 1)
    return true
  }

  private mutating func change(_ node: String, _ use: Room, by sign: Int) {
    free[node]?.milliCPU += Int64(sign) * use.milliCPU
    free[node]?.memory += Int64(sign) * use.memory
    free[node]?.pods += sign * use.pods
  }

  /// Why no node takes a pod.
  struct Refusal: Error, Sendable {
    var nodes = 0
    var reasons: [String: Int] = [:]

    /// The message of the scheduler.
    var message: String {
      let list = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        .joined(separator: ", ")
      return "0/\(nodes) nodes are available: \(list). no new claims to deallocate, preemption: "
        + "0/\(nodes) nodes are available: \(nodes) Preemption is not helpful for scheduling."
    }
  }
}

extension Cluster {
  /// Makes the namespaces and nodes that every cluster has.
  func bootstrap() {
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
      let namespace: JSONValue = ["metadata": ["name": .string(name)]]
      _ = try? create(.namespace, namespace: "", namespace, .controller)
    }
    let memory = "256Gi"
    for number in 1...3 {
      let name = "node-\(number)"
      commit(.node, Self.node(name, uid: random.uuid(), self.now, number, configuration, memory))
      if let node = store[.node, ObjectKey("", name)] {
        scheduler.addNode(name, Scheduler.Room(ofNode: node))
      }
    }
  }

  private static func node(
    _ name: String, uid: String, _ now: String, _ number: Int,
    _ configuration: SandboxConfiguration, _ memory: String
  ) -> JSONValue {
    let capacity: JSONValue = [
      "cpu": .string(String(configuration.nodeProcessors)), "memory": .string(memory),
      "pods": "10000", "ephemeral-storage": "100Gi",
    ]
    let labels: JSONValue = [
      "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
    ]
    let ready: JSONValue = [
      "type": "Ready", "status": "True", "lastHeartbeatTime": .string(now),
      "lastTransitionTime": .string(now), "reason": "KubeletReady",
      "message": "kubelet is posting ready status",
    ]
    let addresses: JSONValue = [
      ["type": "InternalIP", "address": .string("192.168.49.\(number + 1)")],
      ["type": "Hostname", "address": .string(name)],
    ]
    return [
      "kind": "Node", "apiVersion": "v1",
      "metadata": [
        "name": .string(name), "uid": .string(uid), "creationTimestamp": .string(now),
        "labels": labels,
      ],
      "spec": ["podCIDR": .string("10.244.\(number - 1).0/24")],
      "status": [
        "capacity": capacity, "allocatable": capacity, "conditions": [ready],
        "addresses": addresses,
        "nodeInfo": [
          "kubeletVersion": "v1.36.2", "osImage": "BabyHelm sandbox", "architecture": "amd64",
          "operatingSystem": "linux", "containerRuntimeVersion": "sandbox://1.0",
          "kernelVersion": "none", "kubeProxyVersion": "", "machineID": "", "systemUUID": "",
          "bootID": "",
        ],
      ],
    ]
  }
}
