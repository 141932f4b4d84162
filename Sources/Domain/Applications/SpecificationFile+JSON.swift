internal import Foundation
internal import Kubernetes

/// Specifications as JSON, with the keys of docs/specification.md and three
/// more: `secretValues`, `registryLogin` and `undoesFailures`.
extension SpecificationFile {
  /// What the deploy form would hold for a specification.
  ///
  /// A secret value that is null stays as it is. What isn't said about an
  /// application, that it is stopped, stays as it is too.
  /// - Parameters:
  ///   - json: an object.
  ///   - name: the application's, which the specification may repeat.
  ///   - previous: the application as it is; nil for a new one.
  /// - Throws: `invalid` with a field for each key that isn't known or whose
  ///   value is of another type.
  public static func draft(
    json: [UInt8], named name: String, replacing previous: ApplicationSpec?
  ) throws(DomainError) -> ApplicationDraft {
    let root = try value(json)
    var reader = SpecificationReader(keys: SpecificationReader.jsonKeys)
    var draft = reader.draft(root)
    if let given = root["name"]?.string, given != name {
      reader.errors.append(
        FieldError("name", "The application is called “\(name)” in the address; leave this out."))
    }
    if root["replicas"] != nil, root["autoscaling"] != nil {
      reader.errors.append(
        FieldError("replicas", "An autoscaler decides about replicas; give one of the two."))
    }
    if !reader.errors.isEmpty { throw DomainError.invalid(reader.errors) }
    draft.name = name
    if let previous {
      let old = ApplicationDraft(previous)
      (draft.isStopped, draft.restartedAt) = (old.isStopped, old.restartedAt)
      draft.keepOrder(of: old)
    }
    return draft
  }

  /// A specification with some of it changed (RFC 7396).
  ///
  /// - Returns: the whole specification, for ``draft(json:named:replacing:)``.
  public static func merging(
    _ patch: [UInt8], into spec: ApplicationSpec
  ) throws(DomainError) -> [UInt8] {
    let (patch, old) = (try value(patch), json(spec))
    if patch["replicas"]?.int != nil, patch["autoscaling"] == nil, old["autoscaling"] != nil {
      throw DomainError.invalid([
        FieldError(
          "replicas", "An autoscaler decides about replicas; set “autoscaling” to null with this.")
      ])
    }
    var base = old
    // Who turns the autoscaler on needn't take the replicas away.
    if patch["autoscaling"]?.object != nil, patch["replicas"] == nil {
      base["replicas"] = JSONValue?.none
    }
    return merged(patch, into: base).serialized()
  }

  /// A specification as JSON. Of secret values it has the names only, with
  /// null.
  public static func bytes(of spec: ApplicationSpec) -> [UInt8] { json(spec).serialized() }

  /// Where a field of the deploy form stands in the JSON.
  public static func path(of field: String, in draft: ApplicationDraft) -> String {
    var parts = field.split(separator: ".").map(String.init)
    if parts.count > 1, let index = Int(parts[1]) {
      let names: [String]? =
        switch parts[0] {
        case "environment": draft.environment.map(\.name)
        case "secrets": draft.secrets.map(\.name)
        case "secretValues": draft.secretValues.map(\.target)
        case "files": draft.files.map(\.path)
        case "volumes": draft.volumes.map(\.path)
        default: nil
        }
      if let names, names.indices.contains(index) { return "\(parts[0]).\(names[index])" }
      if names != nil { return parts[0] }
    }
    if let known = paths[parts[0]] { parts[0] = known }
    return parts[0]
  }

  private static let paths = [
    "port": "ports", "portNumber": "ports", "autoscaling": "autoscaling",
    "minimumReplicas": "autoscaling.minimum", "maximumReplicas": "autoscaling.maximum",
    "targetCPU": "autoscaling.targetCPU", "cpuRequest": "resources.cpuRequest",
    "cpuLimit": "resources.cpuLimit", "memoryRequest": "resources.memoryRequest",
    "memoryLimit": "resources.memoryLimit", "healthPath": "healthCheck.http",
    "healthCommand": "healthCheck.command", "restartsUnhealthy": "healthCheck.restarts",
    "startSeconds": "healthCheck.startSeconds", "surge": "update.surge",
    "unavailable": "update.unavailable", "host": "exposure.ingress",
    "isEncrypted": "exposure.encrypted", "tailnetName": "exposure.tailnet",
    "registryUser": "registryLogin.user", "registryPassword": "registryLogin.password",
  ]

