import Foundation
import Kubernetes

/// How an answer of the sandbox differs in shape from a recorded one. UIDs,
/// times, versions and generated names are never compared; status codes,
/// reasons, messages, members, conditions and the owners of fields are.
struct ExchangeComparison {
  private(set) var differences: [String] = []
  private let ignored: Set<String>

  /// The managers whose fields must be the same to the letter.
  private static let clients: Set<String> = [
    "babyhelm", "kubectl-edit", "kubectl-create", "unknown",
  ]

  /// - Parameter ignoring: paths that are not compared, such as `/status`.
  init(
    _ exchange: RecordedExchange, _ answer: SandboxClient.Answer, ignoring: Set<String> = []
  ) {
    var ignored = ignoring
    // How far controllers are when a write is answered is a matter of luck.
    if !exchange.isRead, exchange.answer["kind"]?.string == "Deployment" {
      ignored.insert("/status")
    }
    self.ignored = ignored
    guard exchange.status == answer.status else {
      differences = ["status \(answer.status) instead of \(exchange.status): \(answer.text)"]
      return
    }
    compareHeaders(exchange, answer)
    if let lines = exchange.lines {
      if !exchange.isLog { compareLines(lines, answer.lines) }
    } else if let text = exchange.answer.string {
      if !exchange.isLog, text != answer.text { differences.append("body \(answer.text)") }
    } else if ["/apis", "/api/v1"].contains(exchange.path) || exchange.path.hasPrefix("/apis/"),
      exchange.path.split(separator: "/").count < 4
    {
      compareDiscovery(exchange.answer, answer.json)
    } else if exchange.path != "/openapi/v3" {
      compare(exchange.answer, answer.json, "")
      compareStatus(exchange.answer, answer.json)
    }
  }

  private mutating func compareHeaders(
    _ exchange: RecordedExchange, _ answer: SandboxClient.Answer
  ) {
    for name in ["warning", "retry-after"] {
      let wanted = exchange.answerHeaders[name]
      let found = answer.headers[name]
      if wanted != found { differences.append("\(name): \(found ?? "-") not \(wanted ?? "-")") }
    }
  }

  private mutating func compareStatus(_ recorded: JSONValue, _ found: JSONValue) {
    guard recorded["kind"] == "Status", recorded["status"] == "Failure" else { return }
    for key in ["reason", "code"] where recorded[key] != found[key] {
      differences.append("\(key) \(found[key] ?? .null) not \(recorded[key] ?? .null)")
    }
    let (wanted, got) = (Self.plain(recorded["message"]), Self.plain(found["message"]))
    if wanted != got, !ignored.contains("/message") {
      differences.append("message \(got) not \(wanted)")
    }
  }

