import Testing

@testable import Domain

/// How many questions one person may have under way.
@Suite(.timeLimit(.minutes(1)))
struct QuestionTurnsTests {
  @Test func `what is beyond waits for its turn, and nobody waits for others`() async throws {
    let turns = QuestionTurns()
    for _ in 0..<QuestionTurns.running { try await turns.take("ann") }

    async let waiting: Void = turns.take("ann")
    while turns.count == QuestionTurns.running { await Task.yield() }
    try await turns.take("bob")
    turns.giveBack("bob")
    #expect(turns.count == QuestionTurns.running + 1)
    turns.giveBack("ann")
    try await waiting

    for _ in 0..<QuestionTurns.running { turns.giveBack("ann") }
    #expect(turns.count == 0)
  }

  @Test func `who asks far too much is refused, and told when to come back`() async throws {
    let turns = QuestionTurns()
    for _ in 0..<QuestionTurns.running { try await turns.take("ann") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<QuestionTurns.waiting { group.addTask { try await turns.take("ann") } }
      while turns.count < QuestionTurns.running + QuestionTurns.waiting { await Task.yield() }

      let refusal = await #expect(throws: DomainError.self) { try await turns.take("ann") }
      #expect(refusal?.reason == .unavailable)
      #expect(refusal?.retryAfter == .seconds(5))

      for _ in 0..<(QuestionTurns.running + QuestionTurns.waiting) { turns.giveBack("ann") }
      try await group.waitForAll()
    }
    #expect(turns.count == 0)
  }
}
