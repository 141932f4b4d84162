internal import Synchronization

/// The newest lines of a log, within fixed bounds: what doesn't fit is counted
/// and dropped, the oldest first, so a log that is written faster than it is
/// taken from here costs no memory.
final class LogBuffer: Sendable {
  private struct State {
    var lines: [RawLogLine?] = []
    /// Lines before this one are gone.
    var start = 0
    var bytes = 0
    var peak = 0
    var leftOut = 0

    var count: Int { lines.count - start }

    mutating func removeFirst() -> RawLogLine? {
      guard start < lines.count else { return nil }
      let line = lines[start]
      // Frees the text now; the place is given back below.
      lines[start] = nil
      start += 1
      bytes -= line?.cost ?? 0
      if start > 512, start * 2 > lines.count {
        lines.removeFirst(start)
        start = 0
      }
      return line
    }
  }

  private let maximumLines: Int
  private let maximumBytes: Int
  private let state = Mutex(State())

  init(maximumLines: Int = 2_000, maximumBytes: Int = 512 << 10) {
    self.maximumLines = maximumLines
    self.maximumBytes = maximumBytes
  }

  /// The most bytes it ever kept.
  var peakBytes: Int { state.withLock { $0.peak } }

  func add(_ line: RawLogLine) {
    state.withLock { state in
      state.lines.append(line)
      state.bytes += line.cost
      while state.count > maximumLines || state.bytes > maximumBytes, state.count > 1 {
        if state.removeFirst() != nil { state.leftOut += 1 }
      }
      state.peak = max(state.peak, state.bytes)
    }
  }

  /// The oldest lines, at most so many and about so many bytes; nil when there
  /// are none.
  func take(lines limit: Int = .max, bytes: Int = .max) -> LogBatch? {
    let (lines, leftOut) = state.withLock { state in
      var (taken, size) = ([RawLogLine](), 0)
      while taken.count < limit, size < bytes, let line = state.removeFirst() {
        taken.append(line)
        size += line.cost
      }
      let leftOut = state.leftOut
      state.leftOut = 0
      return (taken, leftOut)
    }
    if lines.isEmpty, leftOut == 0 { return nil }
    return LogBatch(leftOut: leftOut, items: lines.map { .line($0.shown) })
  }
}

/// Batches on the way to one reader. It keeps the newest within fixed bounds,
/// as ``LogBuffer`` does, so a slow reader holds up nobody.
final class LogQueue: Sendable {
  private struct State {
    var batches: [LogBatch] = []
    var lines = 0
    var bytes = 0
    var peak = 0
    var leftOut = 0

    mutating func removeFirst() -> LogBatch {
      let first = batches.removeFirst()
      lines -= first.lineCount
      bytes -= first.cost
      return first
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

  /// The most bytes it ever kept; those of shared batches are kept once for
  /// all who wait for them.
  var peakBytes: Int { state.withLock { $0.peak } }

  func add(notice: String) { add(LogBatch(items: [.notice(notice)])) }

  func add(_ batch: LogBatch) {
    state.withLock { state in
      state.batches.append(batch)
      state.lines += batch.lineCount
      state.bytes += batch.cost
      while state.lines > maximumLines || state.bytes > maximumBytes, state.batches.count > 1 {
        let first = state.removeFirst()
        state.leftOut += first.leftOut + first.lineCount
      }
      state.peak = max(state.peak, state.bytes)
    }
    signal.yield()
  }

  /// The oldest batches with at least so many lines together, or about so many
  /// bytes, as far as there are; before them how many lines were left out.
  func take(lines: Int = .max, bytes: Int = .max) -> [LogBatch] {
    state.withLock { state in
      var (taken, count, size) = ([LogBatch](), 0, 0)
      if state.leftOut > 0 { taken.append(LogBatch(leftOut: state.leftOut, items: [])) }
      state.leftOut = 0
      while count < lines, size < bytes, !state.batches.isEmpty {
        let batch = state.removeFirst()
        taken.append(batch)
        count += batch.lineCount
        size += batch.cost
      }
      return taken
    }
  }
}
