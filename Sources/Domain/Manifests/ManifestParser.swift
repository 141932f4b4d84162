internal import Kubernetes

/// Reads the small part of YAML 1.2 that the manifest templates write, and
/// refuses everything else: no anchors, tags, aliases, second documents, block
/// scalars or flow collections other than `{}` and `[]`.
///
/// A general parser would accept what an injected value could turn a manifest
/// into. This one doesn't, and it is fast enough to check every manifest that
/// is rendered (`scripts/bench`). Tests compare it with Yams.
struct ManifestParser {
  /// Why a text isn't in the subset.
  struct Mistake: Error, Equatable {
    /// From 1.
    let line: Int
    let reason: String
  }

  private struct Line {
    let number: Int
    let indent: Int
    /// The line's content in `bytes`, without indentation and line break.
    let content: Range<Int>
  }

  private let bytes: [UInt8]
  private var lines: [Line] = []
  private var position = 0

  /// Parses one document whose root is a mapping.
  static func parse(_ bytes: [UInt8]) throws(Mistake) -> JSONValue {
    var parser = ManifestParser(bytes: bytes)
    try parser.splitLines()
    guard !parser.lines.isEmpty else { throw Mistake(line: 1, reason: "the document is empty") }
    let root = try parser.mapping(indent: 0)
    if let line = parser.current {
      throw Mistake(line: line.number, reason: "unexpected indentation")
    }
    return root
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private var current: Line? { position < lines.count ? lines[position] : nil }

  private mutating func splitLines() throws(Mistake) {
    var start = 0
    var number = 1
    lines.reserveCapacity(bytes.count / 24)
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0a {
        guard bytes[end] >= 0x20 || bytes[end] == 0x0a else {
          throw Mistake(line: number, reason: "a control character")
        }
        end += 1
      }
      var first = start
      while first < end, bytes[first] == 0x20 { first += 1 }
      if first < end {
        lines.append(Line(number: number, indent: first - start, content: first..<end))
      }
      start = end + 1
      number += 1
    }
  }

  private mutating func mapping(indent: Int) throws(Mistake) -> JSONValue {
    var members: [String: JSONValue] = [:]
    while let line = current, line.indent == indent, !isItem(line.content) {
      position += 1
      try member(of: line, content: line.content, indent: indent, into: &members)
    }
    return .object(members)
  }

  /// Reads `key: value`, or `key:` and what is indented below it.
  private mutating func member(
    of line: Line, content: Range<Int>, indent: Int, into members: inout [String: JSONValue]
  ) throws(Mistake) {
    var cursor = content.lowerBound
    let key = try key(in: content, at: &cursor, line: line)
    guard members[key] == nil else {
      throw Mistake(line: line.number, reason: "the key \(key) stands twice")
    }
    if cursor == content.upperBound {
      members[key] = try nested(below: indent, line: line)
    } else {
      guard bytes[cursor] == 0x20 else {
        throw Mistake(line: line.number, reason: "no space after the colon")
      }
      members[key] = try scalar(cursor + 1..<content.upperBound, line: line)
    }
  }

  private mutating func nested(below indent: Int, line: Line) throws(Mistake) -> JSONValue {
    guard let next = current, next.indent > indent else {
      throw Mistake(line: line.number, reason: "a key without a value")
    }
    return isItem(next.content)
      ? try sequence(indent: next.indent) : try mapping(indent: next.indent)
  }

  private mutating func sequence(indent: Int) throws(Mistake) -> JSONValue {
    var items: [JSONValue] = []
    while let line = current, line.indent == indent, isItem(line.content) {
      position += 1
      let content = line.content.lowerBound + 2..<line.content.upperBound
      if isMember(content) {
        var members: [String: JSONValue] = [:]
        try member(of: line, content: content, indent: indent + 2, into: &members)
        while let more = current, more.indent == indent + 2, !isItem(more.content) {
          position += 1
          try member(of: more, content: more.content, indent: indent + 2, into: &members)
        }
        items.append(.object(members))
      } else {
        items.append(try scalar(content, line: line))
      }
    }
    return .array(items)
  }

