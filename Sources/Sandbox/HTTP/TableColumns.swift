import Kubernetes

/// A column of `kubectl get`, named and filled as the printers of Kubernetes do
/// (`pkg/printers/internalversion`).
struct TableColumn: Sendable {
  var name: String
  var isWide: Bool
  var value: @Sendable (JSONValue) -> String

  init(_ name: String, isWide: Bool = false, value: @escaping @Sendable (JSONValue) -> String) {
    self.name = name
    self.isWide = isWide
    self.value = value
  }

  /// The text at a path.
  private init(_ name: String, isWide: Bool = false, at path: String...) {
    self.init(name, isWide: isWide) { $0.text(path) }
  }

  /// The number at a path.
  private init(_ name: String, count path: String...) {
    self.init(name) { "\($0.value(path)?.int ?? 0)" }
  }

  /// What a kind has beside name and age.
  static func columns(of kind: String) -> [TableColumn] {
    switch kind {
    case "Pod": pod
    case "Deployment": deployment
    case "ReplicaSet":
      [
        TableColumn("Desired", count: "spec", "replicas"),
        TableColumn("Current", count: "status", "replicas"),
        TableColumn("Ready", count: "status", "readyReplicas"),
      ]
    case "HorizontalPodAutoscaler": autoscaler
    case "PodDisruptionBudget":
      [
        TableColumn("Min Available") { $0.number(or: "N/A", "spec", "minAvailable") },
        TableColumn("Max Unavailable") { $0.number(or: "N/A", "spec", "maxUnavailable") },
        TableColumn("Allowed Disruptions", count: "status", "disruptionsAllowed"),
      ]
    case "Service", "Ingress", "NetworkPolicy", "EndpointSlice": network(kind)
    case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount":
      access(kind)
    default: other(kind)
    }
  }

  private static let pod = [
    TableColumn("Ready") { pod in
      let statuses = pod.at("status", "containerStatuses")?.array ?? []
      let total = pod.at("spec", "containers")?.array?.count ?? 0
      return "\(statuses.count { $0["ready"] == true })/\(total)"
    },
    TableColumn("Status") { $0.podStatus },
    TableColumn("Restarts") { pod in
      let statuses = pod.at("status", "containerStatuses")?.array ?? []
      return "\(statuses.compactMap { $0["restartCount"]?.int }.reduce(0, +))"
    },
    TableColumn("IP", isWide: true, at: "status", "podIP"),
    TableColumn("Node", isWide: true, at: "spec", "nodeName"),
  ]

  private static let deployment = [
    TableColumn("Ready") {
      "\($0.at("status", "readyReplicas")?.int ?? 0)/\($0.at("spec", "replicas")?.int ?? 0)"
    },
    TableColumn("Up-to-date", count: "status", "updatedReplicas"),
    TableColumn("Available", count: "status", "availableReplicas"),
    TableColumn("Containers", isWide: true) { $0.containers("name") },
    TableColumn("Images", isWide: true) { $0.containers("image") },
    TableColumn("Selector", isWide: true) { $0.labels("spec", "selector", "matchLabels") },
  ]

  private static let autoscaler = [
    TableColumn("Reference") {
      "\($0.text("spec", "scaleTargetRef", "kind"))/\($0.text("spec", "scaleTargetRef", "name"))"
    },
    TableColumn("Targets") { autoscaler in
      let wanted = autoscaler.at("spec", "metrics")?.array ?? []
      let found = autoscaler.at("status", "currentMetrics")?.array ?? []
      let texts = wanted.enumerated().map { index, metric in
        let name = metric.text("resource", "name")
        let goal = metric.at("resource", "target", "averageUtilization")?.int ?? 0
        let use = found.indices.contains(index) ? found[index] : [:]
        let now = use.at("resource", "current", "averageUtilization")?.int.map { "\($0)%" }
        return "\(name): \(now ?? "<unknown>")/\(goal)%"
      }
      return texts.isEmpty ? "<none>" : texts.joined(separator: ", ")
    },
    TableColumn("MinPods") { $0.number(or: "<unset>", "spec", "minReplicas") },
    TableColumn("MaxPods", count: "spec", "maxReplicas"),
    TableColumn("Replicas", count: "status", "currentReplicas"),
  ]

