import Domain

/// What a series comes to in a few numbers.
struct SeriesFigures: Sendable, Hashable {
  /// A value and when it was measured, as steps from the start.
  struct Point: Sendable, Hashable {
    let value: Double
    let index: Int
  }

  let last: Point
  let lowest: Point
  let highest: Point
  /// Whether the last is the newest that there could be.
  let isCurrent: Bool
  /// Stretches between two values in which nothing was measured.
  let gaps: Int

  /// nil for a series without a value.
  init?(_ values: [Double?]) {
    var last: Point?
    var lowest: Point?
    var highest: Point?
    var gaps = 0
    for (index, value) in values.enumerated() {
      guard let value, value.isFinite else { continue }
      let point = Point(value: value, index: index)
      if let last, last.index + 1 < index { gaps += 1 }
      last = point
      if lowest.map({ value < $0.value }) ?? true { lowest = point }
      if highest.map({ value > $0.value }) ?? true { highest = point }
    }
    guard let last, let lowest, let highest else { return nil }
    self.last = last
    self.lowest = lowest
    self.highest = highest
    self.gaps = gaps
    // One missing answer is no news: the newest step is often not measured yet.
    isCurrent = last.index + 2 >= values.count
  }
}
