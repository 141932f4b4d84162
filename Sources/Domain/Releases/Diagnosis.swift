/// The plain-words reason an application isn't healthy, the evidence, and what
/// to do (docs/design.md §1).
public struct Diagnosis: Sendable, Hashable {
  /// What is wrong, in one sentence.
  public let sentence: String
  /// What Kubernetes said, word for word.
  public let evidence: String
  /// What to do about it.
  public let advice: String

  /// The reason, or nil when nothing is known to be wrong.
  public static func of(_ status: ApplicationStatus) -> Diagnosis? {
    // What is left of an evicted pod stays on the cluster for days.
    if status.health == .healthy || status.health == .stopped { return nil }
    if let replicaFailure = status.deployment?.condition("ReplicaFailure"), replicaFailure.isTrue {
      return ofRefusedPods(replicaFailure.message)
    }
    for pod in status.pods {
      if case .failing(let reason) = pod.stage { return ofFailing(pod, reason: reason) }
    }
    for pod in status.pods where pod.stage == .unscheduled && !pod.message.isEmpty {
      return ofUnscheduled(pod.message)
    }
    if let unready = ofUnready(status) { return unready }
    if status.deployment?.isPaused == true {
      return Diagnosis(
        sentence: "Somebody paused the rollout by hand.",
        evidence: "The Deployment has spec.paused: true.",
        advice: "Deploy again, which resumes it, or use kubectl rollout resume.")
    }
    if let progress = status.deployment?.condition("Progressing"), progress.isFalse {
      return Diagnosis(
        sentence: "The new pods didn't become ready in time.", evidence: progress.message,
        advice: "Look at the pods below; the old ones keep serving meanwhile.")
    }
    return nil
  }

  /// No node takes a pod (Kubernetes, scheduler's messages).
  private static func ofUnscheduled(_ message: String) -> Diagnosis {
    if message.contains("PersistentVolumeClaim") {
      return Diagnosis(
        sentence: "A volume isn't there yet, so the replica can't be placed.", evidence: message,
        advice: "Ask an admin whether the cluster has a storage class that makes volumes.")
    }
    if message.contains("Insufficient") {
      return Diagnosis(
        sentence: "No node of the cluster has room for a replica.", evidence: message,
        advice: "Ask for less CPU or memory, or ask an admin for a larger node.")
    }
    if message.contains("taint") || message.contains("selector") {
      return Diagnosis(
        sentence: "No node of the cluster takes this application's pods.", evidence: message,
        advice: "An admin decides which nodes do: tolerations and node selector.")
    }
    return Diagnosis(
      sentence: "The cluster finds no node for a replica.", evidence: message,
      advice: "The message names what each node lacks; an admin may know more.")
  }

  /// The ReplicaSet may not make pods.
  private static func ofRefusedPods(_ message: String) -> Diagnosis {
    if message.contains("exceeded quota") {
      return Diagnosis(
        sentence: "The project's quota has no room for another replica.", evidence: message,
        advice:
          "Ask for fewer replicas or less of what the message names, or ask an admin for more."
      )
    }
    if message.contains("violates PodSecurity") {
      return Diagnosis(
        sentence: "The project's Pod Security level forbids these pods.", evidence: message,
        advice: "The message names the setting that isn't allowed.")
    }
    if message.contains("usage per Container") || message.contains("LimitRange") {
      return Diagnosis(
        sentence: "The project's limits don't allow a replica of this size.", evidence: message,
        advice: "Change CPU or memory so that it is within the limits.")
    }
    return unknown(message)
  }

  private static func ofFailing(_ pod: PodStatus, reason: String) -> Diagnosis {
    let evidence = pod.message.isEmpty ? "\(pod.name): \(reason)" : pod.message
    switch reason {
    case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull":
      return Diagnosis(
        sentence: "The image “\(pod.image)” can't be pulled.", evidence: evidence,
        advice: "Check its name and tag, and that the registry lets this cluster read it.")
    case "OOMKilled":
      return outOfMemory(evidence)
    case "CrashLoopBackOff", "Error", "Completed":
      if pod.lastExitReason == "OOMKilled" { return outOfMemory(evidence) }
      let code = pod.lastExitCode.map { " with exit code \($0)" } ?? ""
      return Diagnosis(
        sentence: "The program in the container starts and ends again\(code).",
        evidence: evidence,
        advice: "Its log says why: often a missing variable, a wrong command or a taken port.")
    case "CreateContainerConfigError" where evidence.contains("runAsNonRoot"):
      return Diagnosis(
        sentence: "The image runs as root, which this project forbids.", evidence: evidence,
        advice: "Give a user id in the form, or use an image that runs as another user.")
    case "CreateContainerConfigError":
      return Diagnosis(
        sentence: "The container can't be made: some configuration it needs is missing.",
        evidence: evidence, advice: "The message names what is missing.")
    default:
      return unknown(evidence)
    }
  }

  private static func outOfMemory(_ evidence: String) -> Diagnosis {
    Diagnosis(
      sentence: "The program used more memory than its limit and was ended.",
      evidence: evidence, advice: "Raise the memory limit, or make the program use less.")
  }

  /// Runs, but takes no traffic.
  private static func ofUnready(_ status: ApplicationStatus) -> Diagnosis? {
    guard status.pods.contains(where: { $0.stage == .running }),
      let probe = status.warnings.last(where: { $0.reason == "Unhealthy" })
    else { return nil }
    return Diagnosis(
      sentence: "A replica runs but doesn't answer on its port yet.", evidence: probe.message,
      advice: "Check that the program listens on the port you named, on all addresses.")
  }

  private static func unknown(_ evidence: String) -> Diagnosis {
    Diagnosis(
      sentence: "We don't know this one. Kubernetes says:", evidence: evidence,
      advice: "An operator may know it.")
  }
}