  private static func network(_ kind: String) -> [TableColumn] {
    switch kind {
    case "Service":
      [
        TableColumn("Type", at: "spec", "type"),
        TableColumn("Cluster-IP", at: "spec", "clusterIP"),
        TableColumn("External-IP") { service in
          let isWaiting = service.at("spec", "type") == "LoadBalancer"
          return service.loadBalancer ?? (isWaiting ? "<pending>" : "<none>")
        },
        TableColumn("Port(s)") { $0.servicePorts },
        TableColumn("Selector", isWide: true) { $0.labels("spec", "selector") },
      ]
    case "Ingress":
      [
        TableColumn("Class", at: "spec", "ingressClassName"),
        TableColumn("Hosts") { ingress in
          let rules = ingress.at("spec", "rules")?.array ?? []
          let hosts = rules.compactMap { $0["host"]?.string }
          return hosts.isEmpty ? "*" : hosts.joined(separator: ",")
        },
        TableColumn("Address") { $0.loadBalancer ?? "" },
        TableColumn("Ports") { $0.at("spec", "tls")?.array?.isEmpty ?? true ? "80" : "80, 443" },
      ]
    case "NetworkPolicy":
      [TableColumn("Pod-Selector") { $0.labels("spec", "podSelector", "matchLabels") }]
    default:
      [
        TableColumn("AddressType", at: "addressType"),
        TableColumn("Ports") { $0.list("ports") { "\($0["port"]?.int ?? 0)" } },
        TableColumn("Endpoints") {
          $0.list("endpoints") { $0["addresses"]?.array?.first?.string ?? "" }
        },
      ]
    }
  }

  private static func access(_ kind: String) -> [TableColumn] {
    switch kind {
    case "ServiceAccount": [TableColumn("Secrets") { "\($0["secrets"]?.array?.count ?? 0)" }]
    case "RoleBinding", "ClusterRoleBinding":
      [TableColumn("Role") { "\($0.text("roleRef", "kind"))/\($0.text("roleRef", "name"))" }]
        + ["User", "Group", "ServiceAccount"].map { subject in
          TableColumn("\(subject)s", isWide: true) { $0.subjects(subject) }
        }
    default: []
    }
  }

  private static func other(_ kind: String) -> [TableColumn] {
    switch kind {
    case "Namespace": [TableColumn("Status", at: "status", "phase")]
    case "PersistentVolume":
      [
        TableColumn("Capacity") { $0.at("spec", "capacity", "storage")?.string ?? "" },
        TableColumn("Access Modes") { $0.accessModes(in: "spec") },
        TableColumn("Reclaim Policy", at: "spec", "persistentVolumeReclaimPolicy"),
        TableColumn("Status", at: "status", "phase"),
        TableColumn("Claim") {
          "\($0.text("spec", "claimRef", "namespace"))/\($0.text("spec", "claimRef", "name"))"
        },
        TableColumn("StorageClass") { $0.at("spec", "storageClassName")?.string ?? "" },
        TableColumn("VolumeMode", isWide: true, at: "spec", "volumeMode"),
      ]
    case "PersistentVolumeClaim":
      [
        TableColumn("Status") { $0.isTerminating ? "Terminating" : $0.text("status", "phase") },
        TableColumn("Volume") { $0.at("spec", "volumeName")?.string ?? "" },
        TableColumn("Capacity") { $0.at("status", "capacity", "storage")?.string ?? "" },
        TableColumn("Access Modes") { $0.accessModes(in: "status") },
        TableColumn("StorageClass") { $0.at("spec", "storageClassName")?.string ?? "" },
        TableColumn("VolumeMode", isWide: true, at: "spec", "volumeMode"),
      ]
    case "Node":
      [
        TableColumn("Status") { _ in "Ready" }, TableColumn("Roles") { _ in "<none>" },
        TableColumn("Version", isWide: true, at: "status", "nodeInfo", "kubeletVersion"),
      ]
    case "Event":
      [
        TableColumn("Type", at: "type"), TableColumn("Reason", at: "reason"),
        TableColumn("Object") {
          "\($0.text("involvedObject", "kind").lowercased())/\($0.text("involvedObject", "name"))"
        },
        TableColumn("Message", at: "message"),
      ]
    case "ConfigMap":
      [
        TableColumn("Data") {
          "\(($0["data"]?.object?.count ?? 0) + ($0["binaryData"]?.object?.count ?? 0))"
        }
      ]
    case "Secret":
      [
        TableColumn("Type", at: "type"),
        TableColumn("Data") { "\($0["data"]?.object?.count ?? 0)" },
      ]
    case "ResourceQuota":
      [
        TableColumn("Request") { $0.quota { !$0.hasPrefix("limits.") } },
        TableColumn("Limit") { $0.quota { $0.hasPrefix("limits.") } },
      ]
    case "Lease": [TableColumn("Holder", at: "spec", "holderIdentity")]
    default: []
    }
  }
}

