import Foundation
import Kubernetes

/// Pods that were there before the sandbox was started.
extension Cluster {
  /// Goes on with a pod: one that serves just goes on serving, any other is
  /// started again.
  func resumePod(_ pod: JSONValue) {
    guard !Self.isFinished(pod) else { return }
    var run = PodRun(of: pod)
    let statuses = pod.at("status", "containerStatuses")?.array ?? []
    run.restarts = statuses.compactMap { $0["restartCount"]?.int }.max() ?? 0
    run.address = pod.at("status", "podIP")?.string
    guard let node = pod.at("spec", "nodeName")?.string else {
      podRuns[pod.uid] = run
      later(.schedule, pod, after: 0)
      return
    }
    scheduler.place(pod.uid, Scheduler.request(of: pod), on: node)
    run.scheduledAt = Self.time(of: "PodScheduled", pod) ?? now
    if pod.isTerminating {
      podRuns[pod.uid] = run
      schedule(.removePod(ObjectKey(pod), uid: pod.uid), after: Self.stopDelay)
    } else if Self.isReady(pod) {
      podRuns[pod.uid] = serving(run, pod)
    } else {
      if run.restarts > 0 { run.lastExit = Date() }
      podRuns[pod.uid] = run
      later(.create, pod, after: 0)
    }
  }

  private func serving(_ run: PodRun, _ pod: JSONValue) -> PodRun {
    var run = run
    run.stage = .running
    run.isReady = true
    run.readySince = .now
    run.readyChangedAt = Self.time(of: "Ready", pod) ?? now
    run.createdAt = pod.at("status", "startTime")?.string ?? now
    let states = (pod.at("status", "containerStatuses")?.array ?? []).lazy
    let start = states.compactMap { $0.at("state", "running", "startedAt")?.string }.first
    run.startedAt = start.flatMap { Timestamp.date($0) } ?? Date()
    return run
  }

  private static func time(of condition: String, _ pod: JSONValue) -> String? {
    (pod.at("status", "conditions")?.array ?? [])
      .first { $0["type"]?.string == condition }?["lastTransitionTime"]?.string
  }
}
