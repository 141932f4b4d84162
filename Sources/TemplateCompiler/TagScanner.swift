/// Reads what stands within one pair of braces, from left to right.
struct TagScanner {
  let source: SourceText
  private(set) var offset: Int
  let end: Int

  init(_ source: SourceText, _ range: Range<Int>) {
    self.source = source
    offset = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { offset == end }
  var next: UInt8? { offset < end ? source.bytes[offset] : nil }

  mutating func skipWhitespace() {
    while let byte = next, byte.isWhitespace { offset += 1 }
  }

  /// Consumes `text` if it comes next.
  mutating func take(_ text: String) -> Bool {
    guard source.bytes[offset..<end].starts(with: text.utf8) else { return false }
    offset += text.utf8.count
    return true
  }

  /// Consumes the longest run of bytes that satisfy `isPart`.
  mutating func take(while isPart: (UInt8) -> Bool) -> String {
    let start = offset
    while let byte = next, isPart(byte) { offset += 1 }
    return source.text(start..<offset)
  }

  /// A name: a letter, then letters, digits and `_`.
  mutating func name() -> String? {
    guard let first = next, first.isLetter else { return nil }
    return take { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
  }

  /// A dotted name, with nothing but letters, digits, `_` and single dots.
  mutating func path() -> Path? {
    let start = offset
    var components: [String] = []
    repeat {
      guard let component = name() else { return nil }
      components.append(component)
    } while take(".")
    return Path(components: components, offset: start)
  }

  /// The name of a template: `layouts/page`, `projects/_row`.
  mutating func templateName() -> String? {
    let name = take {
      $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "-")
        || $0 == UInt8(ascii: "_")
    }
    return name.isEmpty ? nil : name
  }

  /// A string in double quotes; `\"` and `\\` stand for themselves.
  mutating func string() -> String? {
    guard take("\"") else { return nil }
    var content: [UInt8] = []
    while let byte = next {
      offset += 1
      if byte == .quote { return String(decoding: content, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), let escaped = next {
        offset += 1
        content.append(escaped)
      } else {
        content.append(byte)
      }
    }
    return nil
  }

  /// The rest, without whitespace around it.
  mutating func rest() -> String {
    skipWhitespace()
    var last = end
    while last > offset, source.bytes[last - 1].isWhitespace { last -= 1 }
    defer { offset = end }
    return source.text(offset..<last)
  }
}
