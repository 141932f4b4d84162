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
    var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
    var parts = tm()
    // A formatter takes longer for one time than a template for a table's row.
    gmtime_r(&seconds, &parts)
    let day = Self.padded(parts.tm_mday)
    let time =
      Self.padded(parts.tm_hour) + ":" + Self.padded(parts.tm_min) + ":"
      + Self.padded(parts.tm_sec)
    let year = String(parts.tm_year + 1900)
    machine = year + "-" + Self.padded(parts.tm_mon + 1) + "-" + day + "T" + time + "Z"
    full =
      String(parts.tm_mday) + " " + Self.months[Int(parts.tm_mon)] + " " + year + ", " + time
      + " UTC"
  }

  /// Two digits.
  private static func padded(_ number: Int32) -> String {
    number < 10 ? "0" + String(number) : String(number)
  }

  static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

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
