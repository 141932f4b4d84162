internal import Foundation
internal import Kubernetes

/// Reads who wrote a field from an object's `metadata.managedFields`
/// (Kubernetes API, FieldsV1: `f:` a field, `k:` an item of a list by its keys,
/// `v:` one by its value; an empty object owns all below it).
struct FieldOwnership {
  private let entries: [JSONValue]

  init(of object: JSONValue) {
    entries = object.at("metadata", "managedFields")?.array ?? []
  }

  /// Who wrote the field of a path last, of those who aren't BabyHelm; nil when
  /// nobody is recorded.
  ///
  /// - Parameter path: as ``FieldChange/path`` has it.
  func author(of path: String) -> Drift.Change? {
    entries.filter { !Self.isOurs($0) }
      .filter { entry in
        entry["fieldsV1"].map { Self.owns(path[...], $0) } ?? false
      }
      .map(Self.change)
      .max { ($0.time ?? .distantPast) < ($1.time ?? .distantPast) }
  }

  private static func isOurs(_ entry: JSONValue) -> Bool {
    let manager = entry["manager"]?.string ?? ""
    return manager == ProjectGuards.fieldManager || manager == ReplicaHandover.fieldManager
  }

  private static func change(_ entry: JSONValue) -> Drift.Change {
    Drift.Change(
      manager: entry["manager"]?.string ?? "unknown",
      subresource: entry["subresource"]?.string ?? "",
      time: entry["time"]?.string.flatMap { try? Date($0, strategy: .iso8601) })
  }

  /// Whether a set of fields has the one that is left of a path. Names of fields
  /// may have dots themselves, so the set leads and the path follows.
  private static func owns(_ path: Substring, _ fields: JSONValue) -> Bool {
    guard let members = fields.object else { return false }
    let below = members.filter { $0.key != "." }
    if path.isEmpty || below.isEmpty { return true }
    for (key, value) in below {
      if key.hasPrefix("f:") {
        guard let rest = path.after(field: key.dropFirst(2)) else { continue }
        if owns(rest, value) { return true }
      } else if let (item, rest) = path.item() {
        if isItem(item, key), owns(rest, value) { return true }
      }
    }
    return false
  }

  private static func isItem(_ item: Substring, _ key: String) -> Bool {
    // Where there is no name, the path has a position, which no set knows.
    if Int(item) != nil { return true }
    guard key.hasPrefix("k:"), let keys = try? JSONValue(parsing: Array(key.dropFirst(2).utf8))
    else { return false }
    return keys.object?.values.contains { $0.string == String(item) } ?? false
  }
}

extension Substring {
  /// What follows a field's name at the beginning; nil when it begins otherwise.
  fileprivate func after(field: Substring) -> Substring? {
    guard hasPrefix(field) else { return nil }
    let rest = dropFirst(field.count)
    switch rest.first {
    case nil, "[": return rest
    case ".": return rest.dropFirst()
    default: return nil
    }
  }

  /// The item `[…]` at the beginning, and what follows it.
  fileprivate func item() -> (Substring, Substring)? {
    guard first == "[", let end = firstIndex(of: "]") else { return nil }
    let rest = self[index(after: end)...]
    return (self[index(after: startIndex)..<end], rest.first == "." ? rest.dropFirst() : rest)
  }
}
