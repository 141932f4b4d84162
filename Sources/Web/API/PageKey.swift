import Foundation

/// Keys that sort as a list does, and tell each thing from every other.
enum PageKey {
  /// For a list that begins with the oldest.
  static func rising(_ time: Date, _ id: String) -> String {
    "\(digits(microseconds(time))) \(id)"
  }

  /// For a list that begins with the newest.
  static func falling(_ time: Date, _ id: String) -> String {
    "\(digits(.max - microseconds(time))) \(id)"
  }

  private static func microseconds(_ time: Date) -> UInt64 {
    UInt64(max(0, (time.timeIntervalSince1970 * 1_000_000).rounded()))
  }

  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
