import Kubernetes

/// The patch formats besides server-side apply.
enum Patches {
  /// A JSON merge patch (RFC 7396).
  static func merge(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
    guard let changes = patch.object else { return patch }
    var members = target.object ?? [:]
    for (key, change) in changes {
      if change == .null {
        members.removeValue(forKey: key)
      } else {
        members[key] = merge(members[key] ?? .null, change)
      }
    }
    return .object(members)
  }

  /// A strategic merge patch: lists with a merge key are merged by item.
  static func strategic(_ target: JSONValue, _ patch: JSONValue, type: FieldType) -> JSONValue {
    guard let changes = patch.object else { return patch }
    if changes["$patch"]?.string == "replace" {
      var members = changes
      members["$patch"] = nil
      return .object(members)
    }
    var members = target.object ?? [:]
    if let kept = changes["$retainKeys"]?.array?.compactMap(\.string) {
      members = members.filter { kept.contains($0.key) }
    }
    for (key, change) in changes.sorted(by: { $0.key < $1.key }) where !key.hasPrefix("$") {
      let fieldType = Schema.shared.member(key, of: type) ?? .any
      members[key] = member(members[key], change, fieldType)
    }
    for (key, change) in changes where key.hasPrefix("$deleteFromPrimitiveList/") {
      let field = String(key.dropFirst("$deleteFromPrimitiveList/".count))
      let gone = Set(change.array ?? [])
      members[field] = members[field]?.array.map { .array($0.filter { !gone.contains($0) }) }
    }
    return .object(members)
  }

  private static func member(
    _ current: JSONValue?, _ change: JSONValue, _ type: FieldType
  ) -> JSONValue? {
    if change == .null { return nil }
    if case .list(let element, _, let mergeKey) = type, let items = change.array {
      switch mergeKey {
      case .replace: return change
      case .values:
        let present = current?.array ?? []
        return .array(present + items.filter { !present.contains($0) })
      case .key(let key):
        return .array(mergedItems(current?.array ?? [], items, key, element))
      }
    }
    guard change.object != nil else { return change }
    return strategic(current ?? [:], change, type: type).object.map(JSONValue.object)
  }

  private static func mergedItems(
    _ current: [JSONValue], _ changes: [JSONValue], _ key: String, _ element: FieldType
  ) -> [JSONValue] {
    var items = current
    for change in changes {
      let directive = change["$patch"]?.string
      if directive == "replace", change[key] == nil {
        items = changes.filter { $0["$patch"] == nil }
        break
      }
      let index = items.firstIndex { $0[key] == change[key] }
      if directive == "delete" {
        if let index { items.remove(at: index) }
      } else if let index {
        items[index] = strategic(items[index], change, type: element)
      } else {
        items.append(strategic([:], change, type: element))
      }
    }
    return items
  }
}

/// A JSON patch (RFC 6902).
struct JSONPatch {
  private var document: JSONValue

  static func apply(_ patch: JSONValue, to target: JSONValue) throws(APIError) -> JSONValue {
    guard let operations = patch.array else {
      throw .badRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    }
    var result = JSONPatch(document: target)
    for operation in operations { try result.perform(operation) }
    return result.document
  }

  private init(document: JSONValue) { self.document = document }

  private mutating func perform(_ operation: JSONValue) throws(APIError) {
    guard let text = operation["path"]?.string else {
      throw Self.failed("a JSON patch operation needs a path")
    }
    let path = Self.tokens(text)
    let from = operation["from"]?.string.map(Self.tokens) ?? []
    switch operation["op"]?.string {
    case "add": try add(operation["value"] ?? .null, at: path)
    case "replace":
      guard value(at: path) != nil else { throw Self.missing("replace", text) }
      try remove(path, text)
      try add(operation["value"] ?? .null, at: path)
    case "remove": try remove(path, text)
    case "test":
      guard value(at: path) == operation["value"] else {
        throw Self.failed("testing path \(text) value failed: test failed")
      }
    case "copy", "move":
      guard let moved = value(at: from) else { throw Self.missing("copy", text) }
      if operation["op"]?.string == "move" { try remove(from, text) }
      try add(moved, at: path)
    default: throw Self.failed("unexpected kind: \(operation["op"] ?? .null)")
    }
  }

  private func value(at path: [String]) -> JSONValue? {
    path.reduce(Optional(document)) { value, token in
      guard value?.array != nil else { return value?[token] }
      return Int(token).flatMap { value?[$0] }
    }
  }

  private mutating func add(_ value: JSONValue, at path: [String]) throws(APIError) {
    guard let updated = Self.adding(value, to: document, path[...]) else {
      throw Self.missing("add", "/" + path.joined(separator: "/"))
    }
    document = updated
  }

  private mutating func remove(_ path: [String], _ text: String) throws(APIError) {
    guard let updated = Self.removing(from: document, path[...]) else {
      throw Self.missing("remove", text)
    }
    document = updated
  }

  private static func adding(
    _ value: JSONValue, to target: JSONValue, _ path: ArraySlice<String>
  ) -> JSONValue? {
    guard let token = path.first else { return value }
    if var items = target.array {
      let index = token == "-" ? items.count : Int(token) ?? -1
      if path.count == 1 {
        guard (0...items.count).contains(index) else { return nil }
        items.insert(value, at: index)
      } else {
        guard items.indices.contains(index),
          let inner = adding(value, to: items[index], path.dropFirst())
        else { return nil }
        items[index] = inner
      }
      return .array(items)
    }
    guard var members = target.object else { return nil }
    if path.count == 1 {
      members[token] = value
    } else {
      guard let member = members[token],
        let inner = adding(value, to: member, path.dropFirst())
      else { return nil }
      members[token] = inner
    }
    return .object(members)
  }

  private static func removing(
    from target: JSONValue, _ path: ArraySlice<String>
  ) -> JSONValue? {
    guard let token = path.first else { return nil }
    if var items = target.array {
      guard let index = Int(token), items.indices.contains(index) else { return nil }
      if path.count == 1 {
        items.remove(at: index)
      } else {
        guard let inner = removing(from: items[index], path.dropFirst()) else { return nil }
        items[index] = inner
      }
      return .array(items)
    }
    guard var members = target.object, let member = members[token] else { return nil }
    if path.count == 1 {
      members[token] = nil
    } else {
      guard let inner = removing(from: member, path.dropFirst()) else { return nil }
      members[token] = inner
    }
    return .object(members)
  }

  private static func tokens(_ path: String) -> [String] {
    path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  private static func missing(_ operation: String, _ path: String) -> APIError {
    failed("\(operation) operation does not apply: doc is missing path: \(path)")
  }

  private static func failed(_ text: String) -> APIError {
    APIError(code: 422, reason: "Invalid", message: "the server rejected our request: \(text)")
  }
}
