import Kubernetes

/// Validation of roles and bindings (`pkg/apis/rbac/validation`).
enum AccessValidation {
  static func role(_ object: JSONValue, isNamespaced: Bool) -> [Cause] {
    var causes: [Cause] = []
    for (index, rule) in (object["rules"]?.array ?? []).enumerated() {
      causes += Self.rule(rule, "rules[\(index)]", isNamespaced: isNamespaced)
    }
    return causes
  }

  private static func rule(_ rule: JSONValue, _ path: String, isNamespaced: Bool) -> [Cause] {
    func count(_ key: String) -> Int { rule[key]?.array?.count ?? 0 }
    var causes: [Cause] = []
    if count("verbs") == 0 {
      causes.append(.required("\(path).verbs", "verbs must contain at least one value"))
    }
    if count("nonResourceURLs") > 0 {
      let urls = "\(path).nonResourceURLs"
      if isNamespaced {
        causes.append(
          .invalid(
            urls, rule["nonResourceURLs"] ?? nil,
            "namespaced rules cannot apply to non-resource URLs"))
      }
      if count("apiGroups") + count("resources") + count("resourceNames") > 0 {
        causes.append(
          .invalid(
            urls, rule["nonResourceURLs"] ?? nil,
            "rules cannot apply to both regular resources and non-resource URLs"))
      }
      return causes
    }
    if count("apiGroups") == 0 {
      causes.append(
        .required("\(path).apiGroups", "resource rules must supply at least one api group"))
    }
    if count("resources") == 0 {
      causes.append(
        .required("\(path).resources", "resource rules must supply at least one resource"))
    }
    return causes
  }

  static func binding(_ object: JSONValue, isNamespaced: Bool) -> [Cause] {
    var causes: [Cause] = []
    let group: JSONValue = "rbac.authorization.k8s.io"
    if let found = object.at("roleRef", "apiGroup"), found != group {
      causes.append(.unsupported("roleRef.apiGroup", found, ["rbac.authorization.k8s.io"]))
    }
    let kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
    let kind = object.at("roleRef", "kind") ?? ""
    if !kinds.contains(kind.string ?? "") {
      causes.append(.unsupported("roleRef.kind", kind, kinds))
    }
    if object.at("roleRef", "name")?.string?.isEmpty ?? true {
      causes.append(.required("roleRef.name"))
    }
    for (index, subject) in (object["subjects"]?.array ?? []).enumerated() {
      causes += Self.subject(subject, "subjects[\(index)]")
    }
    return causes
  }

  private static func subject(_ subject: JSONValue, _ path: String) -> [Cause] {
    var causes: [Cause] = []
    if subject["name"]?.string?.isEmpty ?? true { causes.append(.required("\(path).name")) }
    let kind = subject["kind"] ?? ""
    switch kind {
    case "ServiceAccount":
      if let name = subject["name"]?.string, !name.isEmpty {
        causes += NameRules.subdomain(name, "\(path).name")
      }
      if subject["namespace"]?.string?.isEmpty ?? true {
        causes.append(.required("\(path).namespace"))
      }
    case "User", "Group":
      if let group = subject["apiGroup"], group != "rbac.authorization.k8s.io" {
        causes.append(
          .unsupported("\(path).apiGroup", group, ["rbac.authorization.k8s.io"]))
      }
    default:
      causes.append(.unsupported("\(path).kind", kind, ["Group", "ServiceAccount", "User"]))
    }
    return causes
  }
}
