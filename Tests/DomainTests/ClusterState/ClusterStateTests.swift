import Foundation
import Testing

@testable import Domain

struct ClusterStateTests {
  // MARK: What an open page is told

  @Test(.timeLimit(.minutes(10)))
  func `a page is told at once, and whenever its project changes`() async throws {
    let state = ClusterState(awaiting: [])
    var changes = state.changes(in: "shop").makeAsyncIterator()

    #expect(await changes.next() != nil)
    try LiveApplication().put(into: state)
    #expect(await changes.next() != nil)
    #expect(state.status(of: "web", in: "shop").health == .healthy)
    state.notify(["other", "shop"])
    #expect(await changes.next() != nil)
  }

  @Test func `changes that nobody waited for count as one`() async throws {
    let told = try await timesTold(tookFirst: true) { state in
      for _ in 0..<3 { state.notify(["shop"]) }
    }

    #expect(told == 1)
  }

  @Test func `other projects' changes wake nobody`() async throws {
    let told = try await timesTold(tookFirst: true) { state in
      state.notify(["other", "shopping"])
      state.notify([])
      state.change { _ in ["other"] }
    }

    #expect(told == 0)
  }

  @Test func `an object that comes again unchanged wakes nobody`() async throws {
    let told = try await timesTold(
      tookFirst: true,
      before: { try LiveApplication().put(into: $0) },
      { try LiveApplication().put(into: $0) })

    #expect(told == 0)
  }

  @Test func `every page of a project is told`() async {
    let state = ClusterState(awaiting: [])
    var first = state.changes(in: "shop").makeAsyncIterator()
    var second = state.changes(in: "shop").makeAsyncIterator()
    _ = await first.next()
    _ = await second.next()

    state.notify(["shop"])

    #expect(await first.next() != nil)
    #expect(await second.next() != nil)
  }

  @Test func `a page that was closed isn't kept, and doesn't disturb the others`() async {
    let state = ClusterState(awaiting: [])
    var open = state.changes(in: "shop").makeAsyncIterator()
    _ = await open.next()
    let closed = Task {
      var count = 0
      for await _ in state.changes(in: "shop") { count += 1 }
      return count
    }
    closed.cancel()
    #expect(await closed.value <= 1)

    state.notify(["shop"])

    #expect(await open.next() != nil)
  }

  /// How often a page is told, of what `body` does while it doesn't listen.
  /// What every page is told at once isn't counted if it `tookFirst`.
  private func timesTold(
    tookFirst: Bool = false, before: (ClusterState) throws -> Void = { _ in },
    _ body: (ClusterState) throws -> Void
  ) async throws -> Int {
    let state = ClusterState(awaiting: [])
    try before(state)
    let stream = state.changes(in: "shop")
    var iterator = stream.makeAsyncIterator()
    if tookFirst { _ = await iterator.next() }

    try body(state)

    // A cancelled task gets what is there and doesn't wait for more.
    let task = Task { () -> Int in
      var count = 0
      withUnsafeCurrentTask { $0?.cancel() }
      for await _ in stream { count += 1 }
      return count
    }
    return await task.value
  }

  // MARK: Staleness

  @Test func `before the first answer the picture isn't complete`() {
    let state = ClusterState(awaiting: ["Pod", "Service"])

    #expect(!state.isComplete)
    state.noteListed("Pod")
    #expect(!state.isComplete)
    state.noteListed("Pod")
    #expect(!state.isComplete)
    state.noteListed("Service")
    #expect(state.isComplete)
    state.noteFailure("Pod", "it is asleep")
    #expect(state.isComplete)
  }

  @Test func `it is stale when nothing was heard for more than 15 seconds`() {
    let clock = TurnedClock()
    let start = clock.now
    let state = ClusterState(awaiting: [], now: { clock.now })

    #expect(state.staleSince == nil)
    clock.turn(by: 10)
    state.noteAnswer()
    clock.turn(by: 15)
    #expect(state.staleSince == nil)
    clock.turn(by: 1)
    #expect(state.staleSince == start.addingTimeInterval(10))
    state.noteListed("Pod")
    #expect(state.staleSince == nil)
  }

  @Test func `a cluster that never answered is stale from the start`() {
    let clock = TurnedClock()
    let start = clock.now
    let quiet = ClusterState(awaiting: ["Pod"], now: { clock.now })
    let refused = ClusterState(awaiting: ["Pod"], now: { clock.now })

    refused.noteFailure("Pod", "it is asleep")
    #expect(refused.staleSince == start)
    #expect(quiet.staleSince == nil)
    clock.turn(by: 16)
    #expect(quiet.staleSince == start)
    quiet.noteSilence("the connection was refused")
    #expect(quiet.silence?.reason == "the connection was refused")
    #expect(refused.silence?.reason == "it is asleep")
    quiet.noteAnswer()
    #expect(quiet.silence == nil)
  }

  @Test
  func `what changes in the database is told to other replicas, what the cluster tells isn't`()
    async
  {
    let state = ClusterState(awaiting: [])
    let bell = state.newsBell()

    state.change { _ in ["shop"] }
    state.wake(["blog"])
    state.notify(["shop", "team"])
    state.notify(["team"])

    for await _ in bell { break }
    #expect(state.takeNews() == ["shop", "team"])
    #expect(state.takeNews() == [])
  }

  @Test func `one kind that can't be followed makes the picture stale after a while`() {
    let clock = TurnedClock()
    let state = ClusterState(awaiting: ["Pod"], now: { clock.now })
    let start = clock.now

    state.noteAnswer()
    state.noteFailure("Pod", "it is asleep")
    #expect(state.staleSince == nil)
    clock.turn(by: 16)
    state.noteFailure("Pod", "it is asleep")
    state.noteAnswer()
    #expect(state.staleSince == start)
    state.noteFollowed("Pod")
    #expect(state.staleSince == nil)
  }
}
