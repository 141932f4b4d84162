/// A piece of a PromQL expression.
enum PromQLToken: Sendable, Hashable {
  /// A name or a keyword: letters, digits, `_` and `:`.
  case name(String)
  /// A number or a duration, as written.
  case number(String)
  /// A string with its quotes, as written.
  case string(String)
  /// `[5m]` or `[1h:5m]`, whole.
  case range(String)
  /// An operator, a bracket or a comma.
  case symbol(String)

  /// As it stands in an expression.
  var text: String {
    switch self {
    case .name(let text), .number(let text), .string(let text), .range(let text),
      .symbol(let text):
      text
    }
  }
}

/// Why an expression isn't asked.
struct PromQLError: Error, Hashable {
  let message: String
}

/// Cuts an expression into tokens. It takes less than Prometheus does: what
/// isn't certain to mean the same there is refused.
struct PromQLLexer {
  /// The longest expression that is read, in bytes.
  static let limit = 16 * 1024
  /// The longest number, which is longer than any that means something.
  private static let longestNumber = 64

  private let bytes: [UInt8]
  private var index = 0

  static func tokens(of text: String) throws(PromQLError) -> [PromQLToken] {
    guard text.utf8.count <= limit else {
      throw PromQLError(message: "The query is longer than \(limit) bytes.")
    }
    var lexer = PromQLLexer(bytes: Array(text.utf8))
    var tokens: [PromQLToken] = []
    while let token = try lexer.next() { tokens.append(token) }
    return tokens
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func byte(at offset: Int = 0) -> UInt8? {
    index + offset < bytes.count ? bytes[index + offset] : nil
  }

  private mutating func next() throws(PromQLError) -> PromQLToken? {
    skipSpace()
    guard let first = byte() else { return nil }
    let start = index
    switch first {
    case _ where Self.beginsName(first):
      while let byte = byte(), Self.isInName(byte) { index += 1 }
      return .name(text(from: start))
    case _ where Self.isDigit(first), UInt8(ascii: "."): return .number(try number())
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): return .string(try string())
    case UInt8(ascii: "["): return .range(try range())
    default: return .symbol(try symbol())
    }
  }

  /// Space and comments, which say nothing.
  private mutating func skipSpace() {
    while let byte = byte() {
      if byte == UInt8(ascii: "#") {
        while let byte = self.byte(), byte != UInt8(ascii: "\n") { index += 1 }
      } else if " \t\r\n".utf8.contains(byte) {
        index += 1
      } else {
        return
      }
    }
  }

  /// A number, also `0x1F`, `1e-3` and `1_000`, or a duration like `1h30m`.
  private mutating func number() throws(PromQLError) -> String {
    let start = index
    while let byte = byte() {
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      if isSign {
        // Only an exponent has one, and only decimal numbers an exponent.
        let isHex = bytes[start...].prefix(2).map { $0 | 0x20 } == Array("0x".utf8)
        guard index > start, bytes[index - 1] | 0x20 == UInt8(ascii: "e"), !isHex else { break }
      } else if !(Self.isInName(byte) && byte != UInt8(ascii: ":")), byte != UInt8(ascii: ".") {
        break
      }
      index += 1
    }
    // Before anything else is done with it: it is somebody's text.
    guard index - start <= Self.longestNumber else {
      throw PromQLError(
        message: "A number of the query is longer than \(Self.longestNumber) characters.")
    }
    let text = text(from: start)
    guard Self.isNumber(text) || Self.isDuration(text) else {
      throw PromQLError(message: "“\(text)” is neither a number nor a duration.")
    }
    return text
  }

  /// A string. A backslash keeps the byte after it from ending it; Prometheus
  /// judges whether the two mean something.
  private mutating func string() throws(PromQLError) -> String {
    let start = index
    let quote = bytes[index]
    let isRaw = quote == UInt8(ascii: "`")
    index += 1
    while let byte = byte() {
      index += 1
      if byte == quote { return text(from: start) }
      if isRaw { continue }
      if byte == UInt8(ascii: "\n") { break }
      if byte == UInt8(ascii: "\\") { index += 1 }
    }
    throw PromQLError(message: "A string isn't closed.")
  }

  private mutating func range() throws(PromQLError) -> String {
    let start = index
    while let byte = byte(), byte != UInt8(ascii: "]") { index += 1 }
    guard byte() != nil else { throw PromQLError(message: "A range isn't closed.") }
    index += 1
    // Two durations, and space between.
    guard index - start <= 4 * Self.longestNumber else {
      throw PromQLError(message: "A range of the query is too long.")
    }
    let inner = text(from: start).dropFirst().dropLast()
    let parts = inner.split(separator: ":", omittingEmptySubsequences: false)
      .map { $0.filter { !$0.isWhitespace } }
    let isRange = parts.count == 1 && Self.isDuration(parts[0])
    let isSubquery =
      parts.count == 2 && Self.isDuration(parts[0])
      && (parts[1].isEmpty || Self.isDuration(parts[1]))
    guard isRange || isSubquery else {
      throw PromQLError(message: "“[\(inner)]” isn't a range, like [5m] or [1h:5m].")
    }
    return "[\(parts.joined(separator: ":"))]"
  }

  private mutating func symbol() throws(PromQLError) -> String {
    let two = String(decoding: bytes[index...].prefix(2), as: UTF8.self)
    if ["==", "!=", "<=", ">=", "=~", "!~"].contains(two) {
      index += 2
      return two
    }
    let one = String(decoding: bytes[index...].prefix(1), as: UTF8.self)
    guard "(){},=<>+-*/%^@".contains(one) else {
      throw PromQLError(message: "The query has a character that isn't PromQL at byte \(index).")
    }
    index += 1
    return one
  }

  private func text(from start: Int) -> String {
    String(decoding: bytes[start..<index], as: UTF8.self)
  }

  // MARK: Shapes

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func beginsName(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: ":")
  }

  private static func isInName(_ byte: UInt8) -> Bool { beginsName(byte) || isDigit(byte) }

  private static func isNumber(_ text: String) -> Bool {
    // Each text is a number in one way alone, so that none is tried in many.
    text.wholeMatch(
      of: /0[xX][0-9a-fA-F]+|([0-9_]+(\.[0-9_]*)?|\.[0-9_]+)([eE][+\-]?[0-9]+)?/) != nil
  }

  static func isDuration(_ text: String) -> Bool {
    text.wholeMatch(of: /([0-9]+(ms|[smhdwy]))+/) != nil
  }
}
