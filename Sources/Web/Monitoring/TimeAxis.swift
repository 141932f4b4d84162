import Domain
import Foundation

/// The horizontal axis of a chart: times of the day, or days, in UTC.
struct TimeAxis: Sendable {
  /// One time that is written below.
  struct Tick: Sendable, Hashable {
    let place: Percentage
    let text: String
    /// Whether it goes where there is little room.
    let isMinor: Bool
  }

  let ticks: [Tick]
  private let start: Int
  private let length: Int

  init(start: Date, length: Int, range: MetricRange) {
    let first = Int(start.timeIntervalSince1970.rounded())
    self.start = first
    self.length = max(1, length)
    let step = Self.step(range)
    let next = (first + step - 1) / step * step
    ticks = stride(from: next, through: first + max(1, length), by: step).map { time in
      Tick(
        place: Percentage(time - first, of: max(1, length)), text: Self.text(time, range),
        isMinor: (time / step) % 2 == 1)
    }
  }

  /// Where a time lies; nil for one that is not on the axis.
  func place(_ date: Date) -> Percentage? {
    let offset = Int(date.timeIntervalSince1970.rounded()) - start
    return (0...length).contains(offset) ? Percentage(offset, of: length) : nil
  }

  /// Five to eight of them fit into each range.
  private static func step(_ range: MetricRange) -> Int {
    switch range {
    case .hour: 600
    case .sixHours: 3600
    case .day: 4 * 3600
    case .week: 24 * 3600
    case .month: 5 * 24 * 3600
    }
  }

  /// "14:30", or "26 Nov" for a midnight.
  private static func text(_ time: Int, _ range: MetricRange) -> String {
    let clock = UTCTime(time)
    return clock.isMidnight ? clock.day : clock.time
  }
}

/// A moment in UTC, as axes and tables write it.
struct UTCTime: Sendable {
  /// "14:30"
  let time: String
  /// "26 Nov"
  let day: String
  let isMidnight: Bool

  /// - Parameter seconds: since 1970.
  init(_ seconds: Int) {
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    let (hour, minute) = (Int(parts.tm_hour), Int(parts.tm_min))
    time = "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    day = "\(parts.tm_mday) \(RelativeTime.months[Int(parts.tm_mon)])"
    isMidnight = hour == 0 && minute == 0
  }

  /// The time of the day, with the day in ranges that touch two of them.
  func text(in range: MetricRange) -> String {
    range.seconds >= MetricRange.day.seconds ? "\(day) \(time)" : time
  }
}

/// A share of a width or a height, for SVG: "37.25".
struct Percentage: Sendable, Hashable {
  /// 0 to 10,000.
  let hundredths: Int

  /// - Parameter whole: above 0.
  init(_ part: Int, of whole: Int) {
    hundredths = min(10_000, max(0, part * 10_000 / whole))
  }
}
