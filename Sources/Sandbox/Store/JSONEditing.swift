import Kubernetes

/// Editing JSON trees in place.
extension JSONValue {
  /// Sets the value at the end of a path, making objects on the way; `nil`
  /// removes it.
  mutating func set(_ value: JSONValue?, at path: String...) {
    set(value, at: path[...])
  }

  private mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
    guard let first = path.first else { return }
    if path.count == 1 {
      self[first] = value
      return
    }
    // Removing what isn't there makes nothing.
    if value == nil, self[first] == nil { return }
    var inner = self[first] ?? .object([:])
    self[first] = JSONValue.null
    inner.set(value, at: path.dropFirst())
    self[first] = inner
  }

  /// Sets the value at a path unless there is one already.
  mutating func setDefault(_ value: JSONValue, at path: String...) {
    var current: JSONValue? = self
    for key in path { current = current?[key] }
    guard current == nil || current == .null else { return }
    set(value, at: path[...])
  }

  /// Changes an element of an object in place.
  mutating func edit(_ key: String, _ change: (inout JSONValue) -> Void) {
    guard var value = self[key] else { return }
    self[key] = JSONValue.null
    change(&value)
    self[key] = value
  }

  /// Changes each item of the list under `key`.
  mutating func editItems(_ key: String, _ change: (inout JSONValue) -> Void) {
    guard var items = self[key]?.array else { return }
    self[key] = JSONValue.null
    for index in items.indices { change(&items[index]) }
    self[key] = .array(items)
  }

  /// Without members whose value is `null`, at any depth.
  var withoutNulls: JSONValue {
    switch self {
    case .object(let members):
      .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
    case .array(let items): .array(items.map(\.withoutNulls))
    default: self
    }
  }

  /// A list, or nothing when there is nothing in it.
  static func nonEmpty(_ items: [JSONValue]) -> JSONValue? {
    if items.isEmpty { return Optional.none }
    return .array(items)
  }

  /// The members of an object of strings, such as labels.
  var strings: [String: String] { (object ?? [:]).compactMapValues(\.string) }

  /// An object of strings.
  init(strings: [String: String]) {
    self = .object(strings.mapValues(JSONValue.string))
  }

  // Shorthands for what every object has.
  var name: String { at("metadata", "name")?.string ?? "" }
  var namespace: String { at("metadata", "namespace")?.string ?? "" }
  var uid: String { at("metadata", "uid")?.string ?? "" }
  var generation: Int { at("metadata", "generation")?.int ?? 0 }
  var labels: [String: String] { at("metadata", "labels")?.strings ?? [:] }
  var annotations: [String: String] { at("metadata", "annotations")?.strings ?? [:] }
  var finalizers: [String] { at("metadata", "finalizers")?.array?.compactMap(\.string) ?? [] }
  var isTerminating: Bool { at("metadata", "deletionTimestamp") != nil }

  /// The owner that controls this object.
  var controller: JSONValue? {
    at("metadata", "ownerReferences")?.array?.first { $0["controller"]?.bool == true }
  }
}
