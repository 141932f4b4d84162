import Kubernetes

/// Validation of Ingress specifications.
enum IngressValidation {
  static func causes(_ spec: JSONValue) -> [Cause] {
    var causes: [Cause] = []
    if spec["rules"] == nil, spec["defaultBackend"] == nil {
      causes.append(
        .invalid("spec", spec, "either `defaultBackend` or `rules` must be specified"))
    }
    for (index, rule) in (spec["rules"]?.array ?? []).enumerated() {
      let path = "spec.rules[\(index)]"
      if let host = rule["host"]?.string, !host.isEmpty {
        let name = host.hasPrefix("*.") ? String(host.dropFirst(2)) : host
        if !NameRules.subdomain(name, "").isEmpty {
          causes.append(.invalid("\(path).host", .string(host), NameRules.subdomainText))
        }
      }
      for (number, entry) in (rule.at("http", "paths")?.array ?? []).enumerated() {
        causes += Self.path(entry, "\(path).http.paths[\(number)]")
      }
    }
    return causes
  }

  private static func path(_ entry: JSONValue, _ place: String) -> [Cause] {
    var causes: [Cause] = []
    let types = ["Exact", "ImplementationSpecific", "Prefix"]
    if let type = entry["pathType"] {
      if !types.contains(type.string ?? "") {
        causes.append(.unsupported("\(place).pathType", type, types))
      }
      let text = entry["path"]?.string ?? ""
      if type != "ImplementationSpecific" || !text.isEmpty, !text.hasPrefix("/") {
        causes.append(.invalid("\(place).path", .string(text), "must be an absolute path"))
      }
    } else {
      causes.append(.required("\(place).pathType", "pathType must be specified"))
    }
    guard let service = entry.at("backend", "service") else { return causes }
    let backend = "\(place).backend.service"
    if service["name"]?.string?.isEmpty ?? true { causes.append(.required("\(backend).name")) }
    if service.at("port", "number") != nil {
      causes += Validation.portNumber(service.at("port", "number"), "\(backend).port.number")
    } else if service.at("port", "name") == nil {
      causes.append(.required("\(backend)", "port name or number is required"))
    }
    return causes
  }
}
