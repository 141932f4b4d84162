import Domain
import Foundation
import Testing

@testable import Web

struct AxisTests {
  static let units: [MetricChart.Unit] = [
    .cores, .bytes, .bytesPerSecond, .perSecond, .seconds, .ratio, .count,
  ]
  /// From what rounds to nothing to more than there is, with what stands at
  /// the edges of steps and magnitudes.
  static let values: [Double] = {
    var values = [0, .leastNonzeroMagnitude, 1e-300, 1e-9, 0.1, 0.25, 0.999_6, 1, 1.5, 3, 1e300]
    values.append(.greatestFiniteMagnitude)
    for power in -12...17 {
      for factor in [1, 1.999, 2, 2.000_001, 4.999_999, 5, 7.3, 9.99] {
        values.append(factor * pow(10, Double(power)))
      }
    }
    for power in 0...59 {
      for factor in [1, 1.01, 1.5] { values.append(factor * exp2(Double(power))) }
    }
    return values
  }()

  @Test(arguments: units)
  func `an axis shows its largest value in one to five steps, not pressed to the ground`(
    unit: MetricChart.Unit
  ) {
    for value in Self.values {
      let axis = ValueAxis(unit, largest: value)
      let least = ValueAxis(unit, largest: 0).top

      #expect(axis.step.isFinite && axis.step > 0, "\(value)")
      #expect((1...5).contains(axis.intervals), "\(value)")
      #expect(axis.ticks.first == 0 && axis.ticks.last == axis.top, "\(value)")
      guard value <= 1e18 else { continue }
      #expect(axis.top >= value * (1 - 1e-8), "\(value)")
      // At least half of the height is used, save by what is next to nothing.
      #expect(axis.top <= max(least, value * 2.01), "\(value): \(axis.top)")
    }
  }

  @Test(arguments: units)
  func `steps are 1, 2 or 5 times a power of ten, powers of two for bytes, and whole for counts`(
    unit: MetricChart.Unit
  ) {
    for value in Self.values {
      let step = ValueAxis(unit, largest: value).step
      if unit == .bytes || unit == .bytesPerSecond {
        #expect(exp2(log2(step).rounded()) == step, "\(value): \(step)")
      } else {
        let share = step / pow(10, log10(step * 1.000_001).rounded(.down))
        #expect([1.0, 2, 5].contains { abs($0 - share) < 1e-6 }, "\(value): \(step)")
      }
      if unit == .count { #expect(step >= 1 && step == step.rounded()) }
    }
  }

  @Test(arguments: units)
  func `ticks are written differently from each other, and shortly`(unit: MetricChart.Unit) {
    // More than that of something has no short name.
    let mosts: [MetricChart.Unit: Double] = [.cores: 1e5, .seconds: 1e5, .ratio: 1e3]
    let most = mosts[unit] ?? 1e9
    for value in Self.values where value < most {
      let texts = ValueAxis(unit, largest: value).ticks.map { MetricText.tick($0, unit) }
      #expect(Set(texts).count == texts.count, "\(value): \(texts)")
      #expect(texts.allSatisfy { $0.count <= 10 }, "\(value): \(texts)")
    }
  }

  @Test func `limits that people set lie on a line`() {
    func ticks(_ unit: MetricChart.Unit, _ largest: Double) -> [String] {
      ValueAxis(unit, largest: largest).ticks.map { MetricText.tick($0, unit) }
    }
    #expect(
      ticks(.bytes, 512 * 1_048_576) == ["0", "128 MiB", "256 MiB", "384 MiB", "512 MiB"])
    #expect(
      ticks(.bytes, 1_073_741_824) == ["0", "256 MiB", "512 MiB", "768 MiB", "1 GiB"])
    #expect(ticks(.cores, 0.25) == ["0", "50m", "100m", "150m", "200m", "250m"])
    #expect(ticks(.cores, 2) == ["0", "500m", "1", "1.5", "2"])
    #expect(ticks(.count, 3) == ["0", "1", "2", "3"])
    #expect(ticks(.ratio, 1) == ["0", "20 %", "40 %", "60 %", "80 %", "100 %"])
    #expect(ticks(.seconds, 0.9) == ["0", "200 ms", "400 ms", "600 ms", "800 ms", "1 s"])
    #expect(ticks(.bytesPerSecond, 0) == ["0", "256 B/s", "512 B/s", "768 B/s", "1 KiB/s"])
  }

  @Test(arguments: MetricRange.allCases)
  func `times are round, in order, within the axis, and few`(range: MetricRange) {
    for offset in [0, 1, 59, 1800, 43_200, 86_399] {
      let start = Date(timeIntervalSince1970: 1_764_115_200 + Double(offset))
      let axis = TimeAxis(start: start, length: range.seconds, range: range)

      #expect((5...8).contains(axis.ticks.count), "\(axis.ticks)")
      #expect(axis.ticks.map(\.place.hundredths).sorted() == axis.ticks.map(\.place.hundredths))
      #expect(Set(axis.ticks.map(\.text)).count >= axis.ticks.count - 1)
      // What is left on a phone is about half.
      #expect((2...4).contains(axis.ticks.count { !$0.isMinor }))
      #expect(axis.place(start) == Percentage(0, of: 1))
      #expect(axis.place(start.addingTimeInterval(-1)) == nil)
      #expect(axis.place(start.addingTimeInterval(Double(range.seconds) + 1)) == nil)
    }
  }

  @Test func `a midnight is written as its day`() {
    let start = Date(timeIntervalSince1970: 1_764_115_200 - 12 * 3600)
    let axis = TimeAxis(start: start, length: 86_400, range: .day)

    #expect(
      axis.ticks.map(\.text) == ["12:00", "16:00", "20:00", "26 Nov", "04:00", "08:00", "12:00"])
  }

  @Test(
    arguments: [
      (0.2123, .cores, "212m", "212 millicores"), (1, .cores, "1 core", "1 core"),
      (0.999_8, .cores, "1 core", "1 core"), (1.5, .cores, "1.5 cores", "1.5 cores"),
      (0, .cores, "0m", "0 millicores"), (0, .bytes, "0 B", "0 B"),
      (1_073_600_000, .bytes, "1 GiB", "1 GiB"), (1_048_576_000, .bytes, "1,000 MiB", "1,000 MiB"),
      (2048, .bytesPerSecond, "2 KiB/s", "2 KiB a second"),
      (12_345, .perSecond, "12.3k/s", "12.3 thousand a second"),
      (0.012, .seconds, "12 ms", "12 milliseconds"), (0.001, .seconds, "1 ms", "1 millisecond"),
      (1, .seconds, "1 s", "1 second"), (0.125, .ratio, "12.5 %", "12.5 percent"),
      (12_345, .count, "12,345", "12,345"),
      (1e300, .count, "more than 10¹⁵M", "more than 10¹⁵ million"),
      (.nan, .count, "–", "–"),
    ] as [(Double, MetricChart.Unit, String, String)])
  func `values are written as people write them`(
    value: Double, unit: MetricChart.Unit, text: String, words: String
  ) {
    #expect(MetricText.text(value, unit) == text)
    #expect(MetricText.words(value, unit) == words)
  }
}
