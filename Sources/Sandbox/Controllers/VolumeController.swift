import Kubernetes

/// Storage: every claim gets a simulated volume of the size that it asks for.
extension Cluster {
  /// How long a volume takes, in simulated seconds.
  private static let volumeDelay = 1.0

  /// Comes back in a moment for a claim without a volume, or that has grown. A
  /// volume goes with its claim, as with the reclaim policy `Delete`.
  func noticeClaim(_ claim: JSONValue, isGone: Bool) {
    if isGone {
      erase(Kinds.persistentVolume, Self.volume(of: claim))
      return
    }
    if !waitingPods.isEmpty { enqueue(.scheduling) }
    guard configuration.hasProviders, !claim.isTerminating, needsVolume(claim) else { return }
    if let name = Self.unknownClass(of: claim) {
      record(
        .init(
          on: claim, reason: "ProvisioningFailed",
          message: "storageclass.storage.k8s.io \"\(name)\" not found",
          component: "persistentvolume-controller", isWarning: true))
      return
    }
    schedule(.work(.volume(ObjectKey(claim))), after: Self.volumeDelay)
  }

  /// Whether a claim waits for ever: its storage class is unknown.
  static func unknownClass(of claim: JSONValue) -> String? {
    guard let name = claim.at("spec", "storageClassName")?.string, name.contains("unknown") else {
      return nil
    }
    return name
  }

  /// What the scheduler says about a pod whose volumes aren't there; nil when they
  /// are, or come in a moment.
  func waitForClaims(of pod: JSONValue) -> String? {
    guard configuration.hasProviders else { return nil }
    for volume in pod.at("spec", "volumes")?.array ?? [] {
      guard let name = volume.at("persistentVolumeClaim", "claimName")?.string else { continue }
      let nodes = "0/\(scheduler.nodes.count) nodes are available:"
      let claim = store[.persistentVolumeClaim, ObjectKey(pod.namespace, name)]
      let reason =
        claim == nil
        ? "persistentvolumeclaim \"\(name)\" not found."
        : claim.flatMap(Self.unknownClass) != nil
          ? "pod has unbound immediate PersistentVolumeClaims." : nil
      if let reason {
        return "\(nodes) \(reason) preemption: \(nodes) \(scheduler.nodes.count) Preemption is not "
          + "helpful for scheduling."
      }
    }
    return nil
  }

  func bindClaim(_ key: ObjectKey) {
    guard let claim = store[.persistentVolumeClaim, key], !claim.isTerminating,
      needsVolume(claim)
    else { return }
    let hasGrown = Self.hasOtherSize(claim)
    let isNew = claim.at("status", "phase") != "Bound"
    keepVolume(of: claim)
    writeStatus(.persistentVolumeClaim, claim) { object in
      object.set(.string("pvc-\(claim.uid)"), at: "spec", "volumeName")
      object["status"] = [
        "phase": "Bound", "accessModes": claim.at("spec", "accessModes") ?? [],
        "capacity": claim.at("spec", "resources", "requests") ?? [:],
      ]
    }
    guard hasGrown else { return }
    record(
      .init(
        on: claim, reason: isNew ? "ProvisioningSucceeded" : "FileSystemResizeSuccessful",
        message: isNew
          ? "Successfully provisioned volume pvc-\(claim.uid)"
          : "MountVolume.NodeExpandVolume succeeded for volume \"pvc-\(claim.uid)\"",
        component: isNew ? "sandbox-provisioner" : "kubelet"))
  }

  /// Whether a claim isn't bound, has another size than its volume, or was kept
  /// in a file by a sandbox that had no volumes.
  private func needsVolume(_ claim: JSONValue) -> Bool {
    Self.hasOtherSize(claim) || store[Kinds.persistentVolume, Self.volume(of: claim)] == nil
  }

  private static func hasOtherSize(_ claim: JSONValue) -> Bool {
    claim.at("status", "phase") != "Bound"
      || claim.at("status", "capacity") != claim.at("spec", "resources", "requests")
  }

  private static func volume(of claim: JSONValue) -> ObjectKey { ObjectKey("", "pvc-\(claim.uid)") }

  /// Makes a claim's volume, or lets it grow.
  private func keepVolume(of claim: JSONValue) {
    let key = Self.volume(of: claim)
    var volume = store[Kinds.persistentVolume, key] ?? newVolume(key.name, for: claim)
    volume.set(claim.at("spec", "resources", "requests") ?? [:], at: "spec", "capacity")
    commit(Kinds.persistentVolume, volume)
  }

  private func newVolume(_ name: String, for claim: JSONValue) -> JSONValue {
    var spec: JSONValue = [
      "accessModes": claim.at("spec", "accessModes") ?? [],
      "claimRef": [
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": .string(claim.name),
        "namespace": .string(claim.namespace), "uid": .string(claim.uid),
      ],
      "persistentVolumeReclaimPolicy": "Delete",
      "volumeMode": claim.at("spec", "volumeMode") ?? "Filesystem",
    ]
    spec["storageClassName"] = claim.at("spec", "storageClassName")
    return [
      "apiVersion": "v1", "kind": "PersistentVolume",
      "metadata": [
        "name": .string(name), "uid": .string(random.uuid()), "creationTimestamp": .string(now),
        "annotations": ["pv.kubernetes.io/provisioned-by": "sandbox-provisioner"],
      ],
      "spec": spec, "status": ["phase": "Bound", "lastPhaseTransitionTime": .string(now)],
    ]
  }
}
