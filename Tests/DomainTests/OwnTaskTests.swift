import Synchronization
import Testing

@testable import Domain

@Suite(.timeLimit(.minutes(5))) struct OwnTaskTests {
  private struct Refusal: Error {}

  @Test func `a task of its own gives back what it made or why it couldn't`() async throws {
    #expect(try await inOwnTask { 1 + 1 } == 2)
    await #expect(throws: Refusal.self) { try await inOwnTask { throw Refusal() } }
  }

  @Test func `it is cancelled with who waits for it`() async throws {
    let began = AsyncStream.makeStream(of: Void.self)
    let waiting = Task {
      try await inOwnTask {
        began.continuation.yield()
        try await Task.sleep(for: .seconds(600))
      }
    }
    for await _ in began.stream { break }
    waiting.cancel()

    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}
