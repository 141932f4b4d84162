import Logging
import Synchronization

/// A bounded set of connections. Taking one waits for at most the wait limit,
/// first come, first served; cancelling the task ends the wait.
final class PostgresPool: Sendable {
  /// What a waiter gets.
  private enum Grant: Sendable {
    case connection(PostgresConnection)
    /// Room to open a connection.
    case room
  }

  private struct Waiter {
    let number: Int
    let continuation: CheckedContinuation<Grant, any Error>
  }

  private struct State {
    /// The last one given back is the first one taken: the others can rest.
    var idle: [PostgresConnection] = []
    /// Idle, in use, and being opened.
    var open = 0
    /// Rises when a connection broke; older ones aren't used again.
    var generation = 0
    var generations: [ObjectIdentifier: Int] = [:]
    var waiters: [Waiter] = []
    var nextNumber = 0
    var outage = PostgresOutage()
    /// When a primary was last looked for.
    var lookedAt: ContinuousClock.Instant?
    var isClosed = false
    var drained: [CheckedContinuation<Void, Never>] = []
  }

  private let options: PostgresOptions
  private let logger: Logger
  private let state = Mutex(State())

  init(_ options: PostgresOptions, logger: Logger) {
    self.options = options
    self.logger = logger
  }

  /// Takes a connection. Give it back with ``give(_:)``, or, when it is of no
  /// use any more, with ``discard(_:)``.
  ///
  /// - Throws: ``StorageError/busy`` when none became free in time,
  ///   ``StorageError/unavailable(_:)`` when the server can't be reached or
  ///   the pool is closed, `CancellationError`.
  func take() async throws -> PostgresConnection {
    let deadline = ContinuousClock.now + options.waitLimit
    switch try await grant(until: deadline) {
    case .connection(let connection): return connection
    case .room: return try await open(until: deadline)
    }
  }

  /// Gives a connection back.
  func give(_ connection: PostgresConnection) {
    let isKept = state.withLock { state in
      guard !state.isClosed,
        state.generations[ObjectIdentifier(connection)] == state.generation
      else { return false }
      if state.waiters.isEmpty {
        state.idle.append(connection)
      } else {
        state.waiters.removeFirst().continuation.resume(returning: .connection(connection))
      }
      return true
    }
    if !isKept { discard(connection) }
  }

  /// Gives up a connection.
  func discard(_ connection: PostgresConnection) {
    state.withLock { $0.generations[ObjectIdentifier(connection)] = nil }
    // Its thread closes it, and ends when nobody holds it any more.
    Task { await connection.close() }
    freeRoom()
  }

  /// Gives up a connection that broke, and every other one of its age.
  func discardAll(with connection: PostgresConnection) {
    let idle = state.withLock { state in
      guard state.generations[ObjectIdentifier(connection)] == state.generation else {
        return [PostgresConnection]()
      }
      state.generation += 1
      defer { state.idle.removeAll() }
      return state.idle
    }
    for connection in idle + [connection] { discard(connection) }
  }

  /// Looks for a server that takes changes, once a second at most, after the one
  /// that is connected refused some. When there is one, the connections of now
  /// aren't used again.
  func findsPrimary() async -> Bool {
    let isEarly = state.withLock { state in
      let isEarly = state.lookedAt.map { .now - $0 < .seconds(1) } ?? false
      if !isEarly { state.lookedAt = .now }
      return isEarly
    }
    if isEarly { return false }
    let probe = PostgresConnection()
    do {
      try await probe.connect(options)
    } catch {
      logger.warning("PostgreSQL takes no changes", metadata: ["reason": "\(error)"])
      return false
    }
    await probe.close()
    let idle = state.withLock { state in
      state.generation += 1
      state.outage.end()
      defer { state.idle.removeAll() }
      return state.idle
    }
    for connection in idle { discard(connection) }
    return true
  }

  /// Refuses new takers, lets transactions finish, closes.
  func close() async {
    let (idle, waiters) = state.withLock { state in
      state.isClosed = true
      defer {
        state.idle.removeAll()
        state.waiters.removeAll()
      }
      return (state.idle, state.waiters)
    }
    for waiter in waiters { waiter.continuation.resume(throwing: Self.closed) }
    for connection in idle {
      await connection.close()
      discard(connection)
    }
    await withCheckedContinuation { continuation in
      let isDrained = state.withLock { state in
        if state.open > 0 { state.drained.append(continuation) }
        return state.open == 0
      }
      if isDrained { continuation.resume() }
    }
  }

  private static let closed = StorageError.unavailable("The database is closed.")

  // MARK: Waiting

