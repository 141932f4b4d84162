import Kubernetes

/// Validation of pod specifications.
enum PodValidation {
  static func causes(_ spec: JSONValue, path: String) -> [Cause] {
    let volumes = Set((spec["volumes"]?.array ?? []).compactMap { $0["name"]?.string })
    var causes: [Cause] = []
    let containers = spec["containers"]?.array ?? []
    if containers.isEmpty { causes.append(.required("\(path).containers")) }
    var names: Set<String> = []
    for list in ["containers", "initContainers"] {
      for (index, container) in (spec[list]?.array ?? []).enumerated() {
        let place = "\(path).\(list)[\(index)]"
        causes += Self.container(container, place, volumes)
        if let name = container["name"]?.string, !names.insert(name).inserted {
          causes.append(.duplicate("\(place).name", .string(name)))
        }
      }
    }
    return causes
  }

  private static func container(
    _ container: JSONValue, _ path: String, _ volumes: Set<String>
  ) -> [Cause] {
    var causes: [Cause] = []
    if let name = container["name"]?.string, !name.isEmpty {
      causes += NameRules.label(name, "\(path).name")
    } else {
      causes.append(.required("\(path).name"))
    }
    let image = container["image"]?.string ?? ""
    if image.isEmpty {
      causes.append(.required("\(path).image"))
    } else if image.first == " " || image.last == " " {
      causes.append(
        .invalid("\(path).image", .string(image), "must not have leading or trailing whitespace"))
    }
    causes += ports(container["ports"]?.array ?? [], "\(path).ports")
    causes += environment(container["env"]?.array ?? [], "\(path).env")
    causes += resources(container["resources"] ?? [:], "\(path).resources")
    for (index, mount) in (container["volumeMounts"]?.array ?? []).enumerated() {
      let place = "\(path).volumeMounts[\(index)]"
      let name = mount["name"]?.string ?? ""
      if !volumes.contains(name) {
        causes.append(
          Cause(
            reason: "FieldValueNotFound", field: "\(place).name", message: "Not found: \"\(name)\"")
        )
      }
      if mount["mountPath"]?.string?.isEmpty ?? true {
        causes.append(.required("\(place).mountPath"))
      }
    }
    return causes + probes(container, path)
  }

  private static func ports(_ ports: [JSONValue], _ path: String) -> [Cause] {
    var causes: [Cause] = []
    var names: Set<String> = []
    for (index, port) in ports.enumerated() {
      let place = "\(path)[\(index)]"
      if let name = port["name"]?.string, !name.isEmpty {
        causes += portName(name, "\(place).name")
        if !names.insert(name).inserted {
          causes.append(.duplicate("\(place).name", .string(name)))
        }
      }
      causes += Validation.portNumber(port["containerPort"], "\(place).containerPort")
      if let `protocol` = port["protocol"], !["TCP", "UDP", "SCTP"].contains(`protocol`) {
        causes.append(.unsupported("\(place).protocol", `protocol`, ["SCTP", "TCP", "UDP"]))
      }
    }
    return causes
  }

  private static func portName(_ name: String, _ field: String) -> [Cause] {
    if name.utf8.count > 15 {
      return [.invalid(field, .string(name), "must be no more than 15 characters")]
    }
    guard NameRules.isLabel(name), name.utf8.contains(where: { (0x61...0x7A).contains($0) }) else {
      return [
        .invalid(
          field, .string(name),
          "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
      ]
    }
    return []
  }

  private static func environment(_ variables: [JSONValue], _ path: String) -> [Cause] {
    variables.enumerated().flatMap { index, variable -> [Cause] in
      let name = variable["name"]?.string ?? ""
      if name.isEmpty { return [.required("\(path)[\(index)].name")] }
      guard name.contains("=") else { return [] }
      return [
        .invalid(
          "\(path)[\(index)].name", .string(name),
          "a valid environment variable name must consist only of printable ASCII characters "
            + "other than '='")
      ]
    }
  }

  private static func resources(_ resources: JSONValue, _ path: String) -> [Cause] {
    var causes: [Cause] = []
    let limits = resources["limits"]?.object ?? [:]
    for (name, request) in (resources["requests"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let wanted = Quantity(request) else { continue }
      if wanted < .zero {
        causes.append(
          .invalid("\(path).requests[\(name)]", request, "must be greater than or equal to 0"))
      }
      if let limit = limits[name], let most = Quantity(limit), wanted > most {
        causes.append(
          .invalid(
            "\(path).requests", request,
            "must be less than or equal to \(name) limit of \(limit.string ?? "")"))
      }
    }
    return causes
  }

  private static func probes(_ container: JSONValue, _ path: String) -> [Cause] {
    ["livenessProbe", "readinessProbe", "startupProbe"].flatMap { key -> [Cause] in
      guard let probe = container[key] else { return [] }
      let place = "\(path).\(key)"
      let handlers = ["exec", "grpc", "httpGet", "tcpSocket"].filter { probe[$0] != nil }
      var causes: [Cause] = []
      if handlers.isEmpty {
        causes.append(.required(place, "must specify a handler type"))
      }
      for handler in ["httpGet", "tcpSocket", "grpc"] {
        if let port = probe.at(handler, "port"), port.int != nil {
          causes += Validation.portNumber(port, "\(place).\(handler).port")
        }
      }
      for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds"] {
        causes += Validation.nonNegative(probe[field], "\(place).\(field)")
      }
      if key != "readinessProbe", let success = probe["successThreshold"], success != 1 {
        causes.append(.invalid("\(place).successThreshold", success, "must be 1"))
      }
      return causes
    }
  }
}
