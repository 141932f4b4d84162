import Synchronization

/// How far a reflector is. Written by the task that reads a watch, read by the
/// one that guards its liveness.
final class ReflectorProgress: Sendable {
  private struct State {
    var version: String?
    var signs = 0
  }

  private let state = Mutex(State())

  /// The version up to which everything has been told; `nil` before the list.
  var version: String? {
    get { state.withLock(\.version) }
    set { state.withLock { $0.version = newValue } }
  }

  /// Counts the signs of life.
  var signs: Int { state.withLock(\.signs) }

  /// Something came, and it was told. An empty version is none.
  func reached(_ version: String) {
    state.withLock { state in
      state.signs += 1
      if !version.isEmpty { state.version = version }
    }
  }
}

/// The pause before the next attempt.
struct ReflectorPause {
  private let minimum: Duration
  private let maximum: Duration
  private var current: Duration

  init(_ timing: ReflectorTiming) {
    minimum = timing.minimumPause
    maximum = timing.maximumPause
    current = minimum
  }

  mutating func reset() { current = minimum }

  /// The pause to make now, between a half and the whole of what is due, so that
  /// many clients don't come back at the same moment.
  mutating func next() -> Duration {
    let pause = current * Double.random(in: 0.5...1)
    current = min(current * 2, maximum)
    return pause
  }
}