  private func isItem(_ content: Range<Int>) -> Bool {
    content.count > 2 && bytes[content.lowerBound] == 0x2d && bytes[content.lowerBound + 1] == 0x20
  }

  /// Whether a sequence item starts a mapping: a plain key and a colon.
  private func isMember(_ content: Range<Int>) -> Bool {
    guard bytes[content.lowerBound] != 0x22 else { return false }
    guard let colon = bytes[content].firstIndex(of: 0x3a) else { return false }
    return colon + 1 == content.upperBound || bytes[colon + 1] == 0x20
  }

  /// Reads a key up to and including its colon.
  private func key(
    in content: Range<Int>, at cursor: inout Int, line: Line
  ) throws(Mistake) -> String {
    let start = cursor
    if bytes[start] == 0x22 {
      var reader = QuotedScalar(bytes: bytes, position: start + 1, end: content.upperBound)
      guard let key = reader.read(), !key.isEmpty, reader.position < content.upperBound,
        bytes[reader.position] == 0x3a
      else { throw Mistake(line: line.number, reason: "a broken quoted key") }
      cursor = reader.position + 1
      return key
    }
    while cursor < content.upperBound, bytes[cursor] != 0x3a {
      let byte = bytes[cursor]
      guard ASCII.isWord(byte) || byte == 0x2e || byte == 0x2f || byte == 0x2d else {
        throw Mistake(
          line: line.number, reason: "a key with other than letters, digits and . / - _")
      }
      cursor += 1
    }
    guard cursor > start, cursor < content.upperBound else {
      throw Mistake(line: line.number, reason: "no key")
    }
    let key = String(decoding: bytes[start..<cursor], as: UTF8.self)
    cursor += 1
    return key
  }

  private func scalar(_ range: Range<Int>, line: Line) throws(Mistake) -> JSONValue {
    guard let first = bytes[range].first else {
      throw Mistake(line: line.number, reason: "an empty value")
    }
    if first == 0x22 {
      var reader = QuotedScalar(bytes: bytes, position: range.lowerBound + 1, end: range.upperBound)
      guard let text = reader.read(), reader.position == range.upperBound else {
        throw Mistake(line: line.number, reason: "a broken quoted scalar")
      }
      return .string(text)
    }
    let text = String(decoding: bytes[range], as: UTF8.self)
    switch text {
    case "{}": return .object([:])
    case "[]": return .array([])
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    if let number = Int64(text), String(number) == text { return .integer(number) }
    guard bytes[range].allSatisfy({ ASCII.isWord($0) || $0 == 0x2e || $0 == 0x2f || $0 == 0x2d }),
      !Self.ambiguous.contains(text.lowercased()), !Self.looksLikeNumber(text)
    else {
      throw Mistake(line: line.number, reason: "a plain scalar that isn't a simple word")
    }
    return .string(text)
  }

  /// What YAML 1.1 readers take for something else than text.
  private static let ambiguous: Set<String> = [
    "null", "yes", "no", "on", "off", "y", "n", "~", "-", "true", "false", ".inf", "-.inf", ".nan",
  ]

  /// Whether some YAML reader takes it for a number: also octal (`010`, `0o10`),
  /// binary (`0b1`) and with underscores (`1_000`).
  private static func looksLikeNumber(_ text: String) -> Bool {
    if Double(text) != nil { return true }
    let digits = Array(text.utf8.drop { $0 == 0x2d })
    guard let first = digits.first, ASCII.isDigit(first) || first == 0x2e else { return false }
    return digits.contains(0x5f) || (first == 0x30 && digits.count > 1 && digits[1] != 0x2e)
      || Double(String(decoding: digits, as: UTF8.self)) != nil
  }
}
