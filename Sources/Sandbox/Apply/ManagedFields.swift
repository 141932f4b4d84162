import Kubernetes

/// One writer of an object: name, way of writing and subresource.
struct FieldManager: Sendable, Hashable {
  var name: String
  var isApply: Bool
  var apiVersion: String
  var subresource: String?

  /// A controller of the control plane that writes status.
  static func controller(_ apiVersion: String, subresource: String? = nil) -> FieldManager {
    FieldManager(
      name: "kube-controller-manager", isApply: false, apiVersion: apiVersion,
      subresource: subresource)
  }
}

/// Who owns which fields: `metadata.managedFields`, taken apart.
struct ManagedFields: Sendable {
  private struct Entry: Sendable {
    var set: FieldSet
    var time: String?
  }

  private var entries: [FieldManager: Entry] = [:]

  init(of object: JSONValue) {
    for json in object.at("metadata", "managedFields")?.array ?? [] {
      guard let name = json["manager"]?.string, let fields = json["fieldsV1"] else { continue }
      let manager = FieldManager(
        name: name, isApply: json["operation"]?.string == "Apply",
        apiVersion: json["apiVersion"]?.string ?? "v1",
        subresource: json["subresource"]?.string)
      entries[manager] = Entry(set: FieldSet(fieldsV1: fields), time: json["time"]?.string)
    }
  }

  /// The list as objects carry it: appliers first, then by time and name.
  var json: JSONValue? {
    guard !entries.isEmpty else { return nil }
    let sorted = entries.sorted { left, right in
      let (a, b) = (left.key, right.key)
      if a.isApply != b.isApply { return a.isApply }
      let (aTime, bTime) = (left.value.time ?? "", right.value.time ?? "")
      if aTime != bTime { return aTime < bTime }
      return (a.name, a.subresource ?? "") < (b.name, b.subresource ?? "")
    }
    return .array(sorted.map { Self.json(of: $0.value, manager: $0.key) })
  }

  /// The fields of one manager.
  subscript(manager: FieldManager) -> FieldSet { entries[manager]?.set ?? .empty }

  /// The fields of everybody together.
  var all: FieldSet { entries.values.reduce(.empty) { $0.union($1.set) } }

  /// Records that `manager` applied `set` and so changed what `comparison` says.
  mutating func apply(
    _ set: FieldSet, by manager: FieldManager, comparison: FieldComparison, at time: String
  ) {
    takeFromOthers(than: manager, comparison)
    let former = entries[manager]
    if former?.set != set { entries[manager] = Entry(set: set, time: time) }
    if set.isEmpty { entries[manager] = nil }
  }

  /// Makes `manager` the owner of exactly `set`.
  mutating func replace(_ set: FieldSet, of manager: FieldManager) {
    entries[manager]?.set = set
    if entries[manager] == nil { entries[manager] = Entry(set: set, time: nil) }
  }

  /// Records that `manager` changed what `comparison` says by another write.
  mutating func update(
    by manager: FieldManager, comparison: FieldComparison, at time: String
  ) {
    takeFromOthers(than: manager, comparison)
    let former = entries[manager]?.set ?? .empty
    let set = former.subtracting(comparison.removed).union(comparison.modified)
      .union(comparison.added)
    guard set != former else { return }
    // The API server leaves the time out for the scale subresource.
    let stamp = manager.subresource == "scale" ? nil : time
    entries[manager] = set.isEmpty ? nil : Entry(set: set, time: stamp)
  }

  /// Who else owns a field that `comparison` changes, by manager.
  func conflicts(
    for manager: FieldManager, _ comparison: FieldComparison
  ) -> [(FieldManager, FieldSet)] {
    let changed = comparison.modified.union(comparison.added)
    return entries.compactMap { other, entry -> (FieldManager, FieldSet)? in
      guard other != manager else { return nil }
      let shared = entry.set.intersection(changed)
      return shared.isEmpty ? nil : (other, shared)
    }.sorted { ($0.0.name, $0.0.subresource ?? "") < ($1.0.name, $1.0.subresource ?? "") }
  }

  private mutating func takeFromOthers(than manager: FieldManager, _ comparison: FieldComparison) {
    let lost = comparison.modified.union(comparison.added).union(comparison.removed)
    for (other, entry) in entries where other != manager {
      let rest = entry.set.subtracting(lost)
      guard rest != entry.set else { continue }
      entries[other] = rest.isEmpty ? nil : Entry(set: rest, time: entry.time)
    }
  }

  private static func json(of entry: Entry, manager: FieldManager) -> JSONValue {
    var json: [String: JSONValue] = [
      "manager": .string(manager.name),
      "operation": manager.isApply ? "Apply" : "Update",
      "apiVersion": .string(manager.apiVersion),
      "fieldsType": "FieldsV1",
      "fieldsV1": entry.set.fieldsV1,
    ]
    json["time"] = entry.time.map(JSONValue.string)
    json["subresource"] = manager.subresource.map(JSONValue.string)
    return .object(json)
  }
}

extension FieldSet {
  private static let systemMetadata = [
    "name", "namespace", "creationTimestamp", "uid", "generation", "managedFields",
    "resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
  ]

  /// Without the fields nobody owns, and the half (spec or status) that this
  /// kind of write doesn't touch.
  func withoutSystemFields(statusWrite: Bool) -> FieldSet {
    var result = self
    result["f:apiVersion"] = .empty
    result["f:kind"] = .empty
    result[statusWrite ? "f:spec" : "f:status"] = .empty
    var metadata = result["f:metadata"]
    metadata.isMember = false
    for key in Self.systemMetadata { metadata["f:\(key)"] = .empty }
    result["f:metadata"] = metadata
    result.isMember = false
    return result
  }
}

extension FieldComparison {
  func withoutSystemFields(statusWrite: Bool) -> FieldComparison {
    var result = self
    result.added = added.withoutSystemFields(statusWrite: statusWrite)
    result.modified = modified.withoutSystemFields(statusWrite: statusWrite)
    result.removed = removed.withoutSystemFields(statusWrite: statusWrite)
    return result
  }
}
