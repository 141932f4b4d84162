// What is wrong around the pods, and what no rule knows.
extension DiagnosisRule {
  static let ofSurroundings: [DiagnosisRule] = [
    DiagnosisRule(
      "selector-clash",
      "Pods of somebody else carry this application's labels, so requests reach them, too.",
      advice: "Ask who made them to change their label app.kubernetes.io/name, or to remove them.",
      concernsServing: true, find: clash),
    DiagnosisRule(
      "autoscaler-no-metrics",
      "The autoscaler gets no measurements, so the number of replicas stays as it is.",
      advice: "Right after a deploy that is normal for some minutes. If it stays, ask an admin "
        + "whether the cluster has a metrics server, or set a fixed number of replicas.",
      field: .autoscaling, concernsServing: true
    ) { examination in
      guard let problem = examination.status.autoscalerProblem, problem.type == "ScalingActive",
        problem.reason.hasPrefix("FailedGet") || problem.reason.hasPrefix("FailedCompute")
          || problem.reason == "InvalidMetricSourceType"
      else { return nil }
      return Finding(text: problem.message.nonEmpty ?? problem.reason)
    },
    DiagnosisRule(
      "paused", "The rollout is paused.",
      advice: "Resume it; another deploy resumes it too."
    ) { examination in
      guard examination.status.isPaused else { return nil }
      return Finding(text: "The Deployment has spec.paused: true.")
    },
  ]

  static let ofTheUnknown: [DiagnosisRule] = [
    DiagnosisRule(
      "evicted", "A node ran short of something and ended a replica.",
      advice: "Ask for as much memory as it really uses: who uses more than that goes first.",
      field: .memoryRequest
    ) { examination in
      examination.first { $0.stage == .failing(reason: "Evicted") ? $0.evidence("Evicted") : nil }
    },
    DiagnosisRule(
      "unknown", "We don't know this one. Kubernetes says:", advice: "An operator may know it."
    ) { examination in
      if let refusal = examination.refusal { return Finding(text: refusal) }
      return examination.first { pod in
        guard case .failing(let reason) = pod.stage else { return nil }
        return pod.evidence(reason)
      }
    },
    DiagnosisRule(
      "progress-deadline", "The new pods didn't become ready in time.",
      advice: "Look at the pods below; the old ones keep serving meanwhile. If they only need "
        + "longer, say how long they may take to start.", field: .startSeconds
    ) { examination in
      guard let progress = examination.status.deployment?.condition("Progressing"),
        progress.isFalse
      else { return nil }
      return Finding(text: progress.message)
    },
  ]

  private static let clash: @Sendable (Examination) -> Finding? = { examination in
    if let problem = examination.status.autoscalerProblem, problem.reason == "AmbiguousSelector" {
      return Finding(text: problem.message)
    }
    let names = examination.foreignPods.filter { !$0.isOver }.map(\.name)
    guard !names.isEmpty else { return nil }
    return Finding(
      text: "With the application's labels, and of none of its ReplicaSets: "
        + names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and more" : ""))
  }
}
