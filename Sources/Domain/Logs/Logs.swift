internal import struct Foundation.Date
internal import Kubernetes

/// An application's log as it is now.
public struct LogPage: Sendable {
  public let detail: ApplicationDetail
  /// Oldest first.
  public let lines: [LogLine]
  /// Lines before ``lines`` that were read and don't fit.
  public let leftOut: Int
  /// Why a pod's log is missing, a sentence each.
  public let notices: [String]

  /// The time of the newest line; what is newer comes after it.
  public var newest: LogTime? { lines.compactMap(\.time).max() }
}

/// How much the logs may cost.
public struct LogLimits: Sendable {
  /// Logs of pods that one person, and everybody together, has open.
  public var perPerson = 20
  public var total = 200
  /// The most bytes of a download.
  public var download = 50 << 20
  /// How long a page waits for its lines.
  public var patience: Duration = .seconds(10)
  /// The most lines a live reader gets at a time, about the most bytes of them,
  /// and the time between. As HTML such a batch still fits 64 KiB, the largest
  /// power of two that a buffer doesn't waste half of.
  public var batch = 200
  public var batchBytes = 48 << 10
  public var pace: Duration = .milliseconds(100)
  /// How often it is asked again whether a live reader still may.
  public var accessCheck: Duration = .seconds(5)
  /// How often it is looked whether there is room for another log.
  public var slotCheck: Duration = .seconds(1)

  public init() {}
}

/// Logs: what the containers of an application write, read from the API server
/// when somebody wants to see it; nothing is stored.
public struct Logs: Sendable {
  /// The most pods whose logs are shown together.
  static let podLimit = 20

  let client: KubernetesClient
  let applications: Applications
  let slots: LogSlots
  let taps = LogTaps()
  let limits: LogLimits
  let now: @Sendable () -> Date

  init(
    client: KubernetesClient, applications: Applications, limits: LogLimits,
    now: @escaping @Sendable () -> Date
  ) {
    self.client = client
    self.applications = applications
    self.limits = limits
    slots = LogSlots(perPerson: limits.perPerson, total: limits.total)
    self.now = now
  }

  /// How many logs of pods are being read.
  public var openCount: Int { slots.count }

  /// The newest lines of an application's pods, in the order of their times.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see. A pod whose log can't be read is a notice.
  public func page(
    of application: String, in project: String, _ query: LogQuery, as principal: Principal
  ) async throws(DomainError) -> LogPage {
    let detail = try await applications.application(
      named: application, in: project, as: principal)
    let (pods, missing) = Self.choice(of: query, among: detail.status.pods)
    let readings = await withTaskGroup(of: (Int, PodReading).self) { group in
      for (index, pod) in pods.enumerated() {
        group.addTask { (index, await reading(pod, in: project, query, principal)) }
      }
      var readings: [(Int, PodReading)] = []
      for await reading in group { readings.append(reading) }
      return readings.sorted { $0.0 < $1.0 }.map(\.1)
    }
    var notices = missing.map { [$0] } ?? []
    for notice in readings.compactMap(\.notice) where !notices.contains(notice) {
      notices.append(notice)
    }
    let lines = Self.merged(readings.map(\.lines))
    let shown = Array(lines.suffix(query.tail))
    // Without a filter the bound is what was asked for, and nothing is missing.
    let isFiltered = query.after != nil
    let leftOut = readings.reduce(0) { $0 + $1.leftOut } + lines.count - shown.count
    return LogPage(
      detail: detail, lines: shown, leftOut: isFiltered ? leftOut : 0, notices: notices)
  }

  /// The pods that a query is about, and why some or all are missing.
  static func choice(of query: LogQuery, among pods: [PodStatus]) -> ([PodStatus], String?) {
    if let name = query.pod {
      let found = pods.filter { $0.name == name }
      return (
        found,
        found.isEmpty ? "There is no pod \(name) any more. Choose another one, or all." : nil
      )
    }
    let wanted = query.isPrevious ? pods.filter { $0.restarts > 0 } : pods
    if wanted.isEmpty {
      return (
        [],
        pods.isEmpty
          ? "No pod is there yet; lines appear as soon as one runs."
          : "No container was started anew, so there is no previous log."
      )
    }
    let shown = Array(wanted.prefix(podLimit))
    let rest = wanted.count - shown.count
    return (
      shown,
      rest > 0 ? "\(rest) more pods are not shown here. Choose one to read its log." : nil
    )
  }

  /// Several logs as one, by time; lines of one pod stay in their order.
  static func merged(_ logs: [[LogLine]]) -> [LogLine] {
    var positions = logs.map { _ in 0 }
    var result: [LogLine] = []
    result.reserveCapacity(logs.reduce(0) { $0 + $1.count })
    while true {
      var best: Int?
      for index in logs.indices where positions[index] < logs[index].count {
        guard let time = logs[index][positions[index]].time else {
          best = index
          break
        }
        if let other = best, let earliest = logs[other][positions[other]].time, earliest <= time {
          continue
        }
        best = index
      }
      guard let best else { return result }
      result.append(logs[best][positions[best]])
      positions[best] += 1
    }
  }
}

/// One pod's part of a page.
struct PodReading: Sendable {
  var lines: [LogLine] = []
  var leftOut = 0
  var notice: String?
}

extension Logs {
  private func reading(
    _ pod: PodStatus, in project: String, _ query: LogQuery, _ principal: Principal
  ) async -> PodReading {
    if let waiting = LogFailure.waiting(pod) { return PodReading(notice: waiting) }
    let slot: LogSlots.Slot
    do throws(LogSlots.Full) {
      slot = try slots.take(for: principal.userID)
    } catch {
      return PodReading(notice: error.sentence)
    }
    defer { slot.release() }
    let late = PodReading(
      notice: "The log of pod \(LogFailure.short(pod.name)) takes too long to come. Try again.")
    return await withTaskGroup(of: PodReading.self) { group in
      group.addTask { await read(pod, in: project, query) }
      group.addTask { [limits] in
        try? await Task.sleep(for: limits.patience)
        return late
      }
      defer { group.cancelAll() }
      return await group.next() ?? late
    }
  }

  private func read(_ pod: PodStatus, in project: String, _ query: LogQuery) async -> PodReading {
    let buffer = LogBuffer(maximumLines: query.tail, maximumBytes: 1 << 20)
    var notice: String?
    var count = 0
    do throws(KubernetesError) {
      let lines = try await client.podLogLines(
        pod: pod.name, namespace: project, query.options(now: now()))
      try await Self.forEachLine(of: lines, pod.name) { line in
        count += 1
        if query.matches(line) { buffer.add(line) }
      }
      if count >= LogQuery.searched { notice = LogFailure.many(pod.name, count) }
    } catch {
      notice = LogFailure.sentence(error, pod, isPrevious: query.isPrevious)
    }
    let batch = buffer.take()
    return PodReading(
      lines: (batch?.items ?? []).compactMap { item in
        if case .line(let line) = item { line } else { nil }
      }, leftOut: batch?.leftOut ?? 0, notice: notice)
  }

  /// Hands on each line once. Of a line that the client delivers in pieces,
  /// the first is handed on.
  static func forEachLine(
    of stream: LogStream, _ pod: String, _ use: (RawLogLine) -> Void
  ) async throws(KubernetesError) {
    var isWithinLine = false
    var iterator = stream.makeAsyncIterator()
    while let text = try await iterator.next() {
      let line = RawLogLine(text, of: pod)
      if !(isWithinLine && line.time == nil) { use(line) }
      isWithinLine = text.utf8.count >= LogStream.maximumLineBytes
    }
  }
}
