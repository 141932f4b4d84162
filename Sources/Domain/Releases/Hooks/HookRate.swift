internal import Synchronization

/// Bounds how often a hook is called, and how often somebody may try secrets:
/// within each minute, and on each replica by itself.
final class HookRate: Sendable {
  /// Calls of one hook in a minute.
  static let calls = 30
  /// Messages of Alertmanager's in a minute.
  static let messages = 600
  /// Wrong secrets of one address in a minute.
  static let failures = 30

  private struct Count {
    var minute: Int64
    var number: Int
  }

  private let counts = Mutex<[String: Count]>([:])
  private static let start = ContinuousClock.now

  /// - Throws: `tooManyRequests`.
  func count(_ hook: DeployHook.ID) throws(DomainError) {
    let (number, rest) = add(1, to: "hook \(hook)")
    guard number > Self.calls else { return }
    throw Self.wait(rest, "This hook was called more than \(Self.calls) times within a minute.")
  }

  /// - Throws: `tooManyRequests`.
  func countMessage() throws(DomainError) {
    let (number, rest) = add(1, to: "alertmanager")
    guard number > Self.messages else { return }
    throw Self.wait(
      rest, "These are more than \(Self.messages) messages within a minute.",
      advice: "Raise group_interval in Alertmanager's route.")
  }

  /// - Throws: `tooManyRequests` for who tried too many secrets.
  func requireRoom(for address: String) throws(DomainError) {
    let (number, rest) = add(0, to: "address \(address)")
    guard number >= Self.failures else { return }
    throw Self.wait(rest, "There were too many wrong secrets from this address.")
  }

  func noteFailure(of address: String) {
    _ = add(1, to: "address \(address)")
  }

  /// - Returns: how many there are with these, and the seconds until the count
  ///   begins anew.
  private func add(_ more: Int, to key: String) -> (Int, Int64) {
    let seconds = (ContinuousClock.now - Self.start).components.seconds
    let minute = seconds / 60
    let number = counts.withLock { counts in
      // No more is kept than who came within this minute.
      if counts.count > 1_000 { counts = counts.filter { $0.value.minute == minute } }
      var count = counts[key] ?? Count(minute: minute, number: 0)
      if count.minute != minute { count = Count(minute: minute, number: 0) }
      count.number += more
      if more > 0 { counts[key] = count }
      return count.number
    }
    return (number, 60 - seconds % 60)
  }

  private static func wait(
    _ seconds: Int64, _ sentence: String, advice: String = "Wait until the minute is over."
  ) -> DomainError {
    DomainError(.tooManyRequests, sentence, advice: advice, retryAfter: .seconds(seconds))
  }
}
