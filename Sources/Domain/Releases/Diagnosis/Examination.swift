/// What a rule found.
struct Finding: Sendable {
  /// The pod that shows it; nil when it isn't about one.
  var pod: PodStatus?
  /// What Kubernetes said.
  var text: String

  var image: String { pod?.image ?? "" }
}

/// What is known about an application that may have something wrong with it.
struct Examination: Sendable {
  let status: ApplicationStatus
  /// The application's own pods that aren't on their way out, those of the newest
  /// release first.
  let pods: [PodStatus]
  /// Pods with the application's labels that aren't its own.
  let foreignPods: [PodStatus]
  /// What a program that ends again and again wrote last.
  let lastLines: [String]

  init(_ status: ApplicationStatus, lastLines: [String] = []) {
    self.status = status
    self.lastLines = lastLines
    let newest = status.newReplicaSet?.uid
    let staying = status.pods.filter { $0.stage != .terminating }
    func isForeign(_ pod: PodStatus) -> Bool {
      status.deployment != nil
        && (!pod.isOfReplicaSet || status.foreignReplicaSets.contains(pod.owner))
    }
    foreignPods = staying.filter(isForeign)
    let own = staying.filter { !isForeign($0) }
    pods = own.filter { $0.owner == newest } + own.filter { $0.owner != newest }
  }

  /// Pods with a container that can't start or keeps ending, with Kubernetes' word
  /// for it. Those that ended for good are not among them.
  var failing: [(pod: PodStatus, reason: String)] {
    pods.compactMap { pod in
      guard case .failing(let reason) = pod.stage, !pod.isOver else { return nil }
      return (pod, reason)
    }
  }

  /// The newest warning about a pod.
  func warning(_ reason: String, about pod: PodStatus, with word: String = "") -> String? {
    status.warnings.last {
      $0.reason == reason && $0.objectName == pod.name
        && (word.isEmpty || $0.message.contains(word))
    }?.message
  }

  /// The first failing pod of which `text` makes something, with that.
  func firstFailing(_ text: (PodStatus, String) -> String?) -> Finding? {
    for (pod, reason) in failing {
      if let text = text(pod, reason) { return Finding(pod: pod, text: text) }
    }
    return nil
  }

  /// The first pod of which `text` makes something, with that.
  func first(_ text: (PodStatus) -> String?) -> Finding? {
    for pod in pods {
      if let text = text(pod) { return Finding(pod: pod, text: text) }
    }
    return nil
  }
}

extension PodStatus {
  /// What Kubernetes says about why it fails, or at least its word for it.
  func evidence(_ reason: String) -> String {
    if let message = message.nonEmpty { return message }
    if let message = lastMessage.nonEmpty { return message }
    return "\(name): \(reason)"
  }

  /// Whether its program ended, so that its last lines may say why.
  var hasLastWords: Bool {
    guard case .failing(let reason) = stage, !isOver, lastExitCode != nil else { return false }
    return ["CrashLoopBackOff", "Error", "OOMKilled", "Completed"].contains(reason)
  }
}

extension String {
  /// Whether it holds one of several words, whatever their case.
  func mentions(_ words: String...) -> Bool {
    let text = lowercased()
    return words.contains { text.contains($0) }
  }
}
