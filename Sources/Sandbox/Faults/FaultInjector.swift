import Kubernetes
import Synchronization

/// Decides what goes wrong, request by request.
final class FaultInjector: Sendable {
  /// What befalls a request before anybody looks at it.
  enum Mishap: Sendable {
    case dropped
    case stalled
    case refused(APIError)
  }

  /// What an open watch keeps to itself.
  enum Restraint: Sendable {
    case nothing
    case changes
    case everything
  }

  private struct State {
    var faults: SandboxFaults
    var random: SeededRandom
  }

  private let state: Mutex<State>

  init(_ faults: SandboxFaults, seed: UInt64) {
    state = Mutex(State(faults: faults, random: SeededRandom(seed: seed)))
  }

  /// What goes wrong from now on.
  var faults: SandboxFaults {
    get { state.withLock(\.faults) }
    set { state.withLock { $0.faults = newValue } }
  }

  var restraint: Restraint {
    let faults = faults
    return faults.silent ? .everything : faults.bookmarksOnly ? .changes : .nothing
  }

  /// What befalls the next request; mostly nothing.
  func mishap() -> Mishap? {
    if faults.silent || happens(\.stall) { return .stalled }
    if happens(\.drop) { return .dropped }
    return happens(\.error) ? .refused(refusal()) : nil
  }

  /// Throws 410 when a version is to be taken for too old.
  func expire(_ version: Int) throws(APIError) {
    guard version > 0, happens(\.expire) else { return }
    throw .expired("too old resource version: \(version) (fault)")
  }

  /// Whether a watch ends in the middle of its next line.
  func cuts() -> Bool { happens(\.cut) }

  private func happens(_ chance: KeyPath<SandboxFaults, Double>) -> Bool {
    state.withLock { state in
      let chance = state.faults[keyPath: chance]
      // Without a fault no number is drawn, so that one fault doesn't move another.
      return chance > 0 && Double.random(in: 0..<1, using: &state.random) < chance
    }
  }

  private func refusal() -> APIError {
    switch state.withLock({ $0.random.next() % 3 }) {
    case 0:
      APIError(
        code: 500, reason: "InternalError",
        message: "Internal error occurred: the sandbox was told to fail")
    case 1:
      APIError(
        code: 503, reason: "ServiceUnavailable",
        message: "the server is currently unable to handle the request", retryAfter: 1)
    default:
      APIError(
        code: 429, reason: "TooManyRequests",
        message: "the server has received too many requests and has asked us to try again later",
        details: ["retryAfterSeconds": 1], retryAfter: 1)
    }
  }
}
