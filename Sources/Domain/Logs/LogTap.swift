internal import Kubernetes
internal import Synchronization

/// One reader's place at a pod's log.
final class LogPlace: Sendable {
  private struct State {
    /// What came while the reader still reads what was written before; nil
    /// afterwards.
    var held: LogQueue?
    /// What the reader has already.
    var after: LogTime?
    var isTold = false
  }

  let search: String
  private let queue: LogQueue
  private let state: Mutex<State>
  private let end: AsyncStream<Void>.Continuation
  /// Ends when the pod is gone.
  let ended: AsyncStream<Void>

  /// - Parameter isHeld: whether what comes waits for ``flow(after:)``.
  init(_ queue: LogQueue, search: String, isHeld: Bool) {
    self.queue = queue
    self.search = search
    state = Mutex(State(held: isHeld ? LogQueue() : nil))
    (ended, end) = AsyncStream.makeStream()
  }

  var isHeld: Bool { state.withLock { $0.held != nil } }

  /// Whether the reader was told, on coming, why nothing comes.
  var isTold: Bool { state.withLock { $0.isTold } }

  /// Hands on what was held, and from now on everything at once, but only what
  /// was written after a time.
  func flow(after: LogTime?) {
    state.withLock { state in
      guard let held = state.held else { return }
      state.held = nil
      state.after = after
      for batch in held.take() { pass(batch, after) }
    }
  }

  fileprivate func add(_ batch: LogBatch) {
    state.withLock { state in
      guard let held = state.held else { return pass(batch, state.after) }
      held.add(batch)
    }
  }

  fileprivate func tell(_ sentence: String) {
    state.withLock { $0.isTold = true }
    add(LogBatch(items: [.notice(sentence)]))
  }

  fileprivate func finish() { end.finish() }

  private func pass(_ batch: LogBatch, _ after: LogTime?) {
    if let rest = batch.after(after) { queue.add(rest) }
  }
}

/// A pod's log while somebody follows it: read from the cluster once, cut into
/// batches once, however many people get them. What comes faster than
/// ``LogLimits`` lets through is dropped here, the oldest first, and counted.
final class LogTap: Sendable {
  /// Readers who look for the same text get the same batches.
  private struct Channel {
    let buffer = LogBuffer()
    var places: [ObjectIdentifier: LogPlace] = [:]
  }

  private struct State {
    var channels: [String: Channel] = [:]
    /// Why nothing comes at the moment; "" when lines do.
    var told = ""
    var isOver = false
  }

  private let limits: LogLimits
  private let state = Mutex(State())
  /// Held while batches are handed on, so that they stay in their order.
  private let passing = Mutex(())
  private let signal: AsyncStream<Void>.Continuation
  private let arrivals: AsyncStream<Void>

  init(limits: LogLimits) {
    self.limits = limits
    (arrivals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: Who reads

  /// Adds a reader, who learns at once why nothing comes at the moment.
  ///
  /// - Returns: whether lines can still come.
  func add(_ place: LogPlace) -> Bool {
    state.withLock { state in
      if state.isOver { return false }
      state.channels[place.search, default: Channel()].places[ObjectIdentifier(place)] = place
      if !state.told.isEmpty { place.tell(state.told) }
      return true
    }
  }

  /// - Returns: whether nobody reads any more.
  func remove(_ place: LogPlace) -> Bool {
    state.withLock { state in
      state.channels[place.search]?.places[ObjectIdentifier(place)] = nil
      if state.channels[place.search]?.places.isEmpty == true {
        state.channels[place.search] = nil
      }
      return state.channels.isEmpty
    }
  }

  // MARK: What comes

  func add(_ line: RawLogLine) {
    for (search, channel) in state.withLock({ $0.channels })
    where LogQuery.holds(line.text, search) {
      channel.buffer.add(line)
      signal.yield()
    }
  }

  /// Says something to everybody, after the lines before it.
  func add(notice: String) {
    while passOn() {}
    let batch = LogBatch.shared([.notice(notice)])
    state.withLock { state in
      for place in state.channels.values.flatMap(\.places.values) { place.add(batch) }
    }
  }

  /// Says why nothing comes, once, until it is another reason.
  func tell(_ sentence: String) {
    let isNew = state.withLock { state in
      defer { state.told = sentence }
      return state.told != sentence
    }
    if isNew, !sentence.isEmpty { add(notice: sentence) }
  }

  /// No line comes any more.
  func finish() {
    let places = state.withLock { state in
      state.isOver = true
      return state.channels.values.flatMap(\.places.values)
    }
    for place in places { place.finish() }
    signal.finish()
  }

  /// Hands batches on to the readers, at the pace that the limits allow, until
  /// the log is over.
  func run() async {
    for await _ in arrivals {
      while passOn() {
        guard (try? await Task.sleep(for: limits.pace)) != nil else { return }
      }
    }
  }

  /// Hands on one batch a channel.
  ///
  /// - Returns: whether there was any.
  private func passOn() -> Bool {
    passing.withLock { _ in
      var hasAny = false
      for (search, channel) in state.withLock({ $0.channels }) {
        guard let batch = channel.buffer.take(lines: limits.batch, bytes: limits.batchBytes) else {
          continue
        }
        hasAny = true
        let shared = LogBatch.shared(leftOut: batch.leftOut, batch.items)
        state.withLock { state in
          for place in (state.channels[search]?.places ?? [:]).values { place.add(shared) }
        }
      }
      return hasAny
    }
  }
}

/// The logs that are followed at the moment, by pod.
final class LogTaps: Sendable {
  private struct Key: Hashable {
    let project: String
    let pod: String
  }

  private struct Open {
    let tap: LogTap
    let reading: Task<Void, Never>
  }

  private let open = Mutex<[Key: Open]>([:])
  /// Readers who read at the same time what was written before they came. Each
  /// needs a connection of its own, which keeps its buffers long after.
  let catchingUp = Turns(8)

  /// How many logs are read from the cluster.
  var count: Int { open.withLock { $0.count } }

  /// Takes a place at a pod's log. Whoever comes first gets what their query
  /// asks for; who comes later gets what is written from now on, held back
  /// until they have read what was written before.
  func join(_ pod: String, of feed: LogFeed) -> LogPlace {
    let key = Key(project: feed.project, pod: pod)
    return open.withLock { open in
      let later = LogPlace(feed.queue, search: feed.query.search, isHeld: true)
      if open[key]?.tap.add(later) == true { return later }
      let first = LogPlace(feed.queue, search: feed.query.search, isHeld: false)
      let tap = LogTap(limits: feed.logs.limits)
      _ = tap.add(first)
      let follower = PodFollower(
        tap: tap, logs: feed.logs, detail: feed.detail, name: pod, query: feed.query)
      // Outlives whoever comes first.
      let reading = Task.detached {
        await withDiscardingTaskGroup { group in
          group.addTask { await tap.run() }
          await follower.run()
          tap.finish()
        }
        self.forget(tap, key)
      }
      open[key] = Open(tap: tap, reading: reading)
      return first
    }
  }

  /// Gives a place back; the last one ends the reading.
  func leave(_ place: LogPlace, _ pod: String, of feed: LogFeed) {
    let key = Key(project: feed.project, pod: pod)
    open.withLock { open in
      guard let known = open[key], known.tap.remove(place) else { return }
      known.reading.cancel()
      open[key] = nil
    }
  }

  private func forget(_ tap: LogTap, _ key: Key) {
    open.withLock { open in
      if open[key]?.tap === tap { open[key] = nil }
    }
  }
}
