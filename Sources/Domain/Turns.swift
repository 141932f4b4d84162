internal import Synchronization

/// Lets so many pieces of work go on at a time; the others wait in the order in
/// which they came, and cost next to nothing meanwhile.
public final class Turns: Sendable {
  private struct State {
    var free: Int
    var next: UInt64 = 0
    /// Whoever waits, the first one first; cancelled ones are gone.
    var waiting: [(number: UInt64, continuation: AsyncStream<Void>.Continuation)] = []
  }

  private let state: Mutex<State>

  public init(_ count: Int) { state = Mutex(State(free: count)) }

  /// How many turns are free, and how many wait for one.
  public var free: Int { state.withLock { $0.free } }
  public var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Does the work once there is a turn.
  ///
  /// - Throws: `CancellationError` while it waits, or what the work throws.
  public func take<Value: Sendable>(
    for work: () async throws -> Value
  ) async throws -> Value {
    try await begin()
    defer { end() }
    return try await work()
  }

  private func begin() async throws(CancellationError) {
    let turn: AsyncStream<Void>? = state.withLock { state in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      let (turn, continuation) = AsyncStream.makeStream(
        of: Void.self, bufferingPolicy: .bufferingNewest(1))
      state.next += 1
      state.waiting.append((state.next, continuation))
      return turn
    }
    guard let turn else { return }
    for await _ in turn { return }
    // Cancelled. A turn that came at the same time goes to the next one.
    throw CancellationError()
  }

  private func end() {
    state.withLock { state in
      while !state.waiting.isEmpty {
        // Nobody takes it who was cancelled meanwhile.
        if case .enqueued = state.waiting.removeFirst().continuation.yield() { return }
      }
      state.free += 1
    }
  }
}
