/// Watches a release until it serves or has failed.
struct RolloutFollower {
  private enum Step: Sendable {
    case state(RolloutState)
    case tick
    case refused(ClientError)
  }

  let client: Client
  let application: ApplicationName
  let release: Int
  let timeout: Duration
  let console: Console

  /// - Returns: the last state, of a release that is finished.
  /// - Throws: ``ClientError``: `timedOut`, or that the server was away too long.
  func follow() async throws -> RolloutState {
    let (steps, continuation) = AsyncStream.makeStream(of: Step.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await watch(continuation) }
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(1))
          continuation.yield(.tick)
        }
      }
      defer { group.cancelAll() }
      return try await show(steps)
    }
  }

  private func show(_ steps: AsyncStream<Step>) async throws -> RolloutState {
    let clock = ContinuousClock()
    let start = clock.now
    var view = RolloutView(application: application, console: console)
    for await step in steps {
      let elapsed = clock.now - start
      switch step {
      case .state(let state):
        view.show(state, elapsed: elapsed)
        if state.isFinished { return state }
      case .tick: view.tick(elapsed: elapsed)
      case .refused(let error): throw error
      }
      if elapsed > timeout { throw overdue(view.last) }
    }
    throw CancellationError()
  }

  private func overdue(_ last: RolloutState?) -> ClientError {
    let stand = last.map { " It is \($0.words), \($0.ready) of \($0.wanted) ready." } ?? ""
    return ClientError(
      .timedOut,
      "\(application) release \(release) isn't finished after \(spelled(timeout)).\(stand)",
      advice: "It goes on; look with: babyhelm status \(application)")
  }

  /// Hands on every state, and comes back when a connection breaks.
  private func watch(_ continuation: AsyncStream<Step>.Continuation) async {
    let clock = ContinuousClock()
    var absence = Absence()
    while !Task.isCancelled {
      do {
        try await client.rolloutStates(of: application, release: release) { state in
          absence.end()
          if let state { continuation.yield(.state(state)) }
        }
        absence.end()
      } catch let error as ClientError {
        guard error.outcome == .unreachable, !absence.isTooLong(at: clock.now) else {
          continuation.yield(.refused(error))
          return
        }
      } catch {
        return
      }
      try? await Task.sleep(for: .seconds(1))
    }
  }
}

/// For how long a server is away. It counts from the first try that fails: one
/// that is there may be silent as long as nothing changes.
struct Absence {
  /// What ends a command.
  static let limit = Duration.seconds(60)

  private var beginning: ContinuousClock.Instant?

  /// The server said something.
  mutating func end() { beginning = nil }

  /// Whether it is away too long, now that another try has failed.
  mutating func isTooLong(at now: ContinuousClock.Instant) -> Bool {
    let beginning = beginning ?? now
    self.beginning = beginning
    return now - beginning >= Self.limit
  }
}

/// Shows states: drawn again and again on a terminal, as news in a log.
private struct RolloutView {
  let application: ApplicationName
  let console: Console
  private(set) var last: RolloutState?
  private var live = LiveLines()

  init(application: ApplicationName, console: Console) {
    self.application = application
    self.console = console
  }

  mutating func show(_ state: RolloutState, elapsed: Duration) {
    if !console.isWatched {
      let news = RolloutPicture.news(state, since: last, of: application.description)
      for line in news { console.say(line) }
    }
    last = state
    draw(elapsed)
  }

  mutating func tick(elapsed: Duration) {
    draw(elapsed)
  }

  private mutating func draw(_ elapsed: Duration) {
    guard console.isWatched, let last else { return }
    let lines = RolloutPicture.lines(last, of: application.description, elapsed: elapsed)
    console.write(live.draw(lines, width: console.width))
  }
}

extension Client {
  /// The states of a rollout until it is finished or the connection breaks; one
  /// alone from a server that doesn't stream.
  ///
  /// - Parameter take: gets each state, and nil for each other sign of life.
  func rolloutStates(
    of application: ApplicationName, release: Int, _ take: (RolloutState?) -> Void
  ) async throws {
    var events = EventReader()
    var whole: [UInt8] = []
    var isStream = true
    let path = "\(application.path)/releases/\(release)/rollout"
    try await stream(path, accept: "text/event-stream, application/json;q=0.5") { bytes, type in
      isStream = type.hasPrefix("text/event-stream")
      // A comment, too, says that the server is there.
      take(nil)
      guard isStream else {
        whole += bytes
        return
      }
      for event in events.read(bytes) where event.name == "rollout" {
        if let state = JSON(data: event.data.utf8).flatMap(RolloutState.init) { take(state) }
      }
    }
    if !isStream, let state = JSON(data: whole).flatMap(RolloutState.init) { take(state) }
  }
}
