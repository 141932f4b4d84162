import Foundation

/// A time as people say it, with the exact one on hover: "3 minutes ago".
struct RelativeTime: Sendable, Equatable {
  /// "3 minutes ago"
  let text: String
  /// "23 Nov 2026, 05:26:10 UTC"
  let full: String
  /// For `<time datetime>`: "2026-11-23T05:26:10Z".
  let machine: String

  init(_ date: Date, now: Date = Date()) {
    text = Self.words(seconds: Int(now.timeIntervalSince(date).rounded()))
    full = date.formatted(Self.fullStyle)
    machine = date.formatted(.iso8601)
  }

  private static let fullStyle = Date.VerbatimFormatStyle(
    format:
      "\(day: .defaultDigits) \(month: .abbreviated) \(year: .defaultDigits), \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) UTC",
    locale: Locale(identifier: "en_GB"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian))

  /// The distance in words, in one unit: the largest that fits.
  static func words(seconds: Int) -> String {
    let distance = abs(seconds)
    guard distance >= 5 else { return "just now" }
    let units = [
      (31_536_000, "year"), (2_592_000, "month"), (86_400, "day"), (3_600, "hour"),
      (60, "minute"), (1, "second"),
    ]
    let (size, unit) = units.first { distance >= $0.0 } ?? (1, "second")
    let count = distance / size
    let amount = "\(count) \(unit)\(count == 1 ? "" : "s")"
    return seconds < 0 ? "in \(amount)" : "\(amount) ago"
  }
}