  /// A message without generated names and numbers that vary.
  private static func plain(_ message: JSONValue?) -> String {
    (message?.string ?? "")
      .replacing(#/[a-z]+-[a-z0-9]{6,10}-[a-z0-9]{5}/#, with: "POD")
      .replacing(#/current: [0-9]+/#, with: "current: N")
      .replacing(#/version: [0-9]+ \([0-9]+\)/#, with: "version: N (N)")
  }

  /// The sandbox serves some of the kinds; what it serves looks the same.
  private mutating func compareDiscovery(_ recorded: JSONValue, _ found: JSONValue) {
    let key = recorded["groups"] == nil ? "resources" : "groups"
    for entry in found[key]?.array ?? [] {
      let twin = recorded[key]?.array?.first { $0["name"] == entry["name"] }
      guard let twin else {
        differences.append("\(entry["name"] ?? .null) isn't there in reality")
        continue
      }
      guard key == "resources" else { continue }
      compare(twin, entry, "/\(entry["name"]?.string ?? "")")
    }
  }

  private mutating func compareLines(_ recorded: [JSONValue], _ found: [JSONValue]) {
    let wanted = recorded.map { $0["type"]?.string ?? "" }
    var types = found.map { $0["type"]?.string ?? "" }
    // A recording may have been cut after its first lines.
    if ignored.contains("/rest") { types = Array(types.prefix(wanted.count)) }
    if wanted != types { differences.append("lines \(types) not \(wanted)") }
    for (left, right) in zip(recorded, found) where left["type"] == right["type"] {
      compare(left["object"] ?? .null, right["object"] ?? .null, "")
    }
  }

  private mutating func compare(_ recorded: JSONValue, _ found: JSONValue, _ path: String) {
    if ignored.contains(path) { return }
    switch (recorded, found) {
    case (.object(let left), .object(let right)):
      compareMembers(left, right, path)
    case (.array(let left), .array(let right)):
      if path.hasSuffix("/managedFields") {
        compareOwners(left, right, path)
      } else if path.hasSuffix("/conditions") {
        compareConditions(left, right, path)
      } else if path == "/items" {
        compareItems(left, right)
      } else {
        if left.isEmpty != right.isEmpty { differences.append("\(path): \(right.count) items") }
        for (one, other) in zip(left, right) { compare(one, other, path + "[]") }
      }
    default:
      if Self.kind(recorded) != Self.kind(found) {
        differences.append("\(path): \(found) not \(recorded)")
      }
    }
  }

  private mutating func compareMembers(
    _ recorded: [String: JSONValue], _ found: [String: JSONValue], _ path: String
  ) {
    let missing = Set(recorded.keys).subtracting(found.keys)
    let extra = Set(found.keys).subtracting(recorded.keys)
    for key in missing where !ignored.contains("\(path)/\(key)") {
      differences.append("\(path)/\(key) is missing")
    }
    for key in extra where !ignored.contains("\(path)/\(key)") {
      differences.append("\(path)/\(key) is too much")
    }
    for (key, value) in recorded {
      if let other = found[key] { compare(value, other, "\(path)/\(key)") }
    }
  }

  private mutating func compareOwners(
    _ recorded: [JSONValue], _ found: [JSONValue], _ path: String
  ) {
    func owners(_ entries: [JSONValue]) -> [String: JSONValue] {
      var result: [String: JSONValue] = [:]
      for entry in entries where Self.clients.contains(entry["manager"]?.string ?? "") {
        let key = ["manager", "operation", "subresource"].map { entry[$0]?.string ?? "" }
        result[key.joined(separator: "/")] = entry["fieldsV1"]
      }
      return result
    }
    let (left, right) = (owners(recorded), owners(found))
    if left.keys.sorted() != right.keys.sorted() {
      differences.append("\(path): \(right.keys.sorted()) not \(left.keys.sorted())")
    }
    for (key, fields) in left where !key.hasPrefix("kubectl-create") {
      guard let other = right[key], other != fields else { continue }
      differences.append("\(path) of \(key): \(other) not \(fields)")
    }
  }

  private mutating func compareConditions(
    _ recorded: [JSONValue], _ found: [JSONValue], _ path: String
  ) {
    for condition in recorded {
      let place = "\(path)[\(condition["type"]?.string ?? "")]"
      guard let twin = found.first(where: { $0["type"] == condition["type"] }) else {
        differences.append("\(place) is missing")
        continue
      }
      compare(condition, twin, place)
      for key in ["status", "reason"] where condition[key] != twin[key] {
        differences.append("\(place).\(key): \(twin[key] ?? .null)")
      }
    }
    if found.count > recorded.count { differences.append("\(path): too many conditions") }
  }

  /// Events are matched by reason, ReplicaSets by revision, the rest by place.
  private mutating func compareItems(_ recorded: [JSONValue], _ found: [JSONValue]) {
    func key(_ item: JSONValue) -> String? {
      item["reason"]?.string
        ?? item.at("metadata", "annotations", "deployment.kubernetes.io/revision")?.string
    }
    if recorded.isEmpty != found.isEmpty { differences.append("/items: \(found.count)") }
    for (index, item) in recorded.enumerated() {
      let twin = key(item).map { name in found.first { key($0) == name } }
      guard let match = twin ?? (found.indices.contains(index) ? found[index] : nil) else {
        if key(item) != nil { differences.append("no item \(key(item) ?? "")") }
        continue
      }
      compare(item, match, "/items[]")
    }
  }

  private static func kind(_ value: JSONValue) -> Int {
    switch value {
    case .null: 0
    case .bool: 1
    case .integer, .number: 2
    case .string: 3
    case .array: 4
    case .object: 5
    }
  }
}
