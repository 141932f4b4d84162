import Kubernetes

/// Where an object is: namespace (empty without one) and name.
struct ObjectKey: Sendable, Hashable {
  var namespace: String
  var name: String

  init(_ namespace: String, _ name: String) {
    self.namespace = namespace
    self.name = name
  }

  init(_ object: JSONValue) { self.init(object.namespace, object.name) }
}

/// An object of a kind.
struct ObjectReference: Sendable, Hashable {
  var type: ResourceType
  var key: ObjectKey
}

/// A change, as watches deliver it.
struct Change: Sendable {
  enum Kind: Sendable {
    case added
    case modified
    case deleted
    /// Everything up to `revision` was delivered.
    case bookmark
    /// As `bookmark`, and the list before it is complete.
    case initialEventsEnd
  }

  var kind: Kind
  var type: ResourceType
  var revision: Int
  var object: JSONValue
  /// The object before, to tell who entered or left a selector.
  var previous: JSONValue?

  /// This bookmark for an earlier revision.
  func bookmark(at revision: Int) -> Change {
    var bookmark = self
    bookmark.revision = revision
    bookmark.object.set(.string(String(revision)), at: "metadata", "resourceVersion")
    return bookmark
  }
}

/// Every object, the revision counter and the recent past. A value: whoever
/// holds it decides about concurrency (``Cluster``).
struct Store: Sendable {
  var revision: Int
  private var tables: [ResourceType: [String: [String: JSONValue]]] = [:]
  /// The names in each of the tables, in their order.
  private var names: [ResourceType: [String: [String]]] = [:]
  private var owned: [String: Set<ObjectReference>] = [:]
  private var history: [Change] = []
  private var historyStart = 0
  private let historyLimit: Int
  /// Changes at or below this revision are no longer held.
  private(set) var forgottenRevision: Int

  /// - Parameter historyLimit: how many changes a watch may be behind.
  init(historyLimit: Int, firstRevision: Int) {
    self.historyLimit = historyLimit
    revision = firstRevision
    forgottenRevision = 0
  }

  /// Forgets everything so far, as a restarted server does.
  mutating func forgetHistory() {
    history.removeAll()
    historyStart = 0
    forgottenRevision = revision
  }

  subscript(type: ResourceType, key: ObjectKey) -> JSONValue? {
    tables[type]?[key.namespace]?[key.name]
  }

  /// The objects of a kind in the order of ``place(of:)``; those of all
  /// namespaces when `nil`.
  func list(_ type: ResourceType, namespace: String? = nil) -> [JSONValue] {
    let namespaces =
      namespace.map { [$0] }
      ?? (tables[type] ?? [:]).keys.sorted {
        "\($0)/" < "\($1)/"
      }
    return namespaces.flatMap { namespace in
      let table = tables[type]?[namespace] ?? [:]
      return (names[type]?[namespace] ?? []).compactMap { table[$0] }
    }
  }

  /// Where an object comes in a list: as with the keys of etcd, `shop-2/a` is
  /// before `shop/a`.
  static func place(of object: JSONValue) -> String { "\(object.namespace)/\(object.name)" }

  /// The objects of a kind as they were at a revision that is still held, so
  /// that the pages of a list show one moment.
  func list(_ type: ResourceType, namespace: String?, at revision: Int) -> [JSONValue] {
    var former: [ObjectKey: JSONValue?] = [:]
    for change in history[historyStart...].reversed() {
      guard change.revision > revision else { break }
      guard change.type == type else { continue }
      let key = ObjectKey(change.object)
      if namespace == nil || key.namespace == namespace { former[key] = .some(change.previous) }
    }
    let present = list(type, namespace: namespace)
    guard !former.isEmpty else { return present }
    let untouched = present.filter { former[ObjectKey($0)] == nil }
    return Self.merged(untouched, former.values.compactMap(\.self))
  }

  /// Two lists as one; only the first is in order.
  private static func merged(_ ordered: [JSONValue], _ others: [JSONValue]) -> [JSONValue] {
    var result: [JSONValue] = []
    var start = 0
    for other in others.map({ (place(of: $0), $0) }).sorted(by: { $0.0 < $1.0 }) {
      let end = ordered[start...].firstPlace(after: other.0)
      result += ordered[start..<end]
      result.append(other.1)
      start = end
    }
    return result + ordered[start...]
  }

  /// The objects of a kind in no particular order, without copying them.
  func forEach(_ type: ResourceType, _ body: (JSONValue) -> Void) {
    for objects in (tables[type] ?? [:]).values {
      for object in objects.values { body(object) }
    }
  }

