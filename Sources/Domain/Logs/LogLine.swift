public import struct Foundation.Date
internal import Kubernetes

/// When a line was written, as the cluster says it, so that no digit is lost.
public struct LogTime: Sendable, Hashable, Comparable {
  /// RFC 3339, to the nanosecond.
  public let text: String

  /// Reads a time that came back from a page.
  ///
  /// - Returns: `nil` for what is no time.
  public init?(_ text: String) {
    guard text.utf8.count <= 40, Timestamp.date(text) != nil else { return nil }
    self.text = text
  }

  init(trusted text: String) { self.text = text }

  /// The same as a date; the epoch for a node that writes no time.
  public var date: Date { Timestamp.date(text) ?? Date(timeIntervalSince1970: 0) }

  public static func < (left: Self, right: Self) -> Bool {
    // Nearly all nodes write UTC, and then the texts are in order.
    if left.text.utf8.last == UInt8(ascii: "Z"), right.text.utf8.last == UInt8(ascii: "Z") {
      return left.text.utf8.dropLast().lexicographicallyPrecedes(right.text.utf8.dropLast())
    }
    return left.date < right.date
  }
}

/// One line that a container wrote, fit to be shown: no control characters, no
/// escape sequences, bounded.
public struct LogLine: Sendable, Hashable {
  /// The longest text, in bytes of UTF-8 before it is cleaned.
  public static let maximumBytes = 8 << 10

  public let pod: String
  /// nil when the node wrote none.
  public let time: LogTime?
  public let text: String
  /// Whether the container wrote more than is here.
  public let isCut: Bool

  /// A line whose text is taken as it is; what comes from a container is
  /// cleaned before.
  public init(pod: String, time: LogTime?, text: String, isCut: Bool = false) {
    self.pod = pod
    self.time = time
    self.text = text
    self.isCut = isCut
  }
}

/// A line as it came, before anybody wants to see it: cheap to make and to
/// throw away, since a busy pod's lines mostly are.
struct RawLogLine: Sendable {
  let pod: String
  let time: LogTime?
  /// At most ``LogLine/maximumBytes``.
  let text: String
  let isCut: Bool

  /// What it costs to keep, in bytes.
  var cost: Int { text.utf8.count + 96 }

  /// Cuts off the time that the API server puts before each line.
  init(_ line: String, of pod: String) {
    self.pod = pod
    let bytes = line.utf8
    var rest = bytes[...]
    if let space = bytes.prefix(40).firstIndex(of: UInt8(ascii: " ")),
      Self.looksLikeTime(bytes[..<space])
    {
      time = LogTime(trusted: String(Substring(bytes[..<space])))
      rest = bytes[bytes.index(after: space)...]
    } else if Self.looksLikeTime(bytes[...]), bytes.count <= 40 {
      time = LogTime(trusted: line)
      rest = rest.dropFirst(bytes.count)
    } else {
      time = nil
    }
    isCut = rest.count > LogLine.maximumBytes
    text = isCut ? Self.cut(rest) : String(Substring(rest))
  }

  /// "2026-11-23T05:26:10…"
  private static func looksLikeTime(_ bytes: Substring.UTF8View) -> Bool {
    guard bytes.count >= 20 else { return false }
    let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
    return zip(bytes, "0000-00-00T00:00:00".utf8).allSatisfy { byte, shape in
      shape == UInt8(ascii: "0") ? digit.contains(byte) : byte == shape
    }
  }

  private static func cut(_ bytes: Substring.UTF8View) -> String {
    var kept = Array(bytes.prefix(LogLine.maximumBytes))
    // Never within a character: its last bytes begin with 10.
    while let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
    if let last = kept.last, last >= 0xC0 { kept.removeLast() }
    return String(decoding: kept, as: UTF8.self)
  }

  /// As a person may see it.
  var shown: LogLine {
    LogLine(pod: pod, time: time, text: LogText.cleaned(text), isCut: isCut)
  }
}

/// What containers write, made fit for a page and a terminal.
enum LogText {
  /// Without escape sequences (ECMA-48), control characters and marks that
  /// turn the direction of writing; a tab stays.
  static func cleaned(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x09 }) { return text }
    var result = String.UnicodeScalarView()
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch scalar.value {
      case 0x1B: skipEscape(&scalars)
      case 0x9B: skipControlSequence(&scalars)
      case 0x09: result.append(scalar)
      // A carriage return within a line began it anew; a space keeps both readable.
      case 0x0D where !scalars.isEmpty: result.append(" ")
      case 0x2028, 0x2029, 0x85: result.append(" ")
      case 0..<0x20, 0x7F..<0xA0: continue
      case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func skipEscape(_ rest: inout Substring.UnicodeScalarView) {
    guard let kind = rest.popFirst() else { return }
    switch kind {
    case "[": skipControlSequence(&rest)
    case "]", "P", "X", "^", "_":
      // A string up to BEL or ESC \.
      while let scalar = rest.popFirst() {
        if scalar.value == 0x07 || scalar.value == 0x9C { return }
        if scalar.value == 0x1B {
          if rest.first == "\\" { rest.removeFirst() }
          return
        }
      }
    case "(", ")", "*", "+", "#", "%", " ": _ = rest.popFirst()
    default: return
    }
  }

  /// Parameters, then one final character.
  private static func skipControlSequence(_ rest: inout Substring.UnicodeScalarView) {
    while let scalar = rest.first {
      guard (0x20...0x7E).contains(scalar.value) else { return }
      rest.removeFirst()
      if scalar.value >= 0x40 { return }
    }
  }
}
