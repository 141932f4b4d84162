/// What goes wrong on the way to a sandbox, for demos and tests.
///
/// Written as a list such as `latency=200ms,drop=1%,error=2%`:
///
/// | text | what happens |
/// | --- | --- |
/// | `latency=200ms` | every answer begins that much later (`ms` or `s`, at most a minute) |
/// | `drop=1%` | the connection is closed without an answer |
/// | `error=2%` | the answer is 500, 503 or 429, the last two with `Retry-After` |
/// | `stall=1%` | no answer comes, and the connection stays open |
/// | `cut=5%` | a watch ends in the middle of a line, by chance at each line |
/// | `expire=10%` | a watch that resumes, or a page after the first, gets 410 Expired |
/// | `bookmarks-only` | watches bring bookmarks and nothing else |
/// | `silent` | nothing is answered, and open watches bring nothing |
///
/// What watches hold back comes once `bookmarks-only` or `silent` are over: a
/// fault delays a change or breaks a connection, but never loses a change.
/// Chance depends on the seed of the configuration and the order of requests.
public struct SandboxFaults: Sendable, Hashable {
  /// What is wrong with a text, in one sentence.
  public struct Mistake: Error, Sendable, Hashable, CustomStringConvertible {
    /// The sentence.
    public let description: String
  }

  /// How much later every answer begins.
  public var latency = Duration.zero
  /// How likely a request loses its connection, from 0 to 1.
  public var drop = 0.0
  /// How likely a request is refused for no reason of its own, from 0 to 1.
  public var error = 0.0
  /// How likely a request is never answered, from 0 to 1.
  public var stall = 0.0
  /// How likely a watch breaks in the middle of a line, for each line, 0 to 1.
  public var cut = 0.0
  /// How likely a version is taken for too old, from 0 to 1.
  public var expire = 0.0
  /// Whether watches bring only bookmarks.
  public var bookmarksOnly = false
  /// Whether nothing is answered at all.
  public var silent = false

  /// Everything works.
  public init() {}

  /// Reads a list of faults; an empty text is none.
  ///
  /// - Throws: ``Mistake`` for what isn't one.
  public init(_ text: String) throws(Mistake) {
    for part in text.split(separator: ",") {
      let item = part.filter { $0 != " " }
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try set(String(sides[0]), sides.count > 1 ? String(sides[1]) : nil)
    }
  }

  /// The names of all faults, as a text has them.
  public static let names = [
    "latency", "drop", "error", "stall", "cut", "expire", "bookmarks-only", "silent",
  ]

  /// How to write faults, for the help of a command.
  public static let help = """
    What goes wrong, as a list: latency=200ms (before each answer), drop=1% (the connection is \
    closed without an answer), error=2% (500, 503 or 429), stall=1% (no answer, the connection \
    stays open), cut=5% (a watch ends in the middle of a line), expire=10% (410 when a watch \
    resumes), bookmarks-only (watches bring nothing else), silent (nothing is answered).
    """

  private static let chances: [String: any WritableKeyPath<SandboxFaults, Double> & Sendable] = [
    "drop": \.drop, "error": \.error, "stall": \.stall, "cut": \.cut, "expire": \.expire,
  ]

  private mutating func set(_ name: String, _ value: String?) throws(Mistake) {
    switch name {
    case "latency": latency = try Self.duration(value)
    case "bookmarks-only", "silent":
      guard value == nil else { throw Mistake(description: "\(name) takes no value.") }
      if name == "silent" { silent = true } else { bookmarksOnly = true }
    default:
      guard let chance = Self.chances[name] else {
        throw Mistake(
          description: "\"\(name)\" is no fault; there are \(Self.names.joined(separator: ", ")).")
      }
      self[keyPath: chance] = try Self.chance(name, value)
    }
  }

  private static func chance(_ name: String, _ value: String?) throws(Mistake) -> Double {
    guard let value, value.hasSuffix("%"), let percent = Double(value.dropLast()),
      (0...100).contains(percent)
    else { throw Mistake(description: "\(name) takes a percentage, such as \(name)=5%.") }
    return percent / 100
  }

  private static func duration(_ value: String?) throws(Mistake) -> Duration {
    let mistake = Mistake(description: "latency takes a time up to 60s, such as latency=200ms.")
    guard let value else { throw mistake }
    let isShort = value.hasSuffix("ms")
    guard isShort || value.hasSuffix("s"),
      let number = Double(value.dropLast(isShort ? 2 : 1)),
      (0...60).contains(isShort ? number / 1000 : number)
    else { throw mistake }
    return .microseconds(Int(number * (isShort ? 1000 : 1_000_000)))
  }
}
