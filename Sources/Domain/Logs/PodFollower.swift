internal import Kubernetes

/// Follows one pod through all runs of its container, until the pod is gone.
struct PodFollower: Sendable {
  let tap: LogTap
  let logs: Logs
  let detail: ApplicationDetail
  let name: String
  /// Of the reader who came first.
  let query: LogQuery

  private static let nap: Duration = .milliseconds(250)

  private var short: String { LogFailure.short(name) }

  /// The pod as the cluster has it now.
  private var pod: PodStatus? {
    logs.applications.status(of: detail).pods.first { $0.name == name }
  }

  /// What a run of a container is told from the next one by.
  private struct Run: Equatable {
    let restarts: Int
    let stage: PodStatus.Stage
  }

  private struct Progress {
    var cursor: LogTime?
    var failures = 0
  }

  func run() async {
    var progress = Progress(cursor: query.after)
    var ended: Run?
    var idle = 0
    while !Task.isCancelled {
      guard let pod else {
        tap.add(notice: "Pod \(short) is gone; its log ends here.")
        return
      }
      let run = Run(restarts: pod.restarts, stage: pod.stage)
      // A stream may end although its container runs on: it is opened again after a while.
      if ended == run, idle < 40 || !Self.runs(pod) {
        idle += 1
        try? await Task.sleep(for: Self.nap)
        continue
      }
      idle = 0
      if let waiting = LogFailure.waiting(pod) {
        tap.tell(waiting)
        try? await Task.sleep(for: Self.nap)
        continue
      }
      if await follow(pod, &progress) {
        ended = run
      } else {
        ended = nil
        let seconds = min(1 << min(progress.failures, 4), 15)
        try? await Task.sleep(for: .seconds(seconds))
      }
    }
  }

  private static func runs(_ pod: PodStatus) -> Bool {
    pod.stage == .running || pod.stage == .ready
  }

  /// Reads until the container has ended.
  ///
  /// - Returns: false when the log can't be read now.
  private func follow(_ pod: PodStatus, _ progress: inout Progress) async -> Bool {
    var query = query
    query.after = progress.cursor
    var cursor = progress.cursor
    do throws(KubernetesError) {
      let options = query.options(now: logs.now(), isFollowing: true)
      let lines = try await logs.client.followPodLogs(
        pod: name, namespace: detail.membership.project.name, options)
      progress.failures = 0
      tap.tell("")
      let opened = LogTime(trusted: Timestamp.microText(logs.now()))
      var earlier = 0
      try await Logs.forEachLine(of: lines, name) { line in
        if query.isFiltered, let time = line.time, earlier >= 0 {
          earlier = time < opened ? earlier + 1 : -1
          if earlier == options.tailLines { tap.add(notice: LogFailure.many(name, earlier)) }
        }
        if let time = line.time {
          if let after = query.after, time <= after { return }
          cursor = cursor.map { max($0, time) } ?? time
        }
        tap.add(line)
      }
      progress.cursor = cursor
      if Task.isCancelled { return true }
      if !Self.runs(pod) || self.pod.map({ !Self.runs($0) }) ?? false {
        tap.tell("The container of pod \(short) ended.")
      }
      return true
    } catch {
      progress.cursor = cursor
      if case .cancelled = error { return true }
      // A pod that is gone says so itself, above.
      if !error.isNotFound {
        tap.tell(LogFailure.sentence(error, pod, isPrevious: false))
      }
      progress.failures += 1
      return false
    }
  }
}
