import Kubernetes

/// A set of field paths in the shape of `managedFields[].fieldsV1`: children by
/// path element (`f:name`, `k:{…}`, `v:…`), and whether the path itself belongs.
struct FieldSet: Sendable, Hashable {
  var isMember = false
  var children: [String: FieldSet] = [:]

  /// Just the path itself.
  static let member = FieldSet(isMember: true)

  /// Nothing.
  static let empty = FieldSet()

  /// Whether no path belongs.
  var isEmpty: Bool { !isMember && children.isEmpty }

  /// Reads `fieldsV1`.
  init(fieldsV1 json: JSONValue) {
    guard let object = json.object, !object.isEmpty else {
      isMember = true
      return
    }
    for (key, value) in object {
      if key == "." { isMember = true } else { children[key] = FieldSet(fieldsV1: value) }
    }
  }

  init(isMember: Bool = false, children: [String: FieldSet] = [:]) {
    self.isMember = isMember
    self.children = children
  }

  /// The set as `fieldsV1`.
  var fieldsV1: JSONValue {
    var object: [String: JSONValue] = [:]
    for (key, child) in children { object[key] = child.fieldsV1 }
    if isMember, !children.isEmpty { object["."] = .object([:]) }
    return .object(object)
  }

  subscript(element: String) -> FieldSet {
    get { children[element] ?? .empty }
    set { children[element] = newValue.isEmpty ? nil : newValue }
  }

  func union(_ other: FieldSet) -> FieldSet {
    FieldSet(
      isMember: isMember || other.isMember,
      children: children.merging(other.children) { $0.union($1) })
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: isMember && other.isMember)
    for (key, child) in children {
      if let theirs = other.children[key] { result[key] = child.intersection(theirs) }
    }
    return result
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: isMember && !other.isMember)
    for (key, child) in children {
      if let theirs = other.children[key] {
        result[key] = child.subtracting(theirs)
      } else {
        result.children[key] = child
      }
    }
    return result
  }

  /// Every path that belongs, as server-side apply writes it in conflicts:
  /// `.spec.containers[name="app"].image`.
  var paths: [String] {
    var result: [String] = []
    collect(into: &result, prefix: "")
    return result
  }

  private func collect(into result: inout [String], prefix: String) {
    if isMember { result.append(prefix) }
    for key in children.keys.sorted() {
      children[key]?.collect(into: &result, prefix: prefix + Self.pathText(key))
    }
  }

  private static func pathText(_ element: String) -> String {
    let text = String(element.dropFirst(2))
    guard !element.hasPrefix("f:") else { return ".\(text)" }
    guard element.hasPrefix("k:"), let keys = try? JSONValue(parsing: text.utf8).object else {
      return "[=\(text)]"
    }
    let parts = keys.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return "[\(parts.joined(separator: ","))]"
  }
}

/// Path elements of list items.
enum PathElement {
  static func field(_ name: String) -> String { "f:\(name)" }

  /// `k:{…}` of an item of a `listType=map` list; `nil` when a key is missing.
  static func key(of item: JSONValue, keys: [String]) -> String? {
    var values: [String: JSONValue] = [:]
    for key in keys {
      if let value = item[key] {
        values[key] = value
      } else if key == "protocol" {
        // The one key with a default in the schema.
        values[key] = "TCP"
      } else {
        return nil
      }
    }
    return "k:\(JSONValue.object(values))"
  }

  static func value(_ item: JSONValue) -> String { "v:\(item)" }

  /// The element of an item of a set or map list; `nil` when it has none.
  static func element(of item: JSONValue, in kind: ListKind) -> String? {
    switch kind {
    case .atomic: nil
    case .set: value(item)
    case .map(let keys): key(of: item, keys: keys)
    }
  }
}
