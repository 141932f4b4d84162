internal import Kubernetes

/// Why a pod's log can't be read, in words.
enum LogFailure {
  /// The last part of a pod's name, which tells the replicas of one
  /// application apart.
  static func short(_ pod: String) -> String {
    pod.split(separator: "-").last.map(String.init) ?? pod
  }

  /// The pod wrote more than is looked through.
  static func many(_ pod: String, _ lines: Int) -> String {
    "Pod \(short(pod)) wrote much: only its newest \(lines / 1_000),000 lines were looked through."
  }

  /// Why there is nothing to read yet; nil when a container has run.
  static func waiting(_ pod: PodStatus) -> String? {
    let name = short(pod.name)
    if pod.restarts > 0 || pod.lastExitCode != nil { return nil }
    let detail = pod.message.isEmpty ? "" : " Kubernetes says: \(pod.message)"
    switch pod.stage {
    case .unscheduled: return "Pod \(name) waits for a node, so it has no log yet.\(detail)"
    case .starting: return "The container of pod \(name) is being made; its log comes with it."
    case .failing(let reason) where !hasRun(reason):
      return "The container of pod \(name) never started (\(reason)), so there is no log.\(detail)"
    default: return nil
    }
  }

  private static func hasRun(_ reason: String) -> Bool {
    ["CrashLoopBackOff", "Error", "Completed", "OOMKilled", "Failed", "Evicted"].contains(reason)
  }

  /// What the API server's answer means.
  static func sentence(_ error: KubernetesError, _ pod: PodStatus, isPrevious: Bool) -> String {
    let name = short(pod.name)
    let message = error.status?.message ?? ""
    if error.isNotFound { return "Pod \(name) is gone, and its log with it." }
    if message.contains("previous terminated container") {
      return "Pod \(name) has no previous container: it was never started anew."
    }
    if message.contains("is waiting to start") {
      return waiting(pod) ?? "The container of pod \(name) hasn’t started yet: \(message)"
    }
    if error.isForbidden || error.isUnauthorized {
      return "The cluster doesn’t let BabyHelm read logs (get pods/log). An operator must grant it."
    }
    if error.isTooManyRequests {
      return "The cluster has too much to do to read the log of pod \(name). Try again shortly."
    }
    if isNodeAway(message) {
      return "The node \(pod.node) of pod \(name) doesn’t answer, so its log can’t be read. "
        + "An operator may know why."
    }
    if case .unreachable = error { return unavailable(name) }
    if case .timedOut = error { return unavailable(name) }
    if message.isEmpty { return "The log of pod \(name) broke off." }
    return "The log of pod \(name) can’t be read. Kubernetes says: \(message)"
  }

  private static func unavailable(_ name: String) -> String {
    "The cluster doesn’t answer, so the log of pod \(name) can’t be read right now."
  }

  /// The API server asks the node's kubelet; these are Go's words for why it
  /// couldn't.
  private static func isNodeAway(_ message: String) -> Bool {
    message.contains("containerLogs")
      && ["dial tcp", "no route to host", "i/o timeout", "connection refused", "TLS handshake"]
        .contains(where: message.contains)
      || message.contains("error dialing backend")
  }
}
