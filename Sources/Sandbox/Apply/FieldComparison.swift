import Kubernetes

/// What differs between two versions of an object, by field
/// (structured-merge-diff `typed.Comparison`).
struct FieldComparison: Sendable {
  var added = FieldSet.empty
  var modified = FieldSet.empty
  var removed = FieldSet.empty

  var isSame: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }

  /// Compares `old` with `new`; either may be missing.
  init(from old: JSONValue?, to new: JSONValue?, type: FieldType) {
    compare(old, new, type)
  }

  private mutating func compare(_ old: JSONValue?, _ new: JSONValue?, _ type: FieldType) {
    if old == new { return }
    if type.isLeaf(for: old, new) {
      leaf(old, new)
      return
    }
    if old == nil { added.isMember = true }
    if new == nil { removed.isMember = true }
    switch type {
    case .list(let element, let kind, _):
      items(old?.array ?? [], new?.array ?? [], element, kind)
    default:
      members(old?.object ?? [:], new?.object ?? [:], type)
    }
  }

  private mutating func leaf(_ old: JSONValue?, _ new: JSONValue?) {
    if old == nil {
      added.isMember = true
    } else if new == nil {
      removed.isMember = true
    } else {
      modified.isMember = true
    }
  }

  private mutating func members(
    _ old: [String: JSONValue], _ new: [String: JSONValue], _ type: FieldType
  ) {
    for key in Set(old.keys).union(new.keys) where old[key] != new[key] {
      let memberType = Schema.shared.member(key, of: type) ?? .any
      descend("f:\(key)", old[key], new[key], memberType)
    }
  }

  private mutating func items(
    _ old: [JSONValue], _ new: [JSONValue], _ element: FieldType, _ kind: ListKind
  ) {
    let before = Self.byElement(old, kind)
    let after = Self.byElement(new, kind)
    for key in Set(before.keys).union(after.keys) {
      descend(key, before[key], after[key], element)
    }
  }

  private mutating func descend(
    _ key: String, _ old: JSONValue?, _ new: JSONValue?, _ type: FieldType
  ) {
    let inner = FieldComparison(from: old, to: new, type: type)
    added[key] = inner.added
    modified[key] = inner.modified
    removed[key] = inner.removed
  }

  private static func byElement(_ items: [JSONValue], _ kind: ListKind) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for item in items {
      if let key = PathElement.element(of: item, in: kind) { result[key] = item }
    }
    return result
  }
}

extension FieldType {
  /// Whether a field with these values is owned as a whole.
  func isLeaf(for old: JSONValue?, _ new: JSONValue?) -> Bool {
    switch self {
    case .string, .integer, .number, .bool, .quantity, .integerOrString:
      return true
    case .structure(_, let atomic), .map(_, let atomic):
      return atomic || (Self.isEmptyMap(old) && Self.isEmptyMap(new))
    case .list(_, let kind, _):
      return kind == .atomic || (Self.isEmptyList(old) && Self.isEmptyList(new))
    case .any:
      return old?.object == nil && new?.object == nil
        || (Self.isEmptyMap(old) && Self.isEmptyMap(new))
    }
  }

  private static func isEmptyMap(_ value: JSONValue?) -> Bool {
    value?.object.map(\.isEmpty) ?? true
  }

  private static func isEmptyList(_ value: JSONValue?) -> Bool {
    value?.array.map(\.isEmpty) ?? true
  }
}

extension FieldSet {
  /// The fields that an applied configuration names
  /// (structured-merge-diff `TypedValue.ToFieldSet`).
  init(of value: JSONValue, type: FieldType) {
    self.init()
    if type.isLeaf(for: value, nil) {
      isMember = true
      return
    }
    switch type {
    case .list(let element, let kind, _):
      for item in value.array ?? [] {
        guard let key = PathElement.element(of: item, in: kind) else { continue }
        var child = FieldSet(of: item, type: element)
        child.isMember = true
        children[key] = child
      }
    default:
      for (key, member) in value.object ?? [:] {
        let memberType = Schema.shared.member(key, of: type) ?? .any
        let child = FieldSet(of: member, type: memberType)
        if !child.isEmpty { children["f:\(key)"] = child }
      }
    }
  }
}
