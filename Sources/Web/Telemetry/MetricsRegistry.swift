import CoreMetrics
import Synchronization

/// Keeps what the program counts and measures, as the backend of swift-metrics:
/// who counts asks for a handle once, and counting costs an atomic addition.
///
/// Only what ``MetricFamily/all`` declares is kept; all else goes nowhere.
final class MetricsRegistry: MetricsFactory {
  /// One line, or one histogram: a metric with its labels' values.
  enum Series: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)
  }

  /// By the family's name, then by the labels as they are written.
  private let series = Mutex<[String: [String: Series]]>([:])

  /// Makes a registry in which what is always there begins with 0.
  init() {
    for kind in ["read", "write"] {
      let dimensions = [("kind", kind)]
      _ = makeTimer(
        label: "babyhelm_database_transaction_duration_seconds", dimensions: dimensions)
      _ = makeCounter(
        label: "babyhelm_database_transaction_failures_total", dimensions: dimensions)
    }
    _ = makeTimer(label: "babyhelm_page_render_duration_seconds", dimensions: [])
  }

  /// All series of a metric, by their labels as they are written, in order.
  func series(of name: String) -> [(labels: String, series: Series)] {
    let found = series.withLock { $0[name] ?? [:] }
    return found.sorted { $0.key < $1.key }.map { (labels: $0.key, series: $0.value) }
  }

  // MARK: The backend of swift-metrics

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    let made = find(label, dimensions) { kind in
      kind == .counter ? .counter(CounterSeries()) : nil
    }
    if case .counter(let counter) = made { return counter }
    return NOOPMetricsHandler.instance
  }

  func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    let made = find(label, dimensions) { kind in
      kind == .gauge ? .gauge(GaugeSeries()) : nil
    }
    if case .gauge(let gauge) = made { return gauge }
    return NOOPMetricsHandler.instance
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let made = find(label, dimensions) { kind in
      if case .histogram(let bounds) = kind { return .histogram(HistogramSeries(bounds)) }
      return nil
    }
    if case .histogram(let histogram) = made { return histogram }
    return NOOPMetricsHandler.instance
  }

  // Handles live as long as the program: a counter that went away and came back
  // would begin anew.
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}

  /// The series of a metric with these labels, made when it is new; nil when
  /// nothing of the kind is declared.
  private func find(
    _ name: String, _ dimensions: [(String, String)], _ make: (MetricFamily.Kind) -> Series?
  ) -> Series? {
    guard let family = MetricFamily.byName[name], family.labels == dimensions.map(\.0) else {
      return nil
    }
    let labels = MetricsText.labels(dimensions)
    return series.withLock { series in
      if let known = series[name]?[labels] { return known }
      let new = make(family.kind)
      series[name, default: [:]][labels] = new
      return new
    }
  }
}

/// A number that only rises.
final class CounterSeries: CounterHandler {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }

  func increment(by amount: Int64) {
    count.wrappingAdd(amount, ordering: .relaxed)
  }

  func reset() {
    count.store(0, ordering: .relaxed)
  }
}

/// A number that rises and falls.
final class GaugeSeries: RecorderHandler {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
  }
}

/// How often durations fell between bounds.
final class HistogramSeries: TimerHandler {
  /// What was measured so far, all of the same moment.
  struct Picture: Sendable {
    /// Between one bound and the next; the last is beyond all of them.
    var counts: [Int]
    var nanoseconds: Int64 = 0

    var total: Int { counts.reduce(0, +) }
    var seconds: Double { Double(nanoseconds) / 1e9 }
  }

  /// In seconds, rising.
  let bounds: [Double]
  private let limits: [Int64]
  // Held for a few additions, so that sum and counts always fit each other.
  private let state: Mutex<Picture>

  init(_ bounds: [Double]) {
    self.bounds = bounds
    limits = bounds.map { Int64($0 * 1e9) }
    state = Mutex(Picture(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  var picture: Picture { state.withLock { $0 } }

  func recordNanoseconds(_ duration: Int64) {
    let place = limits.firstIndex { duration <= $0 } ?? limits.count
    state.withLock { state in
      state.counts[place] += 1
      state.nanoseconds &+= duration
    }
  }
}
