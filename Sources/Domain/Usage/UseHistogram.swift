internal import Foundation

/// How often an amount was seen, in steps of 9 %, so that a month of minutes
/// fits into a line of text. A quantile is never below the true one, and at
/// most 9 % above it.
struct UseHistogram: Sendable, Hashable {
  /// How many steps double an amount.
  private static let stepsPerDoubling = 8.0
  /// Beyond every amount: 2^50 thousandths of a core, or KiB.
  private static let lastStep = 400

  /// How often each step was seen.
  private var counts: [Int: Int] = [:]

  /// How many amounts were noted.
  var total: Int { counts.values.reduce(0, +) }

  mutating func note(_ amount: Int64) {
    counts[Self.step(of: amount), default: 0] += 1
  }

  mutating func merge(_ other: UseHistogram) {
    counts.merge(other.counts, uniquingKeysWith: +)
  }

  /// The amount that a share of all amounts didn't exceed.
  ///
  /// - Parameter share: from 0 to 1.
  /// - Returns: nil when nothing was noted.
  func quantile(_ share: Double) -> Int64? {
    let total = total
    guard total > 0 else { return nil }
    let wanted = max(1, Int((share * Double(total)).rounded(.up)))
    var seen = 0
    for (step, count) in counts.sorted(by: { $0.key < $1.key }) {
      seen += count
      if seen >= wanted { return Self.upperBound(of: step) }
    }
    return nil
  }

  /// The first step whose bound isn't below the amount.
  private static func step(of amount: Int64) -> Int {
    guard amount > 1 else { return amount < 1 ? 0 : 1 }
    var step = Int((log2(Double(amount)) * stepsPerDoubling).rounded(.down)) + 1
    while step > 1, upperBound(of: step - 1) >= amount { step -= 1 }
    while step < lastStep, upperBound(of: step) < amount { step += 1 }
    return min(step, lastStep)
  }

  /// Step 0 is nothing, step 1 is 1, and eight steps on it is twice that.
  private static func upperBound(of step: Int) -> Int64 {
    step == 0 ? 0 : Int64(exp2(Double(step - 1) / stepsPerDoubling).rounded(.down))
  }
}

extension UseHistogram: SQLCodable {
  /// As `12:60 13:4`: the step and how often it was seen.
  var sqlValue: SQLValue {
    .text(counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: " "))
  }

  static func decoded(from value: SQLValue) -> UseHistogram? {
    guard case .text(let text) = value else { return nil }
    var histogram = UseHistogram()
    for entry in text.split(separator: " ") {
      let parts = entry.split(separator: ":").compactMap { Int($0) }
      guard parts.count == 2, (0...lastStep).contains(parts[0]), parts[1] > 0 else { return nil }
      histogram.counts[parts[0], default: 0] += parts[1]
    }
    return histogram
  }
}
