internal import Synchronization

/// One thing on the way to a reader.
public enum LogItem: Sendable, Hashable {
  case line(LogLine)
  /// What happened to the log itself, in a sentence.
  case notice(String)
}

/// What a reader gets at a time.
public struct LogBatch: Sendable, Hashable {
  /// Lines before these that the reader was too slow for, or that came too
  /// fast for anybody.
  public let leftOut: Int
  public let items: [LogItem]
  /// Batches with the same number are the same, whoever gets them; nil for one
  /// that a single reader gets.
  public let number: UInt64?
  /// The earliest time among the lines; nil when none has one.
  let oldest: LogTime?
  /// What it costs to keep, in bytes.
  let cost: Int

  public init(leftOut: Int = 0, items: [LogItem]) {
    self.init(leftOut: leftOut, items: items, number: nil)
  }

  private init(leftOut: Int, items: [LogItem], number: UInt64?) {
    self.leftOut = leftOut
    self.items = items
    self.number = number
    var (earliest, bytes): (LogTime?, Int) = (nil, 0)
    for item in items {
      bytes += item.cost
      guard case .line(let line) = item, let time = line.time else { continue }
      earliest = earliest.map { min($0, time) } ?? time
    }
    (oldest, cost) = (earliest, bytes)
  }

  /// How many lines it has.
  var lineCount: Int {
    items.reduce(0) { count, item in if case .line = item { count + 1 } else { count } }
  }

  private static let numbers = Atomic<UInt64>(0)

  /// A batch for many readers, with a number of its own.
  public static func shared(leftOut: Int = 0, _ items: [LogItem]) -> LogBatch {
    let number = numbers.add(1, ordering: .relaxed).newValue
    return LogBatch(leftOut: leftOut, items: items, number: number)
  }

  /// What of it a reader doesn't have who has read up to a time; nil when they
  /// have it all. Of lines that were left out nobody knows.
  func after(_ time: LogTime?) -> LogBatch? {
    guard let time, let oldest, oldest <= time else { return self }
    let rest = items.filter { item in
      if case .line(let line) = item, let own = line.time { own > time } else { true }
    }
    return rest.isEmpty ? nil : LogBatch(items: rest)
  }
}

extension LogItem {
  fileprivate var cost: Int {
    switch self {
    case .line(let line): line.text.utf8.count + 96
    case .notice(let text): text.utf8.count + 96
    }
  }
}
