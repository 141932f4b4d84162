import Kubernetes

/// The Deployment controller: new ReplicaSets, rolling updates, old ones kept.
extension Cluster {
  static let revisionKey = "deployment.kubernetes.io/revision"

  func reconcileDeployment(_ key: ObjectKey) {
    guard var deployment = store[.deployment, key], !deployment.isTerminating else { return }
    var sets = replicaSets(of: deployment)
    var created: String?
    if let sizes = Rollout(deployment: deployment, sets: sets).scalingEvent() {
      for (set, replicas) in sizes { scaleReplicaSet(set, to: replicas, of: deployment) }
      sets = replicaSets(of: deployment)
    }
    if deployment.at("spec", "paused") != true {
      created = ensureNewReplicaSet(of: &deployment, &sets)
    }
    let rollout = Rollout(deployment: deployment, sets: sets)
    for (set, replicas) in rollout.scaling() {
      scaleReplicaSet(set, to: replicas, of: deployment)
    }
    sets = replicaSets(of: deployment)
    updateStatus(of: deployment, Rollout(deployment: deployment, sets: sets), created: created)
    forgetOldReplicaSets(of: deployment, sets)
  }

  func replicaSets(of deployment: JSONValue) -> [JSONValue] {
    store.dependents(of: deployment.uid, .replicaSet).filter { !$0.isTerminating }
  }

  /// Finds or makes the ReplicaSet of the current template.
  ///
  /// - Returns: the name of a ReplicaSet that was made.
  private func ensureNewReplicaSet(
    of deployment: inout JSONValue, _ sets: inout [JSONValue]
  ) -> String? {
    let hash = Rollout.templateHash(of: deployment)
    let revisions = sets.map(Rollout.revision)
    let latest = revisions.max() ?? 0
    if let current = sets.firstIndex(where: { $0.labels["pod-template-hash"] == hash }) {
      let revision = revisions[current]
      if revision < latest {
        setRevision(latest + 1, of: sets[current])
        markRevision(latest + 1, on: &deployment)
      } else {
        markRevision(revision, on: &deployment)
      }
      sets = replicaSets(of: deployment)
      return nil
    }
    let replicas = Rollout(deployment: deployment, sets: sets).newSetReplicas()
    let set = newReplicaSet(of: deployment, hash: hash, replicas: replicas, revision: latest + 1)
    guard let made = try? create(.replicaSet, namespace: deployment.namespace, set, .controller)
    else { return nil }
    if replicas > 0 {
      recordScaling(of: deployment, made.object.name, from: 0, to: replicas)
    }
    markRevision(latest + 1, on: &deployment)
    sets = replicaSets(of: deployment)
    return made.object.name
  }

  private func newReplicaSet(
    of deployment: JSONValue, hash: String, replicas: Int, revision: Int
  ) -> JSONValue {
    var template = deployment.at("spec", "template") ?? [:]
    template.set(.string(hash), at: "metadata", "labels", "pod-template-hash")
    var selector = deployment.at("spec", "selector") ?? [:]
    selector.set(.string(hash), at: "matchLabels", "pod-template-hash")
    var annotations = deployment.annotations
    annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
    annotations[Self.revisionKey] = String(revision)
    let rollout = Rollout(deployment: deployment, sets: [])
    annotations[Rollout.desiredKey] = String(rollout.desired)
    annotations[Rollout.maximumKey] = String(rollout.desired + rollout.maxSurge)
    var spec: JSONValue = [
      "replicas": .integer(Int64(replicas)), "selector": selector, "template": template,
    ]
    spec["minReadySeconds"] = deployment.at("spec", "minReadySeconds")
    return [
      "metadata": [
        "name": .string("\(deployment.name)-\(hash)"),
        "namespace": .string(deployment.namespace),
        "labels": template.at("metadata", "labels") ?? [:],
        "annotations": JSONValue(strings: annotations),
        "ownerReferences": [Self.ownerReference(to: deployment)],
      ],
      "spec": spec,
    ]
  }

  static func ownerReference(to owner: JSONValue) -> JSONValue {
    [
      "apiVersion": owner["apiVersion"] ?? "v1", "kind": owner["kind"] ?? "",
      "name": .string(owner.name), "uid": .string(owner.uid), "controller": true,
      "blockOwnerDeletion": true,
    ]
  }

  private func markRevision(_ revision: Int, on deployment: inout JSONValue) {
    deployment = writeStatus(.deployment, deployment) {
      $0.set(.string(String(revision)), at: "metadata", "annotations", Self.revisionKey)
    }
  }

  private func setRevision(_ revision: Int, of set: JSONValue) {
    writeStatus(.replicaSet, set, subresource: nil) {
      $0.set(.string(String(revision)), at: "metadata", "annotations", Self.revisionKey)
    }
  }

  private func scaleReplicaSet(_ set: JSONValue, to replicas: Int, of deployment: JSONValue) {
    let former = Rollout.replicas(set)
    let rollout = Rollout(deployment: deployment, sets: [])
    let isKnown = set.annotations[Rollout.desiredKey] == String(rollout.desired)
    guard former != replicas || !isKnown, let live = store[.replicaSet, ObjectKey(set)] else {
      return
    }
    writeStatus(.replicaSet, live, subresource: nil) { object in
      object.set(.integer(Int64(replicas)), at: "spec", "replicas")
      object.set(
        .string(String(rollout.desired)), at: "metadata", "annotations",
        Rollout.desiredKey)
      object.set(
        .string(String(rollout.desired + rollout.maxSurge)), at: "metadata", "annotations",
        Rollout.maximumKey)
      object.set(.integer(Int64(live.generation + 1)), at: "metadata", "generation")
    }
    if former != replicas {
      recordScaling(of: deployment, set.name, from: former, to: replicas)
    }
  }

  private func recordScaling(of deployment: JSONValue, _ set: String, from: Int, to: Int) {
    let direction = to > from ? "up" : "down"
    record(
      .init(
        on: deployment, reason: "ScalingReplicaSet",
        message: "Scaled \(direction) replica set \(set) from \(from) to \(to)",
        component: "deployment-controller"))
  }

  /// Deletes ReplicaSets beyond the history limit.
  private func forgetOldReplicaSets(of deployment: JSONValue, _ sets: [JSONValue]) {
    let limit = deployment.at("spec", "revisionHistoryLimit")?.int ?? 10
    let hash = Rollout.templateHash(of: deployment)
    let old = sets.filter {
      $0.labels["pod-template-hash"] != hash && Rollout.replicas($0) == 0
        && ($0.at("status", "replicas")?.int ?? 0) == 0
    }.sorted { Rollout.revision($0) < Rollout.revision($1) }
    for set in old.dropLast(min(limit, old.count)) {
      _ = try? delete(.replicaSet, ObjectKey(set), DeleteOptions())
    }
  }
}
