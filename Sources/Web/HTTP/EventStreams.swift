import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Templates

/// Opens server-sent event streams (HTML Living Standard §9.2) that carry
/// rendered fragments, and bounds how many one person holds open.
///
/// A stream ends when the browser goes away, when the server stops, when the
/// session ends, or when the browser doesn't read what it is sent.
final class EventStreams: Sendable {
  /// The most streams one person may have open.
  static let limit = 20
  /// The most for somebody without an account of their own.
  static let visitorLimit = 4
  /// The most for all of those together.
  static let visitorsLimit = 200
  /// Where they are counted together; nobody has this id.
  private static let visitors = User.ID(rawValue: "")

  private let access: AccessWatch
  private let watch: StreamWatch
  private let patience: Duration
  /// Streams that render something at the same time.
  private let turns = Turns(8)
  private let open = Mutex<[User.ID: Int]>([:])

  /// - Parameters:
  ///   - access: ends streams of people who may not see them any more.
  ///   - toasts: what every stream for a browser tells besides; nil for nothing.
  ///   - heartbeat: how long a stream says nothing before a comment is sent, so
  ///     that a vanished browser is noticed.
  ///   - patience: how long a browser may read nothing of what it was sent.
  init(
    access: AccessWatch, toasts: Toasts? = nil, heartbeat: Duration = .seconds(15),
    patience: Duration = .seconds(60)
  ) {
    self.access = access
    self.patience = patience
    watch = StreamWatch(access: access, toasts: toasts, heartbeat: heartbeat, patience: patience)
  }

  /// Answers with a stream that the closure feeds until it returns.
  ///
  /// - Throws: `forbidden` for a page of another site; `tooManyRequests` beyond
  ///   ``limit``.
  func open(
    _ request: Request, _ context: SignedInContext, as format: EventStream.Format = .events,
    _ feed: @escaping @Sendable (EventStream) async throws -> Void
  ) throws(DomainError) -> Response {
    // A sibling host could open one with the person's cookie, though not read it.
    guard FormToken.isNotForeign(request, context) else {
      throw DomainError(
        .forbidden, "Another site asked for this stream.", advice: "Open the page in BabyHelm.")
    }
    let slot = try takeSlot(of: context.principal)
    let (events, stream) = EventStream.make(format, turns: turns)
    let opened = OpenStream(stream, context)
    let body = ResponseBody { [self, body = request.body] writer in
      defer { slot.release() }
      try await body.consumeWithInboundCloseHandler { body in
        // A stream that ends before the request is read leaves it half-read, which NIO takes for
        // a programmer's mistake and traps.
        for try await _ in body {}
        watch.add(opened)
        defer { watch.remove(opened) }
        let feeder = Task { await self.run(opened, feed) }
        defer { feeder.cancel() }
        try await Self.write(events, of: stream, to: &writer)
      } onInboundClosed: {
        stream.finish(within: .seconds(1))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: format.rawValue, .cacheControl: "no-store",
        // nginx hands each event on at once.
        Self.buffering: "no",
      ], body: body)
  }

  // A valid field name (RFC 9110 §5.1), so the initializer can't fail.
  private static let buffering = HTTPField.Name("X-Accel-Buffering") ?? .cacheControl

  @concurrent private static func write(
    _ events: AsyncStream<ByteBuffer>, of stream: EventStream,
    to writer: inout any ResponseBodyWriter
  ) async throws {
    // Tells the browser at once that the stream stands.
    if stream.format == .events {
      try await writer.write(ByteBuffer(string: ": open\nretry: 2000\n\n"))
    }
    for await event in events {
      try await writer.write(event)
      stream.noteWritten()
    }
  }

  /// Feeds the stream to its end, beside which ``StreamWatch`` looks after it.
  private func run(
    _ opened: OpenStream, _ feed: @escaping @Sendable (EventStream) async throws -> Void
  ) async {
    let stream = opened.stream
    // Known before anything is sent, so that every later change ends the stream.
    guard
      let standing = try? await inOwnTask({ try await self.access.standing(of: opened.context) })
    else { return stream.finish(within: .seconds(1)) }
    opened.begin(as: standing)
    do {
      try await MessageCatalogue.$current.withValue(opened.catalogue) {
        try await feed(stream)
      }
    } catch is CancellationError {
    } catch {
      opened.context.logger.warning(
        "an event stream ended early", metadata: ["cause": "\(error)"])
    }
    stream.finish(within: patience)
  }

  private func takeSlot(of person: Principal) throws(DomainError) -> Slot {
    // Anybody may be any number of visitors, so they share a bound, too.
    let takers =
      person.vanishesAt == nil
      ? [(person.userID, Self.limit)]
      : [(person.userID, Self.visitorLimit), (Self.visitors, Self.visitorsLimit)]
    let isFree = open.withLock { open in
      guard takers.allSatisfy({ open[$0.0, default: 0] < $0.1 }) else { return false }
      for (taker, _) in takers { open[taker, default: 0] += 1 }
      return true
    }
    guard isFree else {
      throw DomainError(
        .tooManyRequests,
        person.vanishesAt == nil
          ? "You have \(Self.limit) pages with live updates open."
          : "You, or all visitors together, have too many pages with live updates open.",
        advice: "Close some of them.", retryAfter: .seconds(30))
    }
    return Slot { [weak self] in self?.giveBack(takers.map(\.0)) }
  }

  private func giveBack(_ takers: [User.ID]) {
    open.withLock { open in
      for taker in takers {
        let count = open[taker, default: 0] - 1
        open[taker] = count > 0 ? count : nil
      }
    }
  }

  /// How many streams a person has open.
  func count(of user: User.ID) -> Int {
    open.withLock { $0[user, default: 0] }
  }

  /// How many streams everybody has open together.
  var openCount: Int {
    open.withLock { open in
      open.reduce(0) { $0 + ($1.key == Self.visitors ? 0 : $1.value) }
    }
  }

  /// One open stream of a person. Given back once: at the end of the stream,
  /// or when an answer that was never sent is dropped.
  private final class Slot: Sendable {
    private let giveBack: Mutex<(@Sendable () -> Void)?>

    init(_ giveBack: @escaping @Sendable () -> Void) {
      self.giveBack = Mutex(giveBack)
    }

    func release() {
      let action = giveBack.withLock { action in
        defer { action = nil }
        return action
      }
      action?()
    }

    deinit { release() }
  }
}
