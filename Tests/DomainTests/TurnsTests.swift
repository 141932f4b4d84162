import Synchronization
import TestSupport
import Testing

@testable import Domain

@Suite(.timeLimit(.minutes(5))) struct TurnsTests {
  private final class Counts: Sendable {
    struct State {
      var now = 0
      var most = 0
      var done = 0
    }

    let state = Mutex(State())
  }

  @Test func `so many go on at a time, and all get their turn`() async throws {
    let turns = Turns(3)
    let counts = Counts()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await turns.take {
            counts.state.withLock { counts in
              counts.now += 1
              counts.most = max(counts.most, counts.now)
            }
            try await Task.sleep(for: .milliseconds(2))
            counts.state.withLock { counts in
              counts.now -= 1
              counts.done += 1
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(counts.state.withLock { $0.most } <= 3)
    #expect(counts.state.withLock { $0.done } == 50)
  }

  @Test func `who is cancelled while waiting takes no turn from others`() async throws {
    let turns = Turns(1)
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let first = Task { try await turns.take { for await _ in gate {} } }
    try await eventually("the first one has its turn") { turns.free == 0 }
    let second = Task { try await turns.take { 2 } }
    try await eventually("the second one waits") { turns.waitingCount == 1 }
    let third = Task { try await turns.take { 3 } }
    try await eventually("the third one waits") { turns.waitingCount == 2 }

    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    open.finish()

    try await first.value
    #expect(try await third.value == 3)
    #expect(try await turns.take { 4 } == 4)
    #expect(turns.free == 1)
  }
}