  private func grant(until deadline: ContinuousClock.Instant) async throws -> Grant {
    if let grant = try state.withLock({ state in try Self.grantNow(&state, options.poolSize) }) {
      return grant
    }
    let number = state.withLock { state in
      state.nextNumber += 1
      return state.nextNumber
    }
    let timer = Task {
      try await Task.sleep(until: deadline, clock: .continuous)
      end(waiter: number, with: StorageError.busy)
    }
    defer { timer.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enqueue(Waiter(number: number, continuation: continuation), until: deadline)
      }
    } onCancel: {
      end(waiter: number, with: CancellationError())
    }
  }

  private func enqueue(_ waiter: Waiter, until deadline: ContinuousClock.Instant) {
    let answer: Result<Grant, any Error>? = state.withLock { state in
      // Cancelled or late before it was queued: then the handler or the timer
      // may have run already, and found nobody.
      if Task.isCancelled { return .failure(CancellationError()) }
      if ContinuousClock.now >= deadline { return .failure(StorageError.busy) }
      do {
        // Something may have become free since.
        if let grant = try Self.grantNow(&state, options.poolSize) { return .success(grant) }
      } catch {
        return .failure(error)
      }
      state.waiters.append(waiter)
      return nil
    }
    if let answer { waiter.continuation.resume(with: answer) }
  }

  private static func grantNow(_ state: inout State, _ limit: Int) throws -> Grant? {
    if state.isClosed { throw closed }
    if let connection = state.idle.popLast() { return .connection(connection) }
    guard state.open < limit else { return nil }
    state.open += 1
    return .room
  }

  private func end(waiter number: Int, with error: any Error) {
    let waiter = state.withLock { state in
      state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume(throwing: error)
  }

  private func freeRoom() {
    let (waiter, drained) = state.withLock { state in
      if !state.waiters.isEmpty {
        return (state.waiters.removeFirst() as Waiter?, [CheckedContinuation<Void, Never>]())
      }
      state.open -= 1
      guard state.open == 0 else { return (nil, []) }
      defer { state.drained.removeAll() }
      return (nil, state.drained)
    }
    waiter?.continuation.resume(returning: .room)
    for continuation in drained { continuation.resume() }
  }

  // MARK: Opening

  /// Opens a connection in the room that was granted, with back-off while the
  /// server doesn't answer.
  private func open(until deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
    do {
      while true {
        if state.withLock(\.isClosed) { throw Self.closed }
        try await waitOutOutage(until: deadline)
        if let connection = try await attempt() { return connection }
      }
    } catch {
      freeRoom()
      throw error
    }
  }

  /// One try to connect; nil after a failure, which starts an outage.
  ///
  /// - Throws: ``StorageError`` when trying again soon makes no sense.
  private func attempt() async throws(StorageError) -> PostgresConnection? {
    let generation = state.withLock(\.generation)
    let connection = PostgresConnection()
    do {
      try await connection.connect(options)
    } catch {
      logger.warning("PostgreSQL doesn't answer", metadata: ["reason": "\(error)"])
      state.withLock { $0.outage.note(error) }
      if PostgresRefusal.isLasting(error) { throw error }
      return nil
    }
    state.withLock { state in
      state.outage.end()
      state.generations[ObjectIdentifier(connection)] = generation
    }
    return connection
  }

  private func waitOutOutage(until deadline: ContinuousClock.Instant) async throws {
    let pause = try state.withLock { state in
      try state.outage.pause(until: deadline, limit: options.waitLimit)
    }
    if let pause { try await Task.sleep(until: pause, clock: .continuous) }
  }
}

/// When to try again while the server doesn't answer: 50 ms, doubling to 2 s.
/// Within the first seconds callers wait, since a restart is short; after that
/// they are refused at once, but for the one that tries next.
struct PostgresOutage {
  private var since: ContinuousClock.Instant?
  private var nextTry = ContinuousClock.now
  private var delay = Duration.milliseconds(50)
  private var reason = StorageError.unavailable("PostgreSQL doesn't answer.")

  mutating func note(_ error: StorageError) {
    since = since ?? .now
    nextTry = .now + delay
    delay = min(delay * 2, .seconds(2))
    reason = error
  }

  mutating func end() {
    since = nil
    delay = .milliseconds(50)
  }

  /// When to try; nil for now.
  ///
  /// - Throws: the reason of the outage, when waiting makes no sense.
  mutating func pause(
    until deadline: ContinuousClock.Instant, limit: Duration
  ) throws(StorageError) -> ContinuousClock.Instant? {
    guard let since else { return nil }
    let now = ContinuousClock.now
    if now - since < limit {
      guard max(now, nextTry) < deadline else { throw reason }
      return nextTry > now ? nextTry : nil
    }
    guard now >= nextTry, now < deadline else { throw reason }
    // The next caller is refused until this one knows more.
    nextTry = now + delay
    return nil
  }
}
