import Domain
import NIOCore
import Synchronization
import Templates

/// One open stream, as its feeder sees it.
///
/// One event is on its way at a time. A feeder waits while a browser is slow, so
/// nothing piles up, and goes on with what is the case then.
struct EventStream: Sendable {
  /// How events are told from each other.
  enum Format: String, Sendable {
    /// Server-sent events.
    case events = "text/event-stream"
    /// A JSON value a line; an empty line says that the stream still stands.
    case jsonLines = "application/x-ndjson"
  }

  /// Events that were sent and aren't written yet.
  private final class Waiting: Sendable {
    struct State {
      var count = 0
      /// When the last one was written, or the first one of these was sent.
      var since = ContinuousClock.now
      var isFinished = false
      /// When what was sent must be written at the latest.
      var deadline: ContinuousClock.Instant?
      /// Feeders who wait until there is nothing on its way.
      var feeders: [AsyncStream<Void>.Continuation] = []

      mutating func takeFeeders() -> [AsyncStream<Void>.Continuation] {
        defer { feeders = [] }
        return feeders
      }
    }

    let state = Mutex(State())
  }

  let format: Format
  private let turns: Turns
  private let continuation: AsyncStream<ByteBuffer>.Continuation
  private let waiting = Waiting()

  /// - Parameter turns: how many streams may render at a time.
  static func make(
    _ format: Format = .events, turns: Turns = Turns(1)
  ) -> (AsyncStream<ByteBuffer>, EventStream) {
    let (events, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
    return (events, EventStream(format, continuation, turns))
  }

  private init(
    _ format: Format, _ continuation: AsyncStream<ByteBuffer>.Continuation, _ turns: Turns
  ) {
    self.format = format
    self.turns = turns
    self.continuation = continuation
  }

  /// Sends rendered elements; each replaces the page's element of the same id.
  /// Waits until what was sent before is written.
  ///
  /// - Throws: `CancellationError` once the stream has ended.
  func send(_ html: HTML) async throws(CancellationError) {
    try await send(event: "fragment", html.bytes)
  }

  /// Sends what `render` makes of the state of things, in a task of its own
  /// and when it is this stream's turn: a change may be news for thousands.
  ///
  /// - Throws: what `render` throws; `CancellationError` once the stream has
  ///   ended.
  func send(_ render: @escaping @Sendable () async throws -> HTML) async throws {
    try await send(turns.take { try await inOwnTask(render) })
  }

  /// Sends an event with data of any kind, one `data:` line for each line.
  ///
  /// - Throws: `CancellationError` once the stream has ended.
  func send(event name: String, _ data: [UInt8]) async throws(CancellationError) {
    try await send(Self.framed(data, event: name, as: format))
  }

  /// Sends events that were made before by ``framed(_:event:as:)``.
  ///
  /// - Throws: `CancellationError` once the stream has ended.
  func send(_ events: ByteBuffer) async throws(CancellationError) {
    while true {
      let turn: AsyncStream<Void>? = waiting.state.withLock { state in
        guard state.count > 0, !state.isFinished else { return nil }
        let (turn, feeder) = AsyncStream.makeStream(of: Void.self)
        state.feeders.append(feeder)
        return turn
      }
      if Task.isCancelled || waiting.state.withLock({ $0.isFinished }) { throw CancellationError() }
      guard let turn else { return put(events) }
      for await _ in turn {}
    }
  }

  /// An event as it goes over the wire.
  static func framed(_ data: [UInt8], event name: String, as format: Format) -> ByteBuffer {
    guard format == .events else { return ByteBuffer(bytes: data + [0x0a]) }
    var buffer = ByteBuffer()
    buffer.reserveCapacity(data.count + data.count / 16 + 64)
    buffer.writeString("event: \(name)\n")
    for line in data.split(separator: 0x0a, omittingEmptySubsequences: false) {
      buffer.writeStaticString("data: ")
      buffer.writeBytes(line)
      buffer.writeInteger(0x0a, as: UInt8.self)
    }
    buffer.writeInteger(0x0a, as: UInt8.self)
    return buffer
  }

  /// Sends an event whatever else is on its way, unless a browser that doesn't
  /// read has several waiting already: that one is left out.
  func offer(event name: String, _ data: [UInt8]) {
    guard waiting.state.withLock({ $0.count < 8 && !$0.isFinished }) else { return }
    put(Self.framed(data, event: name, as: format))
  }

  /// Sends a comment, which the browser ignores, unless there was something
  /// else to read meanwhile.
  func sendComment(_ text: String, ifIdleFor time: Duration) {
    let isIdle = waiting.state.withLock {
      $0.count == 0 && !$0.isFinished && ContinuousClock.now - $0.since >= time
    }
    guard isIdle else { return }
    put(ByteBuffer(string: format == .events ? ": \(text)\n\n" : "\n"))
  }

  /// Whether the browser has read nothing for so long, though there was
  /// something.
  func isStuck(for patience: Duration) -> Bool {
    waiting.state.withLock { $0.count > 0 && ContinuousClock.now - $0.since >= patience }
  }

  /// Tells that an event was written.
  func noteWritten() {
    let feeders = waiting.state.withLock { state in
      state.count -= 1
      state.since = .now
      return state.takeFeeders()
    }
    for feeder in feeders { feeder.finish() }
  }

  /// Ends the stream once what was sent is written; ``isOverdue`` tells when
  /// that took longer than the least grace it was given.
  func finish(within grace: Duration = .seconds(60)) {
    let feeders = waiting.state.withLock { state in
      state.isFinished = true
      let deadline = ContinuousClock.now + grace
      state.deadline = min(state.deadline ?? deadline, deadline)
      return state.takeFeeders()
    }
    continuation.finish()
    for feeder in feeders { feeder.finish() }
  }

  /// Whether it ended, and what was sent should be written by now.
  var isOverdue: Bool {
    waiting.state.withLock { state in
      state.deadline.map { $0 <= ContinuousClock.now } ?? false
    }
  }

  private func put(_ buffer: ByteBuffer) {
    waiting.state.withLock { state in
      if state.count == 0 { state.since = .now }
      state.count += 1
    }
    continuation.yield(buffer)
  }
}
