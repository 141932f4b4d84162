/// A rollout as lines, for a terminal and for a log.
enum RolloutPicture {
  private static let podLimit = 10
  private static let barLength = 20

  /// All of it, to be drawn in place of the picture before.
  static func lines(
    _ state: RolloutState, of application: String, elapsed: Duration
  ) -> [String] {
    let counts =
      "  \(bar(state.ready, of: state.wanted))  \(state.ready) of \(state.wanted) ready"
      + (state.new == state.ready ? "" : ", \(state.new) new")
      + (state.old > 0 ? ", \(state.old) old still there" : "")
    let length = state.pods.prefix(podLimit).map(\.name.count).max() ?? 0
    let pods = state.pods.prefix(podLimit).map { pod in
      "  \(pod.name.padded(to: length))  \(words(pod))"
    }
    let rest = state.pods.count - pods.count
    return ["\(application) release \(state.release): \(state.words), \(spelled(elapsed))", counts]
      + pods + (rest > 0 ? ["  and \(rest) more pods"] : []) + trouble(state)
  }

  /// What is new since the state before, for a log: no time, nothing twice.
  static func news(
    _ state: RolloutState, since last: RolloutState?, of application: String
  ) -> [String] {
    var lines: [String] = []
    // How it ends has lines of its own.
    if state.state != last?.state, !state.isFinished {
      lines.append("\(application) release \(state.release): \(state.words)")
    }
    let replicas = (state.ready, state.wanted, state.old)
    let before = last.map { ($0.ready, $0.wanted, $0.old) } ?? (0, 0, 0)
    if replicas != before {
      lines.append(
        "Replicas: \(state.ready) of \(state.wanted) new ready"
          + (state.old > 0 ? ", \(state.old) old" : ""))
    }
    let known = Dictionary((last?.pods ?? []).map { ($0.name, $0) }) { _, newest in newest }
    for pod in state.pods where known[pod.name] != pod {
      lines.append("Pod \(pod.name): \(words(pod))")
    }
    if state.diagnosis != last?.diagnosis { lines += trouble(state) }
    return lines.map(\.onOneLine)
  }

  /// What keeps it from getting on so far. How it ends tells its own.
  private static func trouble(_ state: RolloutState) -> [String] {
    state.isFinished ? [] : (state.diagnosis?.text ?? []).map { "  \($0)" }
  }

  /// How it ended, and what to do if that isn't well.
  static func ending(
    _ state: RolloutState, of application: String, elapsed: Duration?
  ) -> [String] {
    let time = elapsed.map { " after \(spelled($0))" } ?? ""
    if state.hasSucceeded {
      return ["\(application) release \(state.release) serves\(time)."]
    }
    let outcome = state.outcome.isEmpty || state.outcome == state.state ? "" : " \(state.outcome)"
    return
      (["\(application) release \(state.release) \(failure(state))\(time).\(outcome)"]
      + (state.diagnosis?.text ?? [])).map(\.onOneLine)
  }

  private static func failure(_ state: RolloutState) -> String {
    state.state == "superseded" ? state.words : "failed"
  }

  private static func words(_ pod: RolloutState.Pod) -> String {
    pod.reason.isEmpty ? pod.stage : "\(pod.stage): \(pod.reason)"
  }

  private static func bar(_ part: Int, of whole: Int) -> String {
    let filled = whole > 0 ? min(part, whole) * barLength / whole : 0
    return String(repeating: "█", count: filled)
      + String(repeating: "░", count: barLength - filled)
  }
}
