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
  let queue = LogQueue()

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
      group.addTask { try await pass(to: deliver) }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func pass(to deliver: (LogBatch) async throws -> Void) async throws {
    let limits = logs.limits
    for await _ in queue.arrivals {
      while true {
        let batches = queue.take(lines: limits.batch, bytes: limits.batchBytes)
        if batches.isEmpty { break }
        for batch in batches { try await deliver(batch) }
        try await Task.sleep(for: limits.pace)
      }
    }
  }

  private func watchAccess() async throws {
    while true {
      try await Task.sleep(for: logs.limits.accessCheck)
      // Also when the database is away: an outage never allows; the browser comes back.
      _ = try await inOwnTask {
        try await logs.applications.application(
          named: detail.application.name, in: project, as: principal)
      }
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
        if let missing, missing != told { queue.add(notice: missing) }
        told = missing
        for pod in pods where followed.insert(pod.name).inserted {
          if !isFirst { queue.add(notice: "Pod \(LogFailure.short(pod.name)) joined.") }
          group.addTask { await PodReader(feed: self, pod: pod).run() }
        }
        isFirst = false
      }
    }
  }
}

/// Gives one reader the log of one pod, until the pod is gone.
private struct PodReader {
  let feed: LogFeed
  let pod: PodStatus

  func run() async {
    guard let slot = await takeSlot() else { return }
    defer { slot.release() }
    let taps = feed.logs.taps
    let place = taps.join(pod.name, of: feed)
    defer { taps.leave(place, pod.name, of: feed) }
    if place.isHeld {
      place.flow(after: try? await taps.catchingUp.take { await catchUpWithinPatience(place) })
    }
    for await _ in place.ended {}
  }

  /// Waits for a slot, and says so.
  ///
  /// - Returns: nil when nobody reads any more.
  private func takeSlot() async -> LogSlots.Slot? {
    var isTold = false
    while !Task.isCancelled {
      do throws(LogSlots.Full) {
        return try feed.logs.slots.take(for: feed.principal.userID)
      } catch {
        if !isTold {
          let short = LogFailure.short(pod.name)
          feed.queue.add(
            notice: "\(error.sentence) The log of pod \(short) is shown when one is closed.")
        }
        isTold = true
        try? await Task.sleep(for: feed.logs.limits.slotCheck)
      }
    }
    return nil
  }

  /// The same, but a log that stalls gives its turn up: others wait for it.
  private func catchUpWithinPatience(_ place: LogPlace) async -> LogTime? {
    let reading = Task { await catchUp(place) }
    let limit = Task {
      try await Task.sleep(for: feed.logs.limits.patience)
      reading.cancel()
    }
    defer { limit.cancel() }
    return await withTaskCancellationHandler {
      await reading.value
    } onCancel: {
      reading.cancel()
    }
  }

  /// Reads what was written before the reader came to a log that others follow
  /// already.
  ///
  /// - Returns: until when the reader has it.
  private func catchUp(_ place: LogPlace) async -> LogTime? {
    let (query, buffer) = (feed.query, LogBuffer())
    var newest = query.after
    let current = feed.logs.applications.status(of: feed.detail).pods.first { $0.name == pod.name }
    // As while it is followed, the log says itself why there is none.
    if LogFailure.waiting(current ?? pod) != nil { return newest }
    do throws(KubernetesError) {
      let options = query.options(now: feed.logs.now(), isFollowing: true)
      let lines = try await feed.logs.client.podLogLines(
        pod: pod.name, namespace: feed.project, options)
      var count = 0
      try await Logs.forEachLine(of: lines, pod.name) { line in
        count += 1
        if let time = line.time { newest = newest.map { max($0, time) } ?? time }
        if query.matches(line) { buffer.add(line) }
      }
      if query.isFiltered, count == options.tailLines {
        feed.queue.add(notice: LogFailure.many(pod.name, count))
      }
    } catch {
      if !error.isNotFound, !place.isTold {
        feed.queue.add(notice: LogFailure.sentence(error, pod, isPrevious: false))
      }
    }
    let limits = feed.logs.limits
    while let batch = buffer.take(lines: limits.batch, bytes: limits.batchBytes) {
      feed.queue.add(batch)
    }
    return newest
  }
}
