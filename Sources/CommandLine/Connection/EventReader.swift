/// Takes `text/event-stream` apart as it comes in (HTML standard, "Server-sent
/// events": fields, comments, and an empty line that ends an event).
struct EventReader {
  struct Event: Equatable {
    var name: String
    var data: String
  }

  /// More than any event of ours; a line that goes on longer is cut off.
  private static let limit = 4 << 20

  private var lines = LineReader()
  private var name = ""
  private var data: [String] = []

  /// The events that end in these bytes.
  mutating func read(_ bytes: some Sequence<UInt8>) -> [Event] {
    lines.read(bytes).compactMap { line in take(line) }
  }

  private mutating func take(_ line: String) -> Event? {
    guard !line.isEmpty else {
      defer { (name, data) = ("", []) }
      guard !data.isEmpty else { return nil }
      return Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
    }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let field = parts[0]
    var value = parts.count > 1 ? parts[1] : ""
    if value.hasPrefix(" ") { value.removeFirst() }
    switch field {
    case "event": name = String(value)
    case "data" where data.reduce(0, { $0 + $1.utf8.count }) < Self.limit:
      data.append(String(value))
    default: break
    }
    return nil
  }
}

/// Cuts bytes into lines, at `\n` or `\r\n`, wherever they were cut before.
struct LineReader {
  private static let limit = 4 << 20
  private var rest: [UInt8] = []

  /// The lines that end in these bytes.
  mutating func read(_ bytes: some Sequence<UInt8>) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte == 0x0a {
        lines.append(finish())
      } else if rest.count < Self.limit {
        rest.append(byte)
      }
    }
    return lines
  }

  /// What came after the last line's end.
  mutating func last() -> String? {
    rest.isEmpty ? nil : finish()
  }

  private mutating func finish() -> String {
    if rest.last == 0x0d { rest.removeLast() }
    defer { rest = [] }
    return String(decoding: rest, as: UTF8.self)
  }
}
