import Hummingbird
import Kubernetes

/// What a client asks first: version, groups, resources, schemas.
enum Discovery {
  /// - Parameter isBare: whether nobody added a metrics server to the cluster.
  static func answer(_ request: APIRequest, port: Int, isBare: Bool) -> Response? {
    guard request.method == .get else { return nil }
    switch request.path.count {
    case 0: return .json(["paths": ["/api", "/apis", "/healthz", "/openapi/v3", "/version"]])
    case 1:
      switch request.path[0] {
      case "version": return .json(version)
      case "api": return .json(coreVersions(port: port))
      case "apis": return .json(groupList(isBare: isBare))
      default: return nil
      }
    default: break
    }
    if request.path[0] == "openapi" { return OpenAPI.answer(request) }
    if request.path == ["api", "v1"] { return .json(resources(group: "", version: "v1")) }
    guard request.path[0] == "apis" else { return nil }
    if isBare, request.path[1] == Metrics.group { return nil }
    if request.path.count == 2 {
      return groups.first { $0["name"]?.string == request.path[1] }.map {
        var group = $0
        group["kind"] = "APIGroup"
        group["apiVersion"] = "v1"
        return .json(group)
      }
    }
    guard request.path.count == 3,
      groupVersions.contains("\(request.path[1])/\(request.path[2])")
    else { return nil }
    return .json(resources(group: request.path[1], version: request.path[2]))
  }

  static let version: JSONValue = [
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36",
    "minCompatibilityMajor": "1", "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2-sandbox", "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean", "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none",
    "compiler": "swiftc", "platform": "linux/amd64",
  ]

  private static func coreVersions(port: Int) -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [
        ["clientCIDR": "0.0.0.0/0", "serverAddress": .string("127.0.0.1:\(port)")]
      ],
    ]
  }

  /// Every group version but the core one, as `apps/v1`.
  static let groupVersions: [String] = {
    var seen: [String] = []
    let types = Kinds.all.map(\.type) + Reviews.types + Metrics.types
    for type in types where !type.group.isEmpty && !seen.contains(type.apiVersion) {
      seen.append(type.apiVersion)
    }
    return seen
  }()

  private static let groups: [JSONValue] = groupVersions.map { text in
    let parts = text.split(separator: "/").map(String.init)
    let version: JSONValue = ["groupVersion": .string(text), "version": .string(parts[1])]
    return ["name": .string(parts[0]), "versions": [version], "preferredVersion": version]
  }

  private static func groupList(isBare: Bool) -> JSONValue {
    let served = isBare ? groups.filter { $0["name"]?.string != Metrics.group } : groups
    return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(served)]
  }

  private static func resources(group: String, version: String) -> JSONValue {
    let kinds = Kinds.all.filter { $0.type.group == group && $0.type.version == version }
    let entries =
      kinds.flatMap(entries) + Reviews.entries(group: group) + Metrics.entries(group: group)
    let sorted = entries.sorted { ($0["name"]?.string ?? "") < ($1["name"]?.string ?? "") }
    var list: JSONValue = [
      "kind": "APIResourceList",
      "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
      "resources": .array(sorted),
    ]
    if !group.isEmpty { list["apiVersion"] = "v1" }
    return list
  }

  private static func entries(_ kind: ServedKind) -> [JSONValue] {
    var verbs: [JSONValue] = [
      "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]
    if kind.isReadOnly { verbs = ["get", "list", "watch"] }
    if kind.type == .namespace { verbs.removeAll { $0 == "deletecollection" } }
    var entry: JSONValue = [
      "name": .string(kind.type.plural), "singularName": .string(kind.singular),
      "namespaced": .bool(kind.type.isNamespaced), "kind": .string(kind.type.kind),
      "verbs": .array(verbs),
      "storageVersionHash": .string(StableHash.label(kind.type.description.utf8)),
    ]
    if !kind.shortNames.isEmpty {
      entry["shortNames"] = .array(kind.shortNames.map(JSONValue.string))
    }
    if kind.isInAll { entry["categories"] = ["all"] }
    return [entry] + kind.subresources.map { subentry(kind, $0) }
  }

  private static func subentry(_ kind: ServedKind, _ name: String) -> JSONValue {
    var entry: JSONValue = [
      "name": .string("\(kind.type.plural)/\(name)"), "singularName": "",
      "namespaced": .bool(kind.type.isNamespaced), "kind": .string(kind.type.kind),
      "verbs": ["get", "patch", "update"],
    ]
    switch name {
    case "scale":
      entry["group"] = "autoscaling"
      entry["version"] = "v1"
      entry["kind"] = "Scale"
    case "token":
      entry["group"] = "authentication.k8s.io"
      entry["version"] = "v1"
      entry["kind"] = "TokenRequest"
      entry["verbs"] = ["create"]
    case "log": entry["verbs"] = ["get"]
    default: break
    }
    return entry
  }
}
