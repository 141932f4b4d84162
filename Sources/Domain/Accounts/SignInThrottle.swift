internal import Foundation
internal import Synchronization

/// Slows down who guesses passwords: failures are counted by address and
/// account together, so that nobody can lock somebody else out, and by address
/// alone. The counts are this process's own and are bounded in number.
final class SignInThrottle: Sendable {
  /// How long a failure counts, in seconds.
  static let window: Double = 600
  /// Failures of one address at one account before it must wait.
  static let accountLimit = 10
  /// Failures of one address at all accounts before it must wait.
  static let addressLimit = 60
  /// Password checks of one address at the same time.
  static let parallelLimit = 8
  /// The most addresses and accounts that are remembered.
  private static let capacity = 20_000

  private struct State {
    /// The times of failures, oldest first.
    var failures: [String: [Date]] = [:]
    var active: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// Begins a password check.
  ///
  /// - Throws: `tooManyRequests`, with the time to wait.
  func begin(address: String, account: String, at time: Date) throws(DomainError) {
    let wait: Double? = state.withLock { state in
      for (key, limit) in Self.keys(address, account) {
        let recent = state.failures[key, default: []].filter {
          time.timeIntervalSince($0) < Self.window
        }
        state.failures[key] = recent.isEmpty ? nil : recent
        if recent.count >= limit, let oldest = recent.first {
          return Self.window - time.timeIntervalSince(oldest)
        }
      }
      if state.active[address, default: 0] >= Self.parallelLimit { return 2 }
      state.active[address, default: 0] += 1
      return nil
    }
    guard let wait else { return }
    let seconds = max(1, Int(wait.rounded(.up)))
    throw DomainError(
      .tooManyRequests, "Too many attempts from your address.",
      advice: seconds < 90
        ? "Try again in \(seconds) seconds." : "Try again in \((seconds + 59) / 60) minutes.",
      retryAfter: .seconds(seconds))
  }

  /// Ends a password check that ``begin(address:account:at:)`` allowed.
  func end(address: String, account: String, failed: Bool, at time: Date) {
    state.withLock { state in
      let active = state.active[address, default: 1] - 1
      state.active[address] = active > 0 ? active : nil
      for (key, limit) in Self.keys(address, account) {
        if failed {
          if state.failures.count >= Self.capacity { state.failures.removeAll() }
          state.failures[key, default: []].append(time)
          let surplus = (state.failures[key]?.count ?? 0) - limit
          if surplus > 0 { state.failures[key]?.removeFirst(surplus) }
        } else if limit == Self.accountLimit {
          state.failures[key] = nil
        }
      }
    }
  }

  private static func keys(_ address: String, _ account: String) -> [(String, Int)] {
    [("\(address) \(account)", accountLimit), (address, addressLimit)]
  }
}
