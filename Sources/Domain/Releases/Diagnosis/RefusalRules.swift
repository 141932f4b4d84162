internal import Foundation

// Pods that the API server doesn't let the ReplicaSet make (condition
// `ReplicaFailure`).
extension DiagnosisRule {
  static let ofRefusal: [DiagnosisRule] = [
    DiagnosisRule(
      "quota",
      { finding in
        let short = shortInQuota(finding.text).map(\.words)
        return short.isEmpty
          ? "The project's quota has no room for another replica."
          : "The project's quota has no room for another replica: "
            + "it is short of \(short.joined(separator: " and "))."
      },
      advice: { _ in
        "Ask for fewer replicas or less of what the message names, or ask an admin for a larger "
          + "quota."
      },
      field: { finding in shortInQuota(finding.text).compactMap(\.field).first ?? .replicas }
    ) { examination in
      guard let finding = examination.refusal("exceeded quota") else { return nil }
      return finding
    },
    DiagnosisRule(
      "quota-needs-sizes", "The project's quota counts something that the replicas don't state.",
      advice: "Fill in what the message names, mostly the CPU limit.", field: .cpuLimit
    ) { $0.refusal("failed quota", "must specify") },
    DiagnosisRule(
      "limit-range", { _ in "The project's limits don't allow a replica of this size." },
      advice: { _ in "Change CPU or memory so that it is within the limits that the message names."
      },
      field: { sizeField($0.text) }
    ) { $0.refusal("per Container", "per Pod", "limit to request ratio") },
    DiagnosisRule(
      "pod-security", { _ in "The project's Pod Security level forbids these pods." },
      advice: { finding in
        finding.text.mentions("runasuser", "runasnonroot")
          ? "Give a user id in the form; the message names what else isn't allowed."
          : "The message names the setting that isn't allowed. If BabyHelm set it, an admin can "
            + "choose another level for the project."
      },
      field: { $0.text.mentions("runasuser", "runasnonroot") ? .userID : nil }
    ) { $0.refusal("violates PodSecurity") },
    DiagnosisRule(
      "service-account-missing", "The project's service account is missing, so no pod can be made.",
      advice: "An owner can put the project's guards back on its page."
    ) { $0.refusal("error looking up service account", "serviceaccount \"") },
    DiagnosisRule(
      "admission-refused", "A policy of the cluster forbids these pods.",
      advice: "An admin knows the policy that the message names."
    ) { $0.refusal("admission webhook", "ValidatingAdmissionPolicy") },
  ]

  /// What a quota is short of: Kubernetes' resource, our words and the field.
  private static func shortInQuota(_ text: String) -> [(words: String, field: Diagnosis.Field?)] {
    // “…, requested: pods=1,requests.cpu=100m, used: …”
    guard let start = text.range(of: "requested: ")?.upperBound else { return [] }
    let rest = text[start...]
    let requested = rest[..<(rest.range(of: ", used: ")?.lowerBound ?? rest.endIndex)]
    return requested.split(separator: ",").compactMap { part in
      switch part.prefix(while: { $0 != "=" }) {
      case "pods", "count/pods": ("pods", .replicas)
      case "requests.cpu", "cpu": ("requested CPU", .cpuRequest)
      case "limits.cpu": ("CPU limits", .cpuLimit)
      case "requests.memory", "memory": ("requested memory", .memoryRequest)
      case "limits.memory": ("memory limits", .memoryLimit)
      default: nil
      }
    }
  }

  /// The field of a size that a LimitRange refuses.
  private static func sizeField(_ text: String) -> Diagnosis.Field {
    let isRequest = text.mentions("but request is", "ratio")
    if text.mentions(" cpu ") { return isRequest ? .cpuRequest : .cpuLimit }
    return isRequest ? .memoryRequest : .memoryLimit
  }
}

extension Examination {
  /// What the API server said when it refused a pod.
  var refusal: String? {
    guard let condition = status.deployment?.condition("ReplicaFailure"), condition.isTrue else {
      return nil
    }
    return condition.message.nonEmpty ?? condition.reason
  }

  fileprivate func refusal(_ words: String...) -> Finding? {
    guard let refusal, words.contains(where: { refusal.contains($0) }) else { return nil }
    return Finding(text: refusal)
  }
}
