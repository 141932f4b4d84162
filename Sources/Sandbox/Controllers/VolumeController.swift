import Kubernetes

/// Storage: every claim gets a simulated volume of the size that it asks for.
extension Cluster {
  /// How long a volume takes, in simulated seconds.
  private static let volumeDelay = 1.0

  /// Comes back in a moment for a claim without a volume, or that has grown.
  func noticeClaim(_ claim: JSONValue) {
    guard configuration.hasProviders, !claim.isTerminating, Self.needsVolume(claim) else { return }
    schedule(.work(.volume(ObjectKey(claim))), after: Self.volumeDelay)
  }

  func bindClaim(_ key: ObjectKey) {
    guard let claim = store[.persistentVolumeClaim, key], !claim.isTerminating,
      Self.needsVolume(claim)
    else { return }
    let isNew = claim.at("status", "phase") != "Bound"
    writeStatus(.persistentVolumeClaim, claim) { object in
      object.set(.string("pvc-\(claim.uid)"), at: "spec", "volumeName")
      object["status"] = [
        "phase": "Bound", "accessModes": claim.at("spec", "accessModes") ?? [],
        "capacity": claim.at("spec", "resources", "requests") ?? [:],
      ]
    }
    record(
      .init(
        on: claim, reason: isNew ? "ProvisioningSucceeded" : "FileSystemResizeSuccessful",
        message: isNew
          ? "Successfully provisioned volume pvc-\(claim.uid)"
          : "MountVolume.NodeExpandVolume succeeded for volume \"pvc-\(claim.uid)\"",
        component: isNew ? "sandbox-provisioner" : "kubelet"))
  }

  private static func needsVolume(_ claim: JSONValue) -> Bool {
    claim.at("status", "phase") != "Bound"
      || claim.at("status", "capacity") != claim.at("spec", "resources", "requests")
  }
}
