import Kubernetes

/// ResourceQuota: what a namespace may use, and uses.
extension Cluster {
  /// Refuses what would exceed a quota of the namespace.
  func checkQuota(
    for object: JSONValue, _ type: ResourceType, live: JSONValue?
  ) throws(APIError) {
    guard type.isNamespaced, type != .event else { return }
    let quotas = store.list(.resourceQuota, namespace: object.namespace)
    guard !quotas.isEmpty else { return }
    let new = QuotaUse.of(object, type)
    let old = live.map { QuotaUse.of($0, type) } ?? [:]
    guard new != old else { return }
    let used = usage(of: object.namespace)
    for quota in quotas {
      try check(quota, new: new, old: old, used: used, object, type)
    }
  }

  private func check(
    _ quota: JSONValue, new: [String: Quantity], old: [String: Quantity],
    used: [String: Quantity], _ object: JSONValue, _ type: ResourceType
  ) throws(APIError) {
    let hard = (quota.at("spec", "hard")?.object ?? [:]).compactMapValues { Quantity($0) }
    var requested: [String] = []
    var usedTexts: [String] = []
    var limited: [String] = []
    var missing: [String] = []
    for (name, limit) in hard.sorted(by: { $0.key < $1.key }) {
      if type == .pod, QuotaUse.mustBeSet(name, on: object) { missing.append(name) }
      let delta = (new[name] ?? .zero) - (old[name] ?? .zero)
      guard delta > .zero, (used[name] ?? .zero) + delta > limit else { continue }
      requested.append("\(name)=\(delta)")
      usedTexts.append("\(name)=\(used[name] ?? .zero)")
      limited.append("\(name)=\(limit)")
    }
    if !missing.isEmpty {
      throw .forbidden(
        type, object.name,
        "failed quota: \(quota.name): must specify \(missing.joined(separator: ",")) for: "
          + (object.at("spec", "containers")?.array ?? []).compactMap { $0["name"]?.string }
          .joined(separator: ","))
    }
    guard !requested.isEmpty else { return }
    throw .forbidden(
      type, object.name,
      "exceeded quota: \(quota.name), requested: \(requested.joined(separator: ",")), "
        + "used: \(usedTexts.joined(separator: ",")), limited: \(limited.joined(separator: ","))")
  }

  /// What a namespace uses, by the names of quotas.
  func usage(of namespace: String) -> [String: Quantity] {
    var total: [String: Quantity] = [:]
    for type in QuotaUse.countedTypes {
      for object in store.list(type, namespace: namespace) {
        for (name, amount) in QuotaUse.of(object, type) { total[name, default: .zero] += amount }
      }
    }
    return total
  }

  /// Keeps `status.used` of the quotas of a namespace.
  func reconcileQuotas(namespace: String) {
    let quotas = store.list(.resourceQuota, namespace: namespace)
    guard !quotas.isEmpty else { return }
    let used = usage(of: namespace)
    for quota in quotas {
      guard let hard = quota.at("spec", "hard") else { continue }
      var figures: JSONValue = [:]
      for name in (hard.object ?? [:]).keys {
        figures[name] = .string((used[name] ?? .zero).description)
      }
      writeStatus(.resourceQuota, quota) { $0["status"] = ["hard": hard, "used": figures] }
    }
  }
}

/// What one object counts for in quotas.
enum QuotaUse {
  static let countedTypes: [ResourceType] = [
    .pod, .service, .configMap, .secret, .persistentVolumeClaim, .deployment, .replicaSet,
  ]

  static func of(_ object: JSONValue, _ type: ResourceType) -> [String: Quantity] {
    var use: [String: Quantity] = [:]
    let one = Quantity(1)
    let name = type.group.isEmpty ? type.plural : "\(type.plural).\(type.group)"
    use["count/\(name)"] = one
    switch type {
    case .pod:
      let phase = object.at("status", "phase")
      guard phase != "Succeeded", phase != "Failed" else { return [:] }
      use["pods"] = one
      for kind in ["requests", "limits"] {
        for (resource, amount) in podResources(object, kind) {
          use["\(kind).\(resource)"] = amount
          if kind == "requests" { use[resource] = amount }
        }
      }
    case .service:
      use["services"] = one
      if object.at("spec", "type") == "LoadBalancer" { use["services.loadbalancers"] = one }
      if object.at("spec", "type") == "NodePort" { use["services.nodeports"] = one }
    case .configMap, .secret: use[type.plural] = one
    case .persistentVolumeClaim:
      use[type.plural] = one
      use["requests.storage"] = object.at("spec", "resources", "requests", "storage")
        .flatMap { Quantity($0) }
    default: break
    }
    return use
  }

  /// A quota on a compute resource makes it obligatory for every container.
  static func mustBeSet(_ name: String, on pod: JSONValue) -> Bool {
    let parts = name.split(separator: ".").map(String.init)
    let (kind, resource) = parts.count == 2 ? (parts[0], parts[1]) : ("requests", name)
    guard ["cpu", "memory"].contains(resource), ["requests", "limits"].contains(kind) else {
      return false
    }
    return (pod.at("spec", "containers")?.array ?? []).contains {
      $0.at("resources", kind, resource) == nil
    }
  }

  /// The sum over the containers of a pod.
  static func podResources(_ pod: JSONValue, _ kind: String) -> [String: Quantity] {
    var total: [String: Quantity] = [:]
    for container in pod.at("spec", "containers")?.array ?? [] {
      for (name, value) in container.at("resources", kind)?.object ?? [:] {
        if let amount = Quantity(value) { total[name, default: .zero] += amount }
      }
    }
    return total
  }
}
