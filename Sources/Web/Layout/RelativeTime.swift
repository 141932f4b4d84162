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
    machine = date.formatted(.iso8601)
    full = Self.inWords(machine)
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Puts `2026-11-23T05:26:10Z` into the words of people. A page has fifty
  /// times, and a formatter with a locale takes longer for one than a template
  /// for the whole table.
  private static func inWords(_ machine: String) -> String {
    let parts = machine.split { "-TZ".contains($0) }
    guard parts.count == 4, let month = Int(parts[1]), let day = Int(parts[2]),
      (1...12).contains(month)
    else { return machine }
    return "\(day) \(months[month - 1]) \(parts[0]), \(parts[3]) UTC"
  }

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
