internal import Kubernetes

extension Logs {
  /// An application's log as it is written, for one reader.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see.
  public func follow(
    _ application: String, in project: String, _ query: LogQuery, as principal: Principal
  ) async throws(DomainError) -> LogFeed {
    let detail = try await applications.application(
      named: application, in: project, as: principal)
    return LogFeed(logs: self, detail: detail, query: query, principal: principal)
  }
}

/// A log that is followed: pods come and go, and each tells so.
public struct LogFeed: Sendable {
  let logs: Logs
  let detail: ApplicationDetail
  let query: LogQuery
  let principal: Principal
  let buffer = LogBuffer()

  var project: String { detail.membership.project.name }

  /// Hands on what the pods write, in the order of arrival, until the task is
  /// cancelled. While `deliver` takes its time, lines that don't fit are
  /// dropped and counted.
  ///
  /// - Throws: what `deliver` throws, and the refusal when the principal may
  ///   not read the log any more.
  public func run(
    _ deliver: @escaping @Sendable (LogBatch) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await followPods() }
      group.addTask { try await watchAccess() }
      group.addTask {
        for await _ in buffer.arrivals {
          while let batch = buffer.take(logs.limits.batch) {
            try await deliver(batch)
            try await Task.sleep(for: logs.limits.pace)
          }
        }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func watchAccess() async throws {
    while true {
      try await Task.sleep(for: logs.limits.accessCheck)
      // Also when the database is away: an outage never allows; the browser comes back.
      _ = try await logs.applications.application(
        named: detail.application.name, in: project, as: principal)
    }
  }

  private func followPods() async {
    await withDiscardingTaskGroup { group in
      var followed: Set<String> = []
      var told: String?
      var isFirst = true
      for await _ in logs.applications.changes(in: project) {
        let status = logs.applications.status(of: detail)
        let (pods, missing) = Logs.choice(of: query, among: status.pods)
        if let missing, missing != told { buffer.add(notice: missing) }
        told = missing
        for pod in pods where followed.insert(pod.name).inserted {
          if !isFirst { buffer.add(notice: "Pod \(LogFailure.short(pod.name)) joined.") }
          group.addTask { await PodFollower(feed: self, name: pod.name).run() }
        }
        isFirst = false
      }
    }
  }
}

/// Follows one pod through all runs of its container, until the pod is gone.
private struct PodFollower {
  let feed: LogFeed
  let name: String

  private static let nap: Duration = .milliseconds(250)

  private var short: String { LogFailure.short(name) }

  /// The pod as the cluster has it now.
  private var pod: PodStatus? {
    feed.logs.applications.status(of: feed.detail).pods.first { $0.name == name }
  }

  /// What a run of a container is told from the next one by.
  private struct Run: Equatable {
    let restarts: Int
    let stage: PodStatus.Stage
  }

  private struct Progress {
    var cursor: LogTime?
    var told = ""
    var failures = 0
  }

  func run() async {
    var progress = Progress(cursor: feed.query.after)
    var ended: Run?
    var idle = 0
    while !Task.isCancelled {
      guard let pod else {
        feed.buffer.add(notice: "Pod \(short) is gone; its log ends here.")
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
        tell(waiting, &progress)
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

  /// Says something once, until it is another thing.
  private func tell(_ sentence: String, _ progress: inout Progress) {
    if sentence != progress.told { feed.buffer.add(notice: sentence) }
    progress.told = sentence
  }

  /// Reads until the container has ended.
  ///
  /// - Returns: false when the log can't be read now.
  private func follow(_ pod: PodStatus, _ progress: inout Progress) async -> Bool {
    let slot: LogSlots.Slot
    do throws(LogSlots.Full) {
      slot = try feed.logs.slots.take(for: feed.principal.userID)
    } catch {
      tell("\(error.sentence) The log of pod \(short) is shown when one is closed.", &progress)
      return false
    }
    defer { slot.release() }
    var query = feed.query
    query.after = progress.cursor
    var cursor = progress.cursor
    do throws(KubernetesError) {
      let lines = try await feed.logs.client.followPodLogs(
        pod: name, namespace: feed.project, query.options(now: feed.logs.now()))
      progress.failures = 0
      progress.told = ""
      let opened = LogTime(trusted: Timestamp.microText(feed.logs.now()))
      var earlier = 0
      try await Logs.forEachLine(of: lines, name) { line in
        if earlier < LogQuery.searched, let time = line.time, time < opened {
          earlier += 1
          if earlier == LogQuery.searched { feed.buffer.add(notice: LogFailure.many(name)) }
        }
        let isWanted = query.matches(line)
        if let time = line.time { cursor = cursor.map { max($0, time) } ?? time }
        if isWanted { feed.buffer.add(line) }
      }
      progress.cursor = cursor
      if Task.isCancelled { return true }
      if !Self.runs(pod) || self.pod.map({ !Self.runs($0) }) ?? false {
        tell("The container of pod \(short) ended.", &progress)
      }
      return true
    } catch {
      progress.cursor = cursor
      if case .cancelled = error { return true }
      // A pod that is gone says so itself, above.
      if !error.isNotFound {
        tell(LogFailure.sentence(error, pod, isPrevious: false), &progress)
      }
      progress.failures += 1
      return false
    }
  }
}