/// What the columns show of an object.
extension JSONValue {
  fileprivate func value(_ path: [String]) -> JSONValue? {
    var value: JSONValue? = self
    for key in path { value = value?[key] }
    return value
  }

  fileprivate func text(_ path: [String]) -> String { value(path)?.string ?? "<none>" }

  func text(_ path: String...) -> String { text(path) }

  fileprivate func number(or missing: String, _ path: String...) -> String {
    guard let value = value(path) else { return missing }
    return value.string ?? value.int.map(String.init) ?? missing
  }

  fileprivate func list(_ key: String, _ text: (JSONValue) -> String) -> String {
    let items = self[key]?.array ?? []
    guard !items.isEmpty else { return "<unset>" }
    let rest = items.count > 3 ? " + \(items.count - 3) more..." : ""
    return items.prefix(3).map(text).joined(separator: ",") + rest
  }

  fileprivate func labels(_ path: String...) -> String {
    let labels = value(path)?.strings ?? [:]
    guard !labels.isEmpty else { return "<none>" }
    return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      .joined(separator: ",")
  }

  fileprivate func containers(_ key: String) -> String {
    (at("spec", "template", "spec", "containers")?.array ?? [])
      .compactMap { $0[key]?.string }.joined(separator: ",")
  }

  fileprivate func subjects(_ kind: String) -> String {
    (self["subjects"]?.array ?? []).filter { $0["kind"]?.string == kind }.map { subject in
      let namespace = subject["namespace"]?.string.map { "\($0)/" } ?? ""
      return namespace + subject.text("name")
    }.joined(separator: ", ")
  }

  fileprivate var podStatus: String {
    if isTerminating { return "Terminating" }
    for status in at("status", "containerStatuses")?.array ?? [] {
      for state in ["waiting", "terminated"] {
        if let reason = status.at("state", state, "reason")?.string { return reason }
      }
    }
    return text("status", "phase")
  }

  /// The addresses of a load balancer; `nil` while it has none.
  fileprivate var loadBalancer: String? {
    let entries = at("status", "loadBalancer", "ingress")?.array ?? []
    let texts = entries.compactMap { $0["ip"]?.string ?? $0["hostname"]?.string }
    return texts.isEmpty ? nil : texts.joined(separator: ",")
  }

  fileprivate var servicePorts: String {
    let ports = at("spec", "ports")?.array ?? []
    guard !ports.isEmpty else { return "<none>" }
    return ports.map { port in
      let node = port["nodePort"]?.int.map { ":\($0)" } ?? ""
      return "\(port["port"]?.int ?? 0)\(node)/\(port["protocol"]?.string ?? "TCP")"
    }.joined(separator: ",")
  }

  fileprivate func accessModes(in part: String) -> String {
    let short = [
      "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX",
      "ReadWriteOncePod": "RWOP",
    ]
    return (at(part, "accessModes")?.array ?? [])
      .compactMap { $0.string.flatMap { short[$0] } }.joined(separator: ",")
  }

  fileprivate func quota(_ belongs: (String) -> Bool) -> String {
    let used = at("status", "used")
    return (at("spec", "hard")?.object ?? [:]).filter { belongs($0.key) }
      .sorted { $0.key < $1.key }
      .map { "\($0.key): \(used?[$0.key]?.string ?? "0")/\($0.value.string ?? "")" }
      .joined(separator: ", ")
  }
}
