import Foundation
import Kubernetes

/// How to delete (`metav1.DeleteOptions`).
struct DeleteOptions: Sendable {
  enum Propagation: String, Sendable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
  }

  var propagation = Propagation.background
  var graceSeconds: Int?
  var uid: String?
  var resourceVersion: String?
  var isDryRun = false
}

extension Cluster {
  private static let foreground = "foregroundDeletion"

  /// Deletes an object, or marks it when something must happen before.
  ///
  /// - Returns: what the API server answers: the object while it stays, or for
  ///   some kinds always; a `Status` otherwise.
  func delete(
    _ type: ResourceType, _ key: ObjectKey, _ options: DeleteOptions
  ) throws(APIError) -> JSONValue {
    guard let live = store[type, key] else { throw .notFound(type, key.name) }
    try checkDeletion(type, live, options)
    let answersObject: [ResourceType] = [.pod, .service, .namespace, .persistentVolumeClaim]
    if options.isDryRun {
      return answersObject.contains(type) ? live : Self.deleted(type, live)
    }
    if type == .namespace { return deleteNamespace(live) }
    if let kept = markForDeletion(type, live, options) { return kept }
    let gone = remove(type, live, options)
    return answersObject.contains(type) ? gone : Self.deleted(type, live)
  }

  private func checkDeletion(
    _ type: ResourceType, _ live: JSONValue, _ options: DeleteOptions
  ) throws(APIError) {
    let protected = ["default", "kube-system", "kube-public", "kube-node-lease"]
    if type == .namespace, protected.contains(live.name) {
      throw .forbidden(.namespace, live.name, "this namespace may not be deleted")
    }
    if let uid = options.uid, uid != live.uid {
      throw .conflict(
        type, live.name,
        "Precondition failed: UID in precondition: \(uid), UID in object meta: \(live.uid)")
    }
    if let version = options.resourceVersion,
      let current = live.at("metadata", "resourceVersion")?.string, version != current
    {
      throw .conflict(
        type, live.name,
        "Precondition failed: ResourceVersion in precondition: \(version), ResourceVersion in "
          + "object meta: \(current)")
    }
  }

  /// Sets the deletion time when the object can't go yet.
  private func markForDeletion(
    _ type: ResourceType, _ live: JSONValue, _ options: DeleteOptions
  ) -> JSONValue? {
    if type == .pod, isRunningPod(live), options.graceSeconds != 0 {
      return live.isTerminating ? live : stopPod(live, grace: options.graceSeconds)
    }
    var finalizers = live.finalizers
    if options.propagation == .foreground, !finalizers.contains(Self.foreground),
      !store.dependents(of: live.uid).isEmpty
    {
      finalizers.append(Self.foreground)
    }
    guard !finalizers.isEmpty else { return nil }
    if live.isTerminating, finalizers == live.finalizers { return live }
    var object = live
    object.set(.array(finalizers.map(JSONValue.string)), at: "metadata", "finalizers")
    object.setDefault(.string(now), at: "metadata", "deletionTimestamp")
    object.set(0, at: "metadata", "deletionGracePeriodSeconds")
    if Kinds.hasGeneration(type) {
      object.set(.integer(Int64(live.generation + 1)), at: "metadata", "generation")
    }
    let stored = commit(type, object)
    if finalizers.contains(Self.foreground) {
      enqueue(.foreground(ObjectReference(type: type, key: ObjectKey(stored))))
    }
    if type == .persistentVolumeClaim { enqueue(.claim(ObjectKey(stored))) }
    return stored
  }

  private func remove(
    _ type: ResourceType, _ live: JSONValue, _ options: DeleteOptions
  ) -> JSONValue {
    if options.propagation == .orphan { orphanDependents(of: live) }
    return erase(type, ObjectKey(live)) ?? live
  }

  private func orphanDependents(of owner: JSONValue) {
    for reference in store.dependents(of: owner.uid) {
      guard var object = store[reference.type, reference.key] else { continue }
      let owners = (object.at("metadata", "ownerReferences")?.array ?? []).filter {
        $0["uid"]?.string != owner.uid
      }
      object.set(.nonEmpty(owners), at: "metadata", "ownerReferences")
      commit(reference.type, object)
    }
  }

  private static func deleted(_ type: ResourceType, _ object: JSONValue) -> JSONValue {
    var details: JSONValue = [
      "name": .string(object.name), "kind": .string(type.plural), "uid": .string(object.uid),
    ]
    if !type.group.isEmpty { details["group"] = .string(type.group) }
    return [
      "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
      "details": details,
    ]
  }

  // MARK: - Garbage collection

  /// Deletes what the vanished owner left behind.
  func collectGarbage(of uid: String) {
    for reference in store.dependents(of: uid) {
      guard let object = store[reference.type, reference.key] else { continue }
      let others = (object.at("metadata", "ownerReferences")?.array ?? []).filter {
        $0["uid"]?.string != uid && isAlive($0, in: object.namespace)
      }
      guard others.isEmpty else { continue }
      _ = try? delete(reference.type, reference.key, DeleteOptions())
    }
  }

  private func isAlive(_ owner: JSONValue, in namespace: String) -> Bool {
    guard let version = owner["apiVersion"]?.string, let kind = owner["kind"]?.string,
      let type = Kinds.all.first(where: { $0.type.kind == kind && $0.type.apiVersion == version })
    else { return false }
    let key = ObjectKey(type.type.isNamespaced ? namespace : "", owner["name"]?.string ?? "")
    return store[type.type, key]?.uid == owner["uid"]?.string
  }

  /// Deletes the dependents of an object that goes last, then the object.
  func deleteForeground(_ reference: ObjectReference) {
    guard var owner = store[reference.type, reference.key], owner.isTerminating,
      owner.finalizers.contains(Self.foreground)
    else { return }
    let dependents = store.dependents(of: owner.uid)
    for dependent in dependents {
      _ = try? delete(dependent.type, dependent.key, DeleteOptions(propagation: .foreground))
    }
    guard store.dependents(of: owner.uid).isEmpty else { return }
    let rest = owner.finalizers.filter { $0 != Self.foreground }
    owner.set(
      .nonEmpty(rest.map(JSONValue.string)), at: "metadata", "finalizers")
    commit(reference.type, owner)
    if rest.isEmpty { erase(reference.type, reference.key) }
  }

  /// Lets a claim go once no pod uses it.
  func releaseClaim(_ key: ObjectKey) {
    guard var claim = store[.persistentVolumeClaim, key], claim.isTerminating else { return }
    let isUsed = store.list(.pod, namespace: key.namespace).contains { pod in
      (pod.at("spec", "volumes")?.array ?? []).contains {
        $0.at("persistentVolumeClaim", "claimName")?.string == key.name
      }
    }
    guard !isUsed else { return }
    let rest = claim.finalizers.filter { $0 != "kubernetes.io/pvc-protection" }
    claim.set(
      .nonEmpty(rest.map(JSONValue.string)), at: "metadata", "finalizers")
    commit(.persistentVolumeClaim, claim)
    if rest.isEmpty { erase(.persistentVolumeClaim, key) }
  }
}
