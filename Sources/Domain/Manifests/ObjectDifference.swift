internal import Kubernetes

/// One field of an object that gets another value.
public struct FieldChange: Sendable, Hashable {
  /// The field's path in the object, for example `spec.replicas`.
  public let path: String
  /// nil when the field is new.
  public let old: String?
  /// nil when the field goes away.
  public let new: String?
}

/// Compares a live object with what a dry run says it would become, field by
/// field.
enum ObjectDifference {
  /// Fields that change by themselves or say nothing to a person.
  private static let ignored: Set<String> = [
    "status", "metadata.managedFields", "metadata.resourceVersion", "metadata.generation",
    "metadata.uid", "metadata.creationTimestamp",
    "metadata.annotations.\(ManifestBuilder.releaseAnnotation)",
    "metadata.annotations.\(ManifestBuilder.authorAnnotation)",
    "metadata.annotations.deployment.kubernetes.io/revision",
  ]

  /// The fields that differ, sorted by path.
  static func changes(from live: JSONValue, to planned: JSONValue) -> [FieldChange] {
    var changes: [FieldChange] = []
    compare(live, planned, at: "", into: &changes)
    return changes.sorted { $0.path < $1.path }
  }

  private static func compare(
    _ live: JSONValue?, _ planned: JSONValue?, at path: String,
    into changes: inout [FieldChange]
  ) {
    guard live != planned, !ignored.contains(path) else { return }
    switch (live, planned) {
    case (.object(let old)?, .object(let new)?):
      for key in Set(old.keys).union(new.keys) {
        compare(old[key], new[key], at: path.isEmpty ? key : "\(path).\(key)", into: &changes)
      }
    case (.array(let old)?, .array(let new)?):
      compareLists(old, new, at: path, into: &changes)
    case (nil, .object(let new)?) where !new.isEmpty:
      for (key, value) in new { compare(nil, value, at: "\(path).\(key)", into: &changes) }
    case (.object(let old)?, nil) where !old.isEmpty:
      for (key, value) in old { compare(value, nil, at: "\(path).\(key)", into: &changes) }
    default:
      changes.append(
        FieldChange(path: path, old: live.map(text), new: planned.map(text)))
    }
  }

  /// Lists of named things, as containers and variables are, are compared by
  /// name; others by position.
  private static func compareLists(
    _ old: [JSONValue], _ new: [JSONValue], at path: String,
    into changes: inout [FieldChange]
  ) {
    if let oldNames = names(of: old), let newNames = names(of: new) {
      for name in Set(oldNames.keys).union(newNames.keys) {
        compare(oldNames[name], newNames[name], at: "\(path)[\(name)]", into: &changes)
      }
      compareOrder(of: old, new, at: path, into: &changes)
      return
    }
    for index in 0..<max(old.count, new.count) {
      // Not a plain `nil`: as a literal that is JSON's null.
      compare(
        index < old.count ? old[index] : Optional.none,
        index < new.count ? new[index] : Optional.none,
        at: "\(path)[\(index)]", into: &changes)
    }
  }

  /// Another order is a change, too: it makes a new pod template, and a variable
  /// may use only those before it.
  private static func compareOrder(
    of old: [JSONValue], _ new: [JSONValue], at path: String,
    into changes: inout [FieldChange]
  ) {
    let old = old.compactMap { $0["name"]?.string }
    let new = new.compactMap { $0["name"]?.string }
    guard Set(old) == Set(new), old != new else { return }
    changes.append(
      FieldChange(
        path: path, old: old.joined(separator: ", "), new: new.joined(separator: ", ")))
  }

  private static func names(of list: [JSONValue]) -> [String: JSONValue]? {
    var named: [String: JSONValue] = [:]
    for item in list {
      guard let name = item["name"]?.string, named.updateValue(item, forKey: name) == nil else {
        return nil
      }
    }
    return named
  }

  private static func text(_ value: JSONValue) -> String {
    if let string = value.string { return string }
    return String(decoding: value.serialized(), as: UTF8.self)
  }
}