  private static func value(_ json: [UInt8]) throws(DomainError) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: json)
    } catch {
      throw DomainError(.invalid, "The specification isn't JSON.", advice: "Mend it and try again.")
    }
  }

  private static func merged(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
    guard let members = patch.object else { return patch }
    var result = target.object ?? [:]
    for (key, value) in members {
      // Not with `?:`, whose nil would be a null of JSON.
      if value.isNull {
        result.removeValue(forKey: key)
      } else {
        result[key] = merged(value, into: result[key] ?? [:])
      }
    }
    return .object(result)
  }

  // MARK: Writing

  private static func json(_ spec: ApplicationSpec) -> JSONValue {
    var json: JSONValue = [
      "name": .string(spec.name), "image": .string(spec.image.text),
      "ports": .array(
        spec.ports.map { port in
          port.transport == .tcp
            ? .integer(Int64(port.number)) : .string("\(port.number)/\(port.transport.rawValue)")
        }),
      "command": texts(spec.command), "arguments": texts(spec.arguments),
      "resources": resources(spec.resources), "healthCheck": healthCheck(spec.healthCheck),
      "update": [
        "surge": .string(spec.update.surge), "unavailable": .string(spec.update.unavailable),
      ],
      "environment": mapping(spec.environment.map { ($0.name, .string($0.value)) }),
      "secrets": mapping(spec.secrets.map { ($0.name, .string("\($0.secret)/\($0.key)")) }),
      "secretValues": mapping((spec.secretValues?.entries ?? []).map { ($0.target, .null) }),
      "files": mapping(spec.files.map { ($0.path, .string($0.content)) }),
      "volumes": mapping(spec.volumes.map { ($0.path, .string($0.size)) }),
      "exposure": exposure(spec.exposure), "undoesFailures": .bool(spec.undoesFailures),
    ]
    switch spec.scaling {
    case .fixed(let replicas): json["replicas"] = .integer(Int64(replicas))
    case .automatic(let minimum, let maximum, let target):
      json["autoscaling"] = [
        "minimum": .integer(Int64(minimum)), "maximum": .integer(Int64(maximum)),
        "targetCPU": .integer(Int64(target)),
      ]
    }
    if let secret = spec.pullSecret { json["pullSecret"] = .string(secret) }
    if let login = spec.registryLogin {
      json["registryLogin"] = ["user": .string(login.user), "password": .null]
    }
    if let user = spec.userID { json["userID"] = .integer(Int64(user)) }
    return json
  }

  private static func resources(_ resources: ApplicationSpec.Resources) -> JSONValue {
    var json: JSONValue = [
      "cpuRequest": .string(resources.cpuRequest),
      "memoryRequest": .string(resources.memoryRequest),
      "memoryLimit": .string(resources.memoryLimit),
    ]
    if let limit = resources.cpuLimit { json["cpuLimit"] = .string(limit) }
    return json
  }

  private static func healthCheck(_ check: ApplicationSpec.HealthCheck) -> JSONValue {
    var json: JSONValue = [
      "restarts": .bool(check.restarts), "startSeconds": .integer(Int64(check.startSeconds)),
    ]
    switch check.probe {
    case .none: return "none"
    case .connect where !check.restarts && check.startSeconds == 0: return "connect"
    case .connect: break
    case .http(let path): json["http"] = .string(path)
    case .command(let words): json["command"] = texts(words)
    }
    return json
  }

  private static func exposure(_ exposure: ApplicationSpec.Exposure) -> JSONValue {
    switch exposure {
    case .cluster: "cluster"
    case .ingress(let host, let isEncrypted):
      ["ingress": .string(host), "encrypted": .bool(isEncrypted)]
    case .tailnet(let hostname): ["tailnet": .string(hostname)]
    }
  }

  private static func texts(_ words: [String]) -> JSONValue { .array(words.map(JSONValue.string)) }

  private static func mapping(_ pairs: [(String, JSONValue)]) -> JSONValue {
    .object(Dictionary(pairs) { first, _ in first })
  }
}

extension ApplicationDraft {
  /// Puts rows back into the order that they had, new ones after them: an object
  /// of JSON has none, but a variable may use those that stand before it
  /// (`$(NAME)`), and another order would roll the pods.
  fileprivate mutating func keepOrder(of old: ApplicationDraft) {
    Self.sort(&environment, by: \.name, like: old.environment)
    Self.sort(&secrets, by: \.name, like: old.secrets)
    Self.sort(&secretValues, by: \.target, like: old.secretValues)
    Self.sort(&files, by: \.path, like: old.files)
    Self.sort(&volumes, by: \.path, like: old.volumes)
  }

  private static func sort<Row>(
    _ rows: inout [Row], by key: KeyPath<Row, String>, like old: [Row]
  ) {
    let places = Dictionary(
      old.enumerated().map { ($0.element[keyPath: key], $0.offset) }
    ) { first, _ in first }
    rows = rows.enumerated().sorted { left, right in
      let a = places[left.element[keyPath: key]] ?? old.count + left.offset
      let b = places[right.element[keyPath: key]] ?? old.count + right.offset
      return a < b
    }.map(\.element)
  }
}
