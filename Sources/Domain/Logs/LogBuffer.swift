internal import Synchronization

/// One thing on the way to a reader.
public enum LogItem: Sendable, Hashable {
  case line(LogLine)
  /// What happened to the log itself, in a sentence.
  case notice(String)
}

/// What a reader gets at a time.
public struct LogBatch: Sendable, Hashable {
  /// Lines before these that the reader was too slow for.
  public let leftOut: Int
  public let items: [LogItem]

  public init(leftOut: Int = 0, items: [LogItem]) {
    self.leftOut = leftOut
    self.items = items
  }
}

/// Lines between the pods that write them and one reader. It keeps the newest
/// within fixed bounds; what doesn't fit is counted and dropped, so a slow
/// reader costs no memory and holds up nobody.
final class LogBuffer: Sendable {
  private enum Entry {
    case line(RawLogLine)
    case notice(String)

    var cost: Int {
      switch self {
      case .line(let line): line.cost
      case .notice(let text): text.utf8.count + 96
      }
    }
  }

  private struct State {
    var entries: [Entry] = []
    /// Entries before this one are gone.
    var start = 0
    var bytes = 0
    var peak = 0
    var leftOut = 0

    var count: Int { entries.count - start }

    mutating func removeFirst() -> Entry {
      let entry = entries[start]
      // Frees the text now; the place is given back below.
      entries[start] = .notice("")
      start += 1
      bytes -= entry.cost
      if start > 512, start * 2 > entries.count {
        entries.removeFirst(start)
        start = 0
      }
      return entry
    }
  }

  private let maximumLines: Int
  private let maximumBytes: Int
  private let state = Mutex(State())
  private let signal: AsyncStream<Void>.Continuation
  /// Yields when there is something to take.
  let arrivals: AsyncStream<Void>

  init(maximumLines: Int = 2_000, maximumBytes: Int = 512 << 10) {
    self.maximumLines = maximumLines
    self.maximumBytes = maximumBytes
    (arrivals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// The most bytes it ever kept.
  var peakBytes: Int { state.withLock { $0.peak } }

  func add(_ line: RawLogLine) { add(.line(line)) }

  func add(notice: String) { add(.notice(notice)) }

  private func add(_ entry: Entry) {
    state.withLock { state in
      state.entries.append(entry)
      state.bytes += entry.cost
      while state.count > maximumLines || state.bytes > maximumBytes, state.count > 1 {
        if case .line = state.removeFirst() { state.leftOut += 1 }
      }
      state.peak = max(state.peak, state.bytes)
    }
    signal.yield()
  }

  /// The oldest entries, at most so many; nil when there are none.
  func take(_ limit: Int = .max) -> LogBatch? {
    let (entries, leftOut) = state.withLock { state in
      var taken: [Entry] = []
      while taken.count < limit, state.count > 0 { taken.append(state.removeFirst()) }
      let leftOut = state.leftOut
      state.leftOut = 0
      return (taken, leftOut)
    }
    if entries.isEmpty, leftOut == 0 { return nil }
    return LogBatch(
      leftOut: leftOut,
      items: entries.map { entry in
        switch entry {
        case .line(let line): .line(line.shown)
        case .notice(let text): .notice(text)
        }
      })
  }
}

/// How many logs are read from the API server at a time: each costs it and a
/// node a connection.
final class LogSlots: Sendable {
  private let perPerson: Int
  private let total: Int
  private let taken = Mutex<[User.ID: Int]>([:])

  init(perPerson: Int, total: Int) {
    self.perPerson = perPerson
    self.total = total
  }

  /// Why there is no slot.
  struct Full: Error {
    let sentence: String
  }

  /// Takes a slot, which is given back when it is released or dropped.
  func take(for user: User.ID) throws(Full) -> Slot {
    let refusal: String? = taken.withLock { taken in
      if taken[user, default: 0] >= perPerson {
        return "You have \(perPerson) logs of pods open, which is the most for one person."
      }
      if taken.values.reduce(0, +) >= total {
        return "\(total) logs of pods are being read, which is the most for everybody together."
      }
      taken[user, default: 0] += 1
      return nil
    }
    if let refusal { throw Full(sentence: refusal) }
    return Slot { [weak self] in self?.giveBack(user) }
  }

  var count: Int { taken.withLock { $0.values.reduce(0, +) } }

  private func giveBack(_ user: User.ID) {
    taken.withLock { taken in
      let count = taken[user, default: 0] - 1
      taken[user] = count > 0 ? count : nil
    }
  }

  final class Slot: Sendable {
    private let giveBack: Mutex<(@Sendable () -> Void)?>

    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = Mutex(giveBack) }

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
