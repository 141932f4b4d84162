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
  /// After this an answer that isn't whole is asked for again.
  static let failureLife: Duration = .seconds(5)

  private struct Entry {
    let task: Task<MetricCharts.Answer, Never>
    let began: ContinuousClock.Instant
    var isWhole = true
  }

  private var entries: [Key: Entry] = [:]
  private var lastComplaint: ContinuousClock.Instant?

  func answer(
    to key: Key, _ make: @escaping @Sendable () async -> MetricCharts.Answer
  ) async -> MetricCharts.Answer {
    let now = ContinuousClock.now
    if let entry = entries[key], entry.isWhole || now - entry.began < Self.failureLife {
      return await entry.task.value
    }
    makeRoom()
    // Not the task of who asks: others wait for it when that one goes away.
    let task = Task { await make() }
    entries[key] = Entry(task: task, began: now)
    let answer = await task.value
    if entries[key]?.began == now { entries[key]?.isWhole = answer.isWhole }
    return answer
  }

  private func makeRoom() {
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
}
