import Kubernetes

/// Merging an applied configuration into a live object, and taking out what
/// its owner gave up (structured-merge-diff `merge.Updater`).
enum FieldMerge {
  /// `live` with every field of `patch` on top.
  static func merged(_ live: JSONValue?, _ patch: JSONValue, type: FieldType) -> JSONValue {
    guard let live, !type.isLeaf(for: live, patch) else { return patch }
    switch type {
    case .list(let element, let kind, _):
      return .array(mergedItems(live.array ?? [], patch.array ?? [], element, kind))
    default:
      guard var members = live.object, let changes = patch.object else { return patch }
      for (key, change) in changes {
        let memberType = Schema.shared.member(key, of: type) ?? .any
        members[key] = merged(members[key], change, type: memberType)
      }
      return .object(members)
    }
  }

  /// Items keep the order of the patch; what only the live list has keeps its
  /// place between them.
  private static func mergedItems(
    _ live: [JSONValue], _ patch: [JSONValue], _ element: FieldType, _ kind: ListKind
  ) -> [JSONValue] {
    let liveKeys = live.map { PathElement.element(of: $0, in: kind) }
    let patchKeys = patch.map { PathElement.element(of: $0, in: kind) }
    let wanted = Set(patchKeys.compactMap(\.self))
    var liveByKey: [String: JSONValue] = [:]
    for (key, item) in zip(liveKeys, live) {
      if let key { liveByKey[key] = item }
    }
    var result: [JSONValue] = []
    var next = 0
    func takeLiveOnly() {
      while next < live.count {
        if let key = liveKeys[next], wanted.contains(key) { return }
        result.append(live[next])
        next += 1
      }
    }
    takeLiveOnly()
    for (key, item) in zip(patchKeys, patch) {
      result.append(merged(key.flatMap { liveByKey[$0] }, item, type: element))
      if next < live.count, liveKeys[next] == key { next += 1 }
      takeLiveOnly()
    }
    while next < live.count {
      if let key = liveKeys[next], !wanted.contains(key) { result.append(live[next]) }
      next += 1
    }
    return result
  }

  /// `value` without what only `former` owned: a field that `former` names and
  /// nobody in `owned` names any more goes, with everything inside it.
  static func pruned(
    _ value: JSONValue, former: FieldSet, owned: FieldSet, type: FieldType
  ) -> JSONValue {
    switch type {
    case .list(let element, let kind, _):
      guard let items = value.array else { return value }
      return .array(
        items.compactMap { item in
          guard let key = PathElement.element(of: item, in: kind),
            let ours = former.children[key]
          else { return item }
          guard let kept = owned.children[key] else { return nil }
          return pruned(item, former: ours, owned: kept, type: element)
        })
    default:
      guard var members = value.object else { return value }
      for (element, ours) in former.children {
        let key = String(element.dropFirst(2))
        guard let member = members[key] else { continue }
        guard let kept = owned.children[element] else {
          members[key] = nil
          continue
        }
        let memberType = Schema.shared.member(key, of: type) ?? .any
        members[key] = pruned(member, former: ours, owned: kept, type: memberType)
      }
      return .object(members)
    }
  }
}
