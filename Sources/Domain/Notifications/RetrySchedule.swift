/// When what failed is tried again: soon at first, then ever more rarely, for a
/// little over a day.
enum RetrySchedule {
  /// Seconds until the next attempt, after the first, the second …
  static let pauses: [Double] = [5, 30, 300, 1_800, 7_200, 28_800, 50_400]
  /// The longest pause that a receiver may ask for by `Retry-After`, in seconds.
  static let longestWish: Double = 6 * 3600

  /// - Parameters:
  ///   - attempts: how many failed so far, at least 1.
  ///   - wish: of the receiver (`Retry-After`, RFC 9110 §10.2.3), in seconds.
  ///   - jitter: from 0 to 1; spreads what failed together over time.
  /// - Returns: seconds from now; nil when it isn't tried again.
  static func pause(after attempts: Int, wish: Double?, jitter: Double) -> Double? {
    guard attempts <= pauses.count else { return nil }
    let pause = pauses[max(attempts, 1) - 1] * (0.8 + 0.4 * jitter)
    guard let wish else { return pause }
    return max(pause, min(max(wish, 0), longestWish))
  }
}
