import Kubernetes

/// What the API server refuses with 422, and in which words
/// (`validation.go` of each group).
enum Validation {
  /// What is wrong with an object by itself.
  static func causes(of object: JSONValue, type: ResourceType) -> [Cause] {
    var causes = metadataCauses(object, type)
    let spec = object["spec"] ?? [:]
    switch type.kind {
    case "Deployment", "ReplicaSet": causes += workload(object, type)
    case "Pod": causes += PodValidation.causes(spec, path: "spec")
    case "Service": causes += service(spec)
    case "HorizontalPodAutoscaler": causes += autoscaler(spec)
    case "Ingress": causes += IngressValidation.causes(spec)
    case "PersistentVolumeClaim": causes += claim(spec)
    case "ConfigMap", "Secret": causes += DataValidation.causes(object)
    case "PodDisruptionBudget": causes += DisruptionValidation.causes(spec)
    case "Role", "ClusterRole":
      causes += AccessValidation.role(object, isNamespaced: type.isNamespaced)
    case "RoleBinding", "ClusterRoleBinding":
      causes += AccessValidation.binding(object, isNamespaced: type.isNamespaced)
    case "NetworkPolicy":
      if spec["podSelector"] == nil { causes.append(.required("spec.podSelector")) }
    default: break
    }
    return causes
  }

  private static func metadataCauses(_ object: JSONValue, _ type: ResourceType) -> [Cause] {
    let name = object.name
    guard !name.isEmpty else {
      return [.required("metadata.name", "name or generateName is required")]
    }
    var causes: [Cause]
    switch type.kind {
    case "Namespace": causes = NameRules.label(name, "metadata.name")
    case "Service": causes = NameRules.service(name, "metadata.name")
    case "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding":
      let bad = name == "." || name == ".." || name.contains("/") || name.contains("%")
      causes = bad ? [.invalid("metadata.name", .string(name), "may not contain '/' or '%'")] : []
    default: causes = NameRules.subdomain(name, "metadata.name")
    }
    for (_, value) in object.labels.sorted(by: { $0.key < $1.key }) {
      causes += NameRules.labelValue(value, "metadata.labels")
    }
    return causes
  }

  private static func workload(_ object: JSONValue, _ type: ResourceType) -> [Cause] {
    var causes: [Cause] = []
    let spec = object["spec"] ?? [:]
    for key in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
      causes += nonNegative(spec[key], "spec.\(key)")
    }
    let labels = spec.at("template", "metadata", "labels")
    if spec["selector"] == nil {
      causes.append(.required("spec.selector"))
    } else if let selector = LabelSelector(spec["selector"]), selector.requirements.isEmpty {
      causes.append(
        .invalid(
          "spec.selector", spec["selector"] ?? [:],
          "empty selector is invalid for \(type.kind.lowercased())"))
    } else if let selector = LabelSelector(spec["selector"]),
      !selector.matches(labels?.strings ?? [:])
    {
      causes.append(
        .invalid(
          "spec.template.metadata.labels", labels ?? nil,
          "`selector` does not match template `labels`"))
    }
    let pod = spec.at("template", "spec") ?? [:]
    causes += PodValidation.causes(pod, path: "spec.template.spec")
    if let policy = pod["restartPolicy"], policy != "Always" {
      causes.append(.unsupported("spec.template.spec.restartPolicy", policy, ["Always"]))
    }
    return causes + strategy(spec)
  }

  private static func strategy(_ spec: JSONValue) -> [Cause] {
    guard let strategy = spec["strategy"], let type = strategy["type"] else { return [] }
    guard type == "RollingUpdate" || type == "Recreate" else {
      return [.unsupported("spec.strategy.type", type, ["Recreate", "RollingUpdate"])]
    }
    if type == "Recreate", strategy["rollingUpdate"] != nil {
      return [
        .forbidden(
          "spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
      ]
    }
    let update = strategy["rollingUpdate"]
    if Self.isZero(update?["maxUnavailable"]), Self.isZero(update?["maxSurge"]) {
      return [
        .invalid(
          "spec.strategy.rollingUpdate.maxUnavailable", update?["maxUnavailable"] ?? 0,
          "may not be 0 when `maxSurge` is 0")
      ]
    }
    return []
  }

  private static func isZero(_ value: JSONValue?) -> Bool { value == 0 || value == "0%" }

  private static func service(_ spec: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]
    if let type = spec["type"]?.string, !types.contains(type) {
      causes.append(.unsupported("spec.type", .string(type), types))
    }
    let ports = spec["ports"]?.array ?? []
    if ports.isEmpty, spec["clusterIP"] != "None", spec["type"] != "ExternalName" {
      causes.append(.required("spec.ports"))
    }
    for (index, port) in ports.enumerated() {
      let path = "spec.ports[\(index)]"
      if let name = port["name"]?.string {
        causes += NameRules.label(name, "\(path).name")
      } else if ports.count > 1 {
        causes.append(.required("\(path).name"))
      }
      causes += portNumber(port["port"], "\(path).port")
      if port["targetPort"]?.int != nil {
        causes += portNumber(port["targetPort"], "\(path).targetPort")
      }
    }
    if spec["loadBalancerClass"] != nil, spec["type"] != "LoadBalancer" {
      causes.append(
        .forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"))
    }
    return causes
  }

  private static func autoscaler(_ spec: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    for key in ["kind", "name"] where spec.at("scaleTargetRef", key) == nil {
      causes.append(.required("spec.scaleTargetRef.\(key)"))
    }
    let minimum = spec["minReplicas"]?.int ?? 1
    let maximum = spec["maxReplicas"]?.int ?? 0
    if minimum < 1 {
      causes.append(
        .invalid("spec.minReplicas", spec["minReplicas"] ?? 0, "must be greater than or equal to 1")
      )
    }
    if maximum < 1 {
      causes.append(
        .invalid("spec.maxReplicas", .integer(Int64(maximum)), "must be greater than 0"))
    }
    if maximum < minimum {
      causes.append(
        .invalid(
          "spec.maxReplicas", .integer(Int64(maximum)),
          "must be greater than or equal to `minReplicas`"))
    }
    return causes
  }

  private static func claim(_ spec: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    if spec["accessModes"]?.array?.isEmpty ?? true {
      causes.append(.required("spec.accessModes", "at least 1 access mode is required"))
    }
    let modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]
    for mode in spec["accessModes"]?.array ?? [] where !modes.contains(mode.string ?? "") {
      causes.append(.unsupported("spec.accessModes", mode, modes))
    }
    guard let size = spec.at("resources", "requests", "storage") else {
      return causes + [.required("spec.resources[storage]")]
    }
    if let quantity = Quantity(size), quantity <= .zero {
      causes.append(
        .invalid("spec.resources[storage]", size, "must be greater than zero"))
    }
    return causes
  }

  static func nonNegative(_ value: JSONValue?, _ field: String) -> [Cause] {
    guard let value, let number = value.int, number < 0 else { return [] }
    return [.invalid(field, value, "must be greater than or equal to 0")]
  }

  static func portNumber(_ value: JSONValue?, _ field: String) -> [Cause] {
    guard let number = value?.int else { return [.required(field)] }
    guard !(1...65535).contains(number) else { return [] }
    return [.invalid(field, .integer(Int64(number)), "must be between 1 and 65535, inclusive")]
  }
}
