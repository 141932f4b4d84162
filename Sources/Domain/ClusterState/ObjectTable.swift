/// The objects of one kind, found by namespace and name, and by application.
struct ObjectTable<Record: Sendable & Hashable>: Sendable {
  private var records: [ObjectKey: (application: String, record: Record)] = [:]
  private var applications: [ObjectKey: Set<String>] = [:]
  private var namespaces: [String: Set<String>] = [:]

  subscript(namespace: String, name: String) -> Record? {
    records[ObjectKey(namespace: namespace, name: name)]?.record
  }

  /// The records that carry an application's name in their label.
  func records(of application: String, in namespace: String) -> [(name: String, record: Record)] {
    let key = ObjectKey(namespace: namespace, name: application)
    return (applications[key] ?? []).compactMap { name in
      records[ObjectKey(namespace: namespace, name: name)].map { (name, $0.record) }
    }
  }

  /// The names of all objects in a namespace.
  func names(in namespace: String) -> Set<String> { namespaces[namespace] ?? [] }

  /// Stores a record.
  ///
  /// - Returns: whether that changed anything.
  mutating func set(_ record: Record, application: String, at key: ObjectKey) -> Bool {
    if let old = records[key] {
      if old.application == application, old.record == record { return false }
      if old.application != application { forget(key, application: old.application) }
    }
    records[key] = (application, record)
    namespaces[key.namespace, default: []].insert(key.name)
    applications[ObjectKey(namespace: key.namespace, name: application), default: []]
      .insert(key.name)
    return true
  }

  mutating func remove(_ key: ObjectKey) -> Bool {
    guard let old = records.removeValue(forKey: key) else { return false }
    forget(key, application: old.application)
    namespaces[key.namespace]?.remove(key.name)
    if namespaces[key.namespace]?.isEmpty == true { namespaces[key.namespace] = nil }
    return true
  }

  /// Everything.
  var all: [(key: ObjectKey, application: String, record: Record)] {
    records.map { ($0.key, $0.value.application, $0.value.record) }
  }

  /// All keys, to find what a full list no longer has.
  var keys: Set<ObjectKey> { Set(records.keys) }

  private mutating func forget(_ key: ObjectKey, application: String) {
    let index = ObjectKey(namespace: key.namespace, name: application)
    applications[index]?.remove(key.name)
    if applications[index]?.isEmpty == true { applications[index] = nil }
  }
}
