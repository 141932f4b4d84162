import Kubernetes

/// A label selector: of a query (`a=b,c in (d,e),!f`) or of an object
/// (`metav1.LabelSelector`).
struct LabelSelector: Sendable {
  enum Requirement: Sendable {
    case isIn(String, Set<String>)
    case isNotIn(String, Set<String>)
    case exists(String)
    case isMissing(String)
  }

  var requirements: [Requirement] = []

  /// Reads `matchLabels` and `matchExpressions`; `nil` selects nothing.
  init?(_ json: JSONValue?) {
    guard let json, json.object != nil else { return nil }
    for (key, value) in (json["matchLabels"]?.strings ?? [:]) {
      requirements.append(.isIn(key, [value]))
    }
    for expression in json["matchExpressions"]?.array ?? [] {
      guard let key = expression["key"]?.string else { return nil }
      let values = Set(expression["values"]?.array?.compactMap(\.string) ?? [])
      switch expression["operator"]?.string {
      case "In": requirements.append(.isIn(key, values))
      case "NotIn": requirements.append(.isNotIn(key, values))
      case "Exists": requirements.append(.exists(key))
      case "DoesNotExist": requirements.append(.isMissing(key))
      default: return nil
      }
    }
  }

  /// The equality selector of a Service.
  init(labels: [String: String]) {
    requirements = labels.map { .isIn($0.key, [$0.value]) }
  }

  /// Reads the text of the query parameter `labelSelector`.
  init(query: String) throws(APIError) {
    for part in Self.split(query) {
      requirements.append(try Self.requirement(part, in: query))
    }
  }

  func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .isIn(let key, let values): labels[key].map(values.contains) ?? false
      case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
      case .exists(let key): labels[key] != nil
      case .isMissing(let key): labels[key] == nil
      }
    }
  }

  /// The text of a selector as the scale subresource shows it.
  static func text(_ json: JSONValue?) -> String {
    var parts = (json?["matchLabels"]?.strings ?? [:]).map { "\($0.key)=\($0.value)" }
    for expression in json?["matchExpressions"]?.array ?? [] {
      let key = expression["key"]?.string ?? ""
      let values = (expression["values"]?.array?.compactMap(\.string) ?? []).joined(separator: ",")
      switch expression["operator"]?.string {
      case "In": parts.append("\(key) in (\(values))")
      case "NotIn": parts.append("\(key) notin (\(values))")
      case "Exists": parts.append(key)
      default: parts.append("!\(key)")
      }
    }
    return parts.sorted().joined(separator: ",")
  }

  /// Splits at commas outside parentheses.
  private static func split(_ query: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var depth = 0
    for character in query {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append(current)
        current = ""
      } else {
        current.append(character)
      }
    }
    return (parts + [current]).map(trimmed).filter { !$0.isEmpty }
  }

  private static func requirement(
    _ part: String, in query: String
  ) throws(APIError) -> Requirement {
    if let open = part.firstIndex(of: "(") {
      let words = part[..<open].split(separator: " ").map(String.init)
      guard part.hasSuffix(")"), words.count == 2 else { throw malformed(query) }
      let inner = part[part.index(after: open)...].dropLast()
      let values = Set(inner.split(separator: ",").map { trimmed(String($0)) })
      switch words[1] {
      case "in": return .isIn(words[0], values)
      case "notin": return .isNotIn(words[0], values)
      default: throw malformed(query)
      }
    }
    for (sign, equal) in [("!=", false), ("==", true), ("=", true)] {
      guard let range = part.firstRange(of: sign) else { continue }
      let key = trimmed(String(part[..<range.lowerBound]))
      let value = trimmed(String(part[range.upperBound...]))
      guard !key.isEmpty, !value.contains("=") else { throw malformed(query) }
      return equal ? .isIn(key, [value]) : .isNotIn(key, [value])
    }
    guard !part.contains(" ") else { throw malformed(query) }
    return part.hasPrefix("!") ? .isMissing(trimmed(String(part.dropFirst()))) : .exists(part)
  }

  private static func malformed(_ query: String) -> APIError {
    .badRequest("unable to parse requirement: found '\(query)', expected: a label selector")
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

/// A field selector: `path=value` or `path!=value`, joined by commas.
struct FieldSelector: Sendable {
  private struct Requirement {
    var path: [String]
    var value: String
    var equal: Bool
  }

  private var requirements: [Requirement] = []

  private static let common: Set<String> = ["metadata.name", "metadata.namespace"]
  private static let byKind: [String: Set<String>] = [
    "Pod": [
      "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
      "status.phase", "status.podIP",
    ],
    "Event": [
      "type", "reason", "reportingComponent", "source", "involvedObject.kind",
      "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
      "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
    ],
    "Secret": ["type"], "Namespace": ["status.phase"], "ReplicaSet": ["status.replicas"],
    "Node": ["spec.unschedulable"], "Service": ["spec.clusterIP", "spec.type"],
  ]

  init(query: String, type: ResourceType) throws(APIError) {
    for part in query.split(separator: ",") {
      let signs = [("!=", false), ("==", true), ("=", true)]
      guard let (sign, equal) = signs.first(where: { part.contains($0.0) }),
        let range = part.firstRange(of: sign)
      else { throw .badRequest("invalid selector: '\(query)'; can't understand '\(part)'") }
      let path = String(part[..<range.lowerBound])
      guard Self.common.contains(path) || Self.byKind[type.kind]?.contains(path) == true else {
        throw .badRequest("field label not supported: \(path)")
      }
      requirements.append(
        Requirement(
          path: path.split(separator: ".").map(String.init),
          value: String(part[range.upperBound...]), equal: equal))
    }
  }

  func matches(_ object: JSONValue) -> Bool {
    requirements.allSatisfy { requirement in
      var value: JSONValue? = object
      for key in requirement.path { value = value?[key] }
      let text = value.map { $0.string ?? $0.description } ?? ""
      return (text == requirement.value) == requirement.equal
    }
  }
}
