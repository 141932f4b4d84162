/// A series that the sandbox makes up: what it is at any time follows from the
/// time, so nothing is stored.
struct SimulatedSeries: Sendable {
  let labels: [String: String]
  /// Seconds since 1970; there is nothing outside.
  let start: Double
  let end: Double
  let value: Value

  enum Value: Sendable {
    case gauge(@Sendable (Double) -> Double)
    /// By how much it grows in a second.
    case counter(growth: @Sendable (Double) -> Double)
  }

  init(
    _ labels: [String: String], start: Double = -.infinity, end: Double = .infinity, _ value: Value
  ) {
    self.labels = labels
    self.start = start
    self.end = end
    self.value = value
  }

  /// What a selector finds at a time.
  func instant(at time: Double) -> Double? {
    guard start <= time, time < end else { return nil }
    switch value {
    case .gauge(let value): return value(time)
    case .counter(let growth): return growth(time) * (time - max(start, time - 86_400))
    }
  }

  /// What a function finds in the window that ends at a time, from eight looks
  /// at it.
  func windowed(
    _ function: PromQLExpression.Function, seconds: Double, at time: Double
  ) -> Double? {
    let first = max(time - seconds, start)
    let last = min(time, end)
    guard first < last else { return nil }
    let looks = (0..<8).map { first + (last - first) * (Double($0) + 0.5) / 8 }
    switch (function, value) {
    case (.rate, .counter(let growth)):
      // Over the whole window, of which it may fill only a part.
      return looks.reduce(0) { $0 + growth($1) } / 8 * (last - first) / seconds
    case (.highest, .gauge(let value)): return looks.map(value).max()
    default: return nil
    }
  }
}