  /// How many objects of a kind there are in a namespace.
  func count(_ type: ResourceType, namespace: String) -> Int {
    tables[type]?[namespace]?.count ?? 0
  }

  /// Every object in a namespace.
  func contents(of namespace: String) -> [ObjectReference] {
    tables.flatMap { type, table in
      type.isNamespaced
        ? (table[namespace] ?? [:]).keys.map {
          ObjectReference(type: type, key: ObjectKey(namespace, $0))
        } : []
    }
  }

  /// What refers to the object of this UID as its owner.
  func dependents(of uid: String) -> [ObjectReference] {
    (owned[uid] ?? []).sorted { ($0.type.kind, $0.key.name) < ($1.type.kind, $1.key.name) }
  }

  /// The dependents of a kind, as objects.
  func dependents(of uid: String, _ type: ResourceType) -> [JSONValue] {
    (owned[uid] ?? []).compactMap { $0.type == type ? self[type, $0.key] : nil }
      .sorted { $0.name < $1.name }
  }

  /// Stores an object under the next revision, unless it keeps its own.
  mutating func put(
    _ type: ResourceType, _ object: JSONValue, keepingVersion: Bool = false
  ) -> Change {
    revision += 1
    var object = object
    if !keepingVersion {
      object.set(.string(String(revision)), at: "metadata", "resourceVersion")
    }
    let key = ObjectKey(object)
    let previous = tables[type, default: [:]][key.namespace, default: [:]]
      .updateValue(object, forKey: key.name)
    if previous == nil {
      let place = names[type]?[key.namespace]?.partitioningIndex { $0 >= key.name } ?? 0
      names[type, default: [:]][key.namespace, default: []].insert(key.name, at: place)
    }
    indexOwners(from: previous, to: object, ObjectReference(type: type, key: key))
    return record(
      Change(
        kind: previous == nil ? .added : .modified, type: type, revision: revision,
        object: object, previous: previous))
  }

  /// Takes an object out.
  mutating func remove(_ type: ResourceType, _ key: ObjectKey) -> Change? {
    guard let previous = tables[type]?[key.namespace]?.removeValue(forKey: key.name) else {
      return nil
    }
    if tables[type]?[key.namespace]?.isEmpty == true { tables[type]?[key.namespace] = nil }
    if let place = names[type]?[key.namespace]?.partitioningIndex(where: { $0 >= key.name }) {
      names[type]?[key.namespace]?.remove(at: place)
    }
    revision += 1
    var object = previous
    object.set(.string(String(revision)), at: "metadata", "resourceVersion")
    indexOwners(from: previous, to: nil, ObjectReference(type: type, key: key))
    return record(
      Change(
        kind: .deleted, type: type, revision: revision, object: object, previous: previous))
  }

  /// The changes of a kind after a revision; `nil` when they are no longer held.
  func changes(of type: ResourceType, after revision: Int, namespace: String?) -> [Change]? {
    guard revision >= forgottenRevision else { return nil }
    return history[historyStart...].filter { change in
      change.revision > revision && change.type == type
        && (namespace == nil || change.object.namespace == namespace)
    }
  }

  private mutating func record(_ change: Change) -> Change {
    history.append(change)
    if history.count - historyStart > historyLimit {
      forgottenRevision = history[historyStart].revision
      historyStart += 1
    }
    // Copying is cheap when it happens once for many changes.
    if historyStart > 2 * historyLimit {
      history.removeFirst(historyStart)
      historyStart = 0
    }
    return change
  }

  private mutating func indexOwners(
    from previous: JSONValue?, to object: JSONValue?, _ reference: ObjectReference
  ) {
    let before = previous?.at("metadata", "ownerReferences")
    let after = object?.at("metadata", "ownerReferences")
    guard before != after else { return }
    for owner in before?.array ?? [] {
      guard let uid = owner["uid"]?.string else { continue }
      owned[uid]?.remove(reference)
      if owned[uid]?.isEmpty == true { owned[uid] = nil }
    }
    for owner in after?.array ?? [] {
      if let uid = owner["uid"]?.string { owned[uid, default: []].insert(reference) }
    }
  }
}

extension RandomAccessCollection {
  /// The first index whose element `belongs` to the second part of an ordered
  /// collection.
  func partitioningIndex(where belongs: (Element) -> Bool) -> Index {
    var (low, count) = (startIndex, count)
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if belongs(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}

extension RandomAccessCollection where Element == JSONValue {
  /// The index of the first object after a place, in an ordered list.
  func firstPlace(after place: String) -> Index {
    partitioningIndex { Store.place(of: $0) > place }
  }
}
