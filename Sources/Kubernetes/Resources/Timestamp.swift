public import Foundation

/// Times as the API server writes them: RFC 3339 in UTC, seconds for
/// `metav1.Time`, microseconds for `metav1.MicroTime`.
public enum Timestamp {
  /// Reads an RFC 3339 time with or without a fraction, in any offset. `nil`
  /// for anything else, leap seconds included.
  public static func date(_ text: String) -> Date? {
    var reader = TimestampReader(text: text)
    return reader.date()
  }

  /// Writes whole seconds, as in `2026-05-01T12:00:00Z`.
  public static func text(_ date: Date) -> String {
    let seconds = Int(date.timeIntervalSince1970.rounded(.down))
    return text(seconds: seconds, fraction: "")
  }

  /// Writes microseconds, as in `2026-05-01T12:00:00.000000Z`.
  public static func microText(_ date: Date) -> String {
    let microseconds = Int((date.timeIntervalSince1970 * 1e6).rounded(.down))
    let (seconds, rest) = floorDivide(microseconds, by: 1_000_000)
    let digits = String(rest)
    let fraction = String(repeating: "0", count: 6 - digits.count) + digits
    return text(seconds: seconds, fraction: "." + fraction)
  }

  private static func text(seconds: Int, fraction: String) -> String {
    let (days, rest) = floorDivide(seconds, by: 86_400)
    let (year, month, day) = civil(daysSince1970: days)
    let date = "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
    let hour = padded(rest / 3600, to: 2)
    let minute = padded(rest / 60 % 60, to: 2)
    return "\(date)T\(hour):\(minute):\(padded(rest % 60, to: 2))\(fraction)Z"
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func floorDivide(_ value: Int, by divisor: Int) -> (Int, Int) {
    let remainder = ((value % divisor) + divisor) % divisor
    return ((value - remainder) / divisor, remainder)
  }

  /// Gregorian date of a day number (H. Hinnant, "chrono-compatible low-level
  /// date algorithms").
  private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(daysSince1970 + 719_468, by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}

/// Reads one RFC 3339 time. Foundation's formatters are some twenty times
/// slower, which shows when 20,000 pods are decoded.
private struct TimestampReader {
  private var rest: Substring.UTF8View

  init(text: String) { rest = Substring(text).utf8 }

  mutating func date() -> Date? {
    guard let year = number(4), take("-"), let month = number(2), take("-"),
      let day = number(2), take("T") || take("t"), let hour = number(2), take(":"),
      let minute = number(2), take(":"), let second = number(2),
      let fraction = fraction(), let offset = offset(), rest.isEmpty,
      (1...12).contains(month), day >= 1, day <= days(in: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    let days = Self.daysSince1970(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    return Date(timeIntervalSince1970: Double(seconds) + fraction)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func number(_ digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  private mutating func digit() -> Int? {
    guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
    rest.removeFirst()
    return Int(byte - 0x30)
  }

  private mutating func fraction() -> Double? {
    guard take(".") else { return 0 }
    guard var value = digit().map(Double.init) else { return nil }
    var scale = 10.0
    while let digit = digit() {
      value = value * 10 + Double(digit)
      scale *= 10
    }
    return value / scale
  }

  /// Seconds east of UTC.
  private mutating func offset() -> Int? {
    if take("Z") || take("z") { return 0 }
    let isWest = take("-")
    guard isWest || take("+"), let hours = number(2), take(":"), let minutes = number(2),
      hours < 24, minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  private func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
