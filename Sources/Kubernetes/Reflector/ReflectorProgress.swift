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
  ///
  /// - Throws: ``KubernetesError/isExpired`` when versions go back, as on a
  ///   cluster that was restored from a backup: then what was told before may
  ///   be gone.
  func reached(_ version: String) throws(KubernetesError) {
    let isBack = isAhead(of: version)
    state.withLock { state in
      state.signs += 1
      if !version.isEmpty { state.version = version }
    }
    if isBack {
      throw .status(
        Status(
          reason: "Expired", code: 410,
          message: "the cluster's versions went back to \(version); was it restored?"))
    }
  }

  /// Whether more was told than the cluster has by now. Versions of a kind are
  /// numbers that only rise (Kubernetes API concepts, "Resource versions");
  /// others aren't compared.
  func isAhead(of version: String) -> Bool {
    guard let told = self.version.flatMap(UInt64.init), let now = UInt64(version) else {
      return false
    }
    return now < told
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
