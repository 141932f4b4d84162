internal import struct Foundation.Date
internal import Kubernetes

/// Which lines of an application's log are wanted.
public struct LogQuery: Sendable, Hashable {
  /// How far back the log is read.
  public enum Since: String, Sendable, CaseIterable {
    case fiveMinutes = "5m"
    case hour = "1h"
    case day = "24h"
    case all

    /// nil for all there is.
    var seconds: Int? {
      switch self {
      case .fiveMinutes: 300
      case .hour: 3_600
      case .day: 86_400
      case .all: nil
      }
    }
  }

  /// The fewest and most lines that a page begins with.
  public static let tailBounds = 10...1_000
  /// The longest text that is searched for, in characters.
  public static let maximumSearch = 200
  /// How many of a pod's newest lines are looked through for a search, or for
  /// what is newer than a line.
  static let searched = 10_000
  /// The same for who follows it without a search, who wants the newest.
  static let caughtUp = 2_000

  /// One pod by name; nil for all.
  public var pod: String?
  /// The container before its last restart, instead of the one now.
  public var isPrevious: Bool
  public var since: Since
  /// Only lines that hold this text, whatever its case; "" for all.
  public var search: String
  /// How many lines to begin with, 10 to 1,000.
  public var tail: Int
  /// Only lines written after this one.
  public var after: LogTime?

  public init(
    pod: String? = nil, isPrevious: Bool = false, since: Since = .all, search: String = "",
    tail: Int = 200, after: LogTime? = nil
  ) {
    self.pod = pod
    self.isPrevious = isPrevious
    self.since = since
    self.search = String(search.prefix(Self.maximumSearch))
    self.tail = min(max(tail, Self.tailBounds.lowerBound), Self.tailBounds.upperBound)
    self.after = after
  }

  /// Whether more lines are read than wanted.
  var isFiltered: Bool { after != nil || !search.isEmpty }

  /// Whether a line is among those wanted.
  func matches(_ line: RawLogLine) -> Bool {
    if let after, let time = line.time, time <= after { return false }
    return Self.holds(line.text, search)
  }

  static func holds(_ text: String, _ search: String) -> Bool {
    if search.isEmpty { return true }
    // Case folding of a whole line costs too much for a pod that writes fast.
    if text.utf8.allSatisfy({ $0 < 0x80 }), search.utf8.allSatisfy({ $0 < 0x80 }) {
      return holdsASCII(Array(text.utf8), Array(search.utf8))
    }
    return LogText.cleaned(text).lowercased().contains(search.lowercased())
  }

  private static func holdsASCII(_ text: [UInt8], _ search: [UInt8]) -> Bool {
    guard search.count <= text.count else { return false }
    let wanted = search.map(lower)
    return (0...(text.count - wanted.count)).contains { start in
      wanted.indices.allSatisfy { lower(text[start + $0]) == wanted[$0] }
    }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  /// What the API server is asked for.
  ///
  /// - Parameters:
  ///   - whole: whether every line is wanted.
  ///   - isFollowing: whether it goes on with what is written from now on.
  func options(now: Date, whole: Bool = false, isFollowing: Bool = false) -> LogOptions {
    var seconds = since.seconds
    if let after {
      // Some seconds more, for clocks that don't agree; what is too old is left out by its time.
      let age = Int(max(0, now.timeIntervalSince(after.date)).rounded(.up)) + 10
      seconds = min(seconds ?? age, age)
    }
    let lookedThrough = isFollowing && search.isEmpty ? Self.caughtUp : Self.searched
    return LogOptions(
      tailLines: whole ? nil : isFiltered ? lookedThrough : tail, sinceSeconds: seconds,
      isPrevious: isPrevious, hasTimestamps: true)
  }
}
