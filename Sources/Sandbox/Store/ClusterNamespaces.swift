import Kubernetes

extension Cluster {
  /// How long a namespace shows as Terminating before its content goes, in
  /// simulated seconds.
  private static let terminationDelay = 2.0

  func deleteNamespace(_ live: JSONValue) -> JSONValue {
    guard !live.isTerminating else { return live }
    var object = live
    object.set(.string(now), at: "metadata", "deletionTimestamp")
    object.set("Terminating", at: "status", "phase")
    let stored = commit(.namespace, object)
    schedule(.work(.namespace(stored.name)), after: Self.terminationDelay)
    return stored
  }

  /// Empties a terminating namespace and lets it go when nothing is left.
  func terminateNamespace(_ name: String) {
    guard let live = store[.namespace, ObjectKey("", name)], live.isTerminating else { return }
    for reference in store.contents(of: name) {
      _ = try? delete(reference.type, reference.key, DeleteOptions())
    }
    let remaining = store.contents(of: name)
    if remaining.isEmpty {
      erase(.namespace, ObjectKey("", name))
      return
    }
    writeStatus(.namespace, live) { object in
      object.set(.array(conditions(of: live, remaining)), at: "status", "conditions")
    }
  }

  private func conditions(
    of namespace: JSONValue, _ remaining: [ObjectReference]
  ) -> [JSONValue] {
    var finalizers: [String: Int] = [:]
    var kinds: [String: Int] = [:]
    for reference in remaining {
      kinds["\(reference.type.plural).\(reference.type.group)", default: 0] += 1
      for finalizer in store[reference.type, reference.key]?.finalizers ?? [] {
        finalizers[finalizer, default: 0] += 1
      }
    }
    let kindText = kinds.sorted { $0.key < $1.key }
      .map { "\($0.key) has \($0.value) resource instances" }.joined(separator: ", ")
    let finalizerText = finalizers.sorted { $0.key < $1.key }
      .map { "\($0.key) in \($0.value) resource instances" }.joined(separator: ", ")
    let former = namespace.at("status", "conditions")?.array ?? []
    return Self.findings(kinds: kindText, finalizers: finalizerText).map { finding in
      let value: JSONValue = finding.status ? "True" : "False"
      let before = former.first {
        $0["type"]?.string == finding.type && $0["status"] == value
      }
      return [
        "type": .string(finding.type), "status": value,
        "lastTransitionTime": before?["lastTransitionTime"] ?? .string(now),
        "reason": .string(finding.reason), "message": .string(finding.message),
      ]
    }
  }

  private typealias Finding = (type: String, status: Bool, reason: String, message: String)

  private static func findings(kinds: String, finalizers: String) -> [Finding] {
    let held = !finalizers.isEmpty
    return [
      (
        "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
        "All resources successfully discovered"
      ),
      (
        "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
        "All legacy kube types successfully parsed"
      ),
      (
        "NamespaceDeletionContentFailure", false, "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization"
      ),
      (
        "NamespaceContentRemaining", true, "SomeResourcesRemain",
        "Some resources are remaining: \(kinds)"
      ),
      (
        "NamespaceFinalizersRemaining", held,
        held ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
        held
          ? "Some content in the namespace has finalizers remaining: \(finalizers)"
          : "All content-preserving finalizers finished"
      ),
    ]
  }

  /// What every namespace has from its start.
  func furnishNamespace(_ name: String) {
    guard store[.serviceAccount, ObjectKey(name, "default")] == nil else { return }
    let account: JSONValue = ["metadata": ["name": "default", "namespace": .string(name)]]
    _ = try? create(.serviceAccount, namespace: name, account, .controller)
    let authority: JSONValue = [
      "metadata": ["name": "kube-root-ca.crt", "namespace": .string(name)],
      "data": ["ca.crt": "The sandbox speaks plain HTTP on loopback and has no authority.\n"],
    ]
    _ = try? create(.configMap, namespace: name, authority, .controller)
  }
}
