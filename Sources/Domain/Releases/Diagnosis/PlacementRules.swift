// Pods that no node takes, and volumes that don't come (Kubernetes, messages of
// the scheduler and of the kubelet's volume manager).
extension DiagnosisRule {
  static let ofPlacement: [DiagnosisRule] = [
    DiagnosisRule(
      "volume-unbound", "A volume isn't there yet, so the replica can't be placed.",
      advice: "Ask an admin whether the cluster has the storage class that the claim names, and "
        + "room for the volume.", find: unboundVolume),
    DiagnosisRule(
      "no-room",
      { finding in
        let short = scarce(finding.text).map(\.words)
        return "No node of the cluster has "
          + (short.isEmpty
            ? "room for a replica." : "enough \(short.joined(separator: " and ")) for a replica.")
      },
      advice: { _ in "Ask for less of it for each replica, or ask an admin for a larger node." },
      field: { scarce($0.text).first?.field }
    ) { $0.unplaced("Insufficient ", "Too many pods") },
    DiagnosisRule(
      "no-node-takes-it", "No node of the cluster takes this application's pods.",
      advice: "An admin decides which nodes do: tolerations and node selector."
    ) { $0.unplaced("taint", "selector", "affinity", "unschedulable", "unavailable") },
    DiagnosisRule(
      "unplaced", "The cluster finds no node for a replica.",
      advice: "The message names what each node lacks; an admin may know more."
    ) { $0.unplaced("") },
    DiagnosisRule(
      "volume-in-use", "The volume is still in use on another node.",
      advice: "It is free once the old pod is gone; if that takes longer than some minutes, ask an "
        + "admin about that node."
    ) { $0.unmounted("Multi-Attach error") },
    DiagnosisRule(
      "volume-mount", "A volume can't be mounted, so the replica doesn't start.",
      advice: "An admin can tell from the message what the storage lacks.", field: nil
    ) { $0.unmounted("") },
  ]

  /// What a node has too little of: our words and the field.
  private static func scarce(_ text: String) -> [(words: String, field: Diagnosis.Field?)] {
    var scarce: [(words: String, field: Diagnosis.Field?)] = []
    if text.contains("Insufficient cpu") { scarce.append(("CPU", .cpuRequest)) }
    if text.contains("Insufficient memory") { scarce.append(("memory", .memoryRequest)) }
    if text.contains("Insufficient ephemeral-storage") { scarce.append(("disk space", nil)) }
    if text.contains("Too many pods") { scarce.append(("places for pods", nil)) }
    return scarce
  }

  private static let unboundVolume: @Sendable (Examination) -> Finding? = { examination in
    let found = examination.unplaced(
      "PersistentVolumeClaim", "persistentvolumeclaim", "volume node affinity")
    guard var found else { return nil }
    let cause = examination.status.warnings.last {
      $0.objectKind == "PersistentVolumeClaim" && $0.reason == "ProvisioningFailed"
    }
    if let cause { found.text = "\(cause.message)\n\(found.text)" }
    return found
  }
}

extension Examination {
  /// A pod without a node about which the scheduler says one of some words.
  fileprivate func unplaced(_ words: String...) -> Finding? {
    first { pod in
      guard pod.stage == .unscheduled, !pod.message.isEmpty,
        words.contains(where: { $0.isEmpty || pod.message.contains($0) })
      else { return nil }
      return pod.message
    }
  }

  /// A pod on its node whose volumes don't come.
  fileprivate func unmounted(_ word: String) -> Finding? {
    first { pod in
      guard pod.stage == .starting else { return nil }
      return warning("FailedAttachVolume", about: pod, with: word)
        ?? warning("FailedMount", about: pod, with: word)
    }
  }
}
