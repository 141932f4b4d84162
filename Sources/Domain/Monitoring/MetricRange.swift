/// How far charts look back. Each has at most 240 steps, so that an answer
/// of Prometheus is bounded whatever is asked.
public enum MetricRange: String, Sendable, Hashable, CaseIterable {
  case hour = "1h"
  case sixHours = "6h"
  case day = "24h"
  case week = "7d"
  case month = "30d"

  /// The whole length, in seconds.
  public var seconds: Int {
    switch self {
    case .hour: 3_600
    case .sixHours: 6 * 3_600
    case .day: 24 * 3_600
    case .week: 7 * 24 * 3_600
    case .month: 30 * 24 * 3_600
    }
  }

  /// From one point to the next, in seconds.
  public var step: Int {
    switch self {
    case .hour: 15
    case .sixHours: 90
    case .day: 360
    case .week: 2_520
    case .month: 10_800
    }
  }

  /// How long what was told may be shown again, in seconds. Charts begin and
  /// end at multiples of it, so that everybody who looks meanwhile sees the
  /// same.
  var freshness: Int { min(step, 300) }

  /// Over how many seconds rates are averaged: at least so long that two
  /// scrapes a minute apart are always within, else from one point to the next.
  var window: Int { max(step, 150) }
}
