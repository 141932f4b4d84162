internal import Foundation

/// Keeps what Prometheus answered until its time comes, and asks once for
/// everybody who wants to know the same meanwhile.
actor MetricCache {
  /// What is asked. The same again at a later time has another grid.
  struct Key: Sendable, Hashable {
    let subject: MetricsReport.Subject
    let grid: PrometheusClient.Grid
    let claims: [String]
    let isSparklines: Bool
  }

  /// How many answers are kept; one has up to 100 KiB.
  static let limit = 64
  /// After this an answer that isn't whole is asked for again, and so is one
  /// that says nothing: what was just started is measured within seconds.
  static let failureLife: Duration = .seconds(5)

  private struct Entry {
    let task: Task<MetricCharts.Answer, Never>
    let began: ContinuousClock.Instant
    var lasts = true

    func isGood(at time: ContinuousClock.Instant) -> Bool {
      lasts || time - began < MetricCache.failureLife
    }
  }

  private var entries: [Key: Entry] = [:]
  private var lastComplaint: ContinuousClock.Instant?

  func answer(
    to key: Key, _ make: @escaping @Sendable () async -> MetricCharts.Answer
  ) async -> MetricCharts.Answer {
    let now = ContinuousClock.now
    if let entry = entries[key], entry.isGood(at: now) { return await entry.task.value }
    makeRoom(at: now)
    // Not the task of who asks: others wait for it when that one goes away.
    let task = Task { await make() }
    entries[key] = Entry(task: task, began: now)
    let answer = await task.value
    if entries[key]?.began == now { entries[key]?.lasts = answer.isWhole && !answer.isEmpty }
    return answer
  }

  private func makeRoom(at time: ContinuousClock.Instant) {
    // First those that nobody is answered with any more.
    if entries.count >= Self.limit { entries = entries.filter { $0.value.isGood(at: time) } }
    while entries.count >= Self.limit,
      let oldest = entries.min(by: { $0.value.began < $1.value.began })
    {
      entries[oldest.key] = nil
    }
  }

  /// Whether it is time to log once more that Prometheus fails.
  func mayComplain() -> Bool {
    let now = ContinuousClock.now
    if let lastComplaint, now - lastComplaint < .seconds(60) { return false }
    lastComplaint = now
    return true
  }
}

extension MetricCharts.Answer {
  var isWhole: Bool {
    switch self {
    case .charts(_, let isWhole): isWhole
    case .unavailable: false
    }
  }

  /// Whether nothing at all is measured.
  var isEmpty: Bool {
    guard case .charts(let charts, _) = self else { return false }
    return charts.allSatisfy { if case .nothing = $0.content { true } else { false } }
  }
}
