import Domain
import Foundation

/// The vertical axis of a chart: from zero, in steps that are easy to read.
///
/// Steps are 1, 2 or 5 times a power of ten, and powers of two for bytes, so
/// that a limit of 512 MiB lies on a line. It has at most five of them.
struct ValueAxis: Sendable, Hashable {
  let step: Double
  /// How many steps there are, 1 to 5.
  let intervals: Int

  /// The greatest value it shows.
  var top: Double { step * Double(intervals) }
  /// From zero to the top.
  var ticks: [Double] { (0...intervals).map { Double($0) * step } }

  /// - Parameter largest: what is to be shown; anything from nothing at all to
  ///   more than a computer has.
  init(_ unit: MetricChart.Unit, largest: Double) {
    // Bounded, so that no power over- or underflows.
    let largest = min(max(largest.isFinite ? largest : 0, Self.least(unit)), Self.most)
    switch unit {
    case .bytes, .bytesPerSecond:
      step = exp2((log2(largest / 4) - Self.tolerance).rounded(.up))
    case .count:
      step = max(1, Self.decimal(largest / 5))
    case .cores, .perSecond, .seconds, .ratio:
      step = Self.decimal(largest / 5)
    }
    intervals = min(5, max(1, Int((largest / step - Self.tolerance).rounded(.up))))
  }

  /// Where a value lies: 0 at the top, `height` at the bottom. What is beyond
  /// lies on the edge.
  func place(_ value: Double, height: Int) -> Int {
    let share = min(1, max(0, value / top))
    return Int(((1 - share) * Double(height)).rounded())
  }

  /// The smallest of 1, 2 and 5 times a power of ten that isn't below.
  private static func decimal(_ least: Double) -> Double {
    let power = pow(10, log10(least).rounded(.down))
    let factor = [1.0, 2, 5].first { $0 * power >= least * (1 - tolerance) } ?? 10
    return factor * power
  }

  /// What floating-point numbers may be off.
  private static let tolerance = 1e-9
  private static let most = 1e18

  /// The least that an axis shows, so that an idle program isn't shown as a
  /// wild one.
  private static func least(_ unit: MetricChart.Unit) -> Double {
    switch unit {
    case .cores: 0.005
    case .bytes, .bytesPerSecond: 1024
    case .perSecond: 0.1
    case .seconds: 0.001
    case .ratio: 0.01
    case .count: 1
    }
  }
}
