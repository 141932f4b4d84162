extension TemplateWriter {
  /// Appends `text` so that an HTML parser reads it back unchanged, in text and
  /// in quoted attribute values (HTML Living Standard §13.2.5). NUL has no
  /// spelling in HTML and becomes U+FFFD; a carriage return would be read as a
  /// line feed and becomes a character reference.
  @usableFromInline
  mutating func appendEscapedHTML(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    for index in 0..<text.count {
      let byte = text[index]
      // Nearly all bytes need no care; this finds them by one shift.
      guard byte < 64, (htmlSpecialBytes &>> UInt64(byte)) & 1 != 0 else { continue }
      guard let replacement = htmlReplacement(for: byte) else { continue }
      if start < index { append(UnsafeBufferPointer(rebasing: text[start..<index])) }
      literal(replacement)
      start = index + 1
    }
    if start == 0 {
      append(text)
    } else if start < text.count {
      append(UnsafeBufferPointer(rebasing: text[start...]))
    }
  }

  /// Appends `text` as a double-quoted YAML scalar on one line (YAML 1.2 §7.3.1).
  /// Everything that YAML calls unprintable, breaks a line or means something
  /// within the quotes is escaped, so any value reads back unchanged.
  @usableFromInline
  mutating func appendQuotedYAML(_ text: UnsafeBufferPointer<UInt8>) {
    append(UInt8(ascii: "\""))
    var start = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      // The bytes that may need care: controls, `"`, `\`, DEL, and the first
      // bytes of U+0080–U+009F, U+2028–U+2029, U+FEFF, U+FFFE and U+FFFF.
      let isSuspect =
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F
        || byte == 0xC2 || byte == 0xE2 || byte == 0xEF
      guard isSuspect, let (scalar, length) = yamlUnsafeScalar(text, at: index) else {
        index += 1
        continue
      }
      if start < index { append(UnsafeBufferPointer(rebasing: text[start..<index])) }
      appendYAMLEscape(scalar)
      index += length
      start = index
    }
    if start < text.count { append(UnsafeBufferPointer(rebasing: text[start...])) }
    append(UInt8(ascii: "\""))
  }

  /// Whether `text` is what an integer or a boolean looks like. A type that
  /// claims to be plain but isn't gets quotes.
  @usableFromInline
  func isPlainScalar(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if text.elementsEqual("true".utf8) || text.elementsEqual("false".utf8) { return true }
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    return !digits.isEmpty && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  private mutating func appendYAMLEscape(_ scalar: UInt32) {
    switch scalar {
    case 0x00: literal("\\0")
    case 0x09: literal("\\t")
    case 0x0A: literal("\\n")
    case 0x0D: literal("\\r")
    case 0x22: literal("\\\"")
    case 0x5C: literal("\\\\")
    default:
      literal("\\u")
      for shift in [12, 8, 4, 0] as [UInt32] {
        let digit = UInt8(truncatingIfNeeded: (scalar >> shift) & 0xF)
        append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10)
      }
    }
  }
}

/// Bit n stands for byte n: NUL, CR, `"`, `&`, `'`, `<`, `>`.
private let htmlSpecialBytes: UInt64 =
  1 << 0x00 | 1 << 0x0D | 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

private func htmlReplacement(for byte: UInt8) -> StaticString? {
  switch byte {
  case UInt8(ascii: "&"): "&amp;"
  case UInt8(ascii: "<"): "&lt;"
  case UInt8(ascii: ">"): "&gt;"
  case UInt8(ascii: "\""): "&quot;"
  case UInt8(ascii: "'"): "&#39;"
  case 0x0D: "&#13;"
  case 0x00: "\u{FFFD}"
  default: nil
  }
}

/// The scalar at `index` and its length in bytes, if YAML needs it escaped.
private func yamlUnsafeScalar(
  _ text: UnsafeBufferPointer<UInt8>, at index: Int
) -> (scalar: UInt32, length: Int)? {
  let first = text[index]
  if first < 0x80 { return (UInt32(first), 1) }
  guard index + 1 < text.count else { return nil }
  let second = text[index + 1]
  if first == 0xC2 { return second < 0xA0 ? (UInt32(second), 2) : nil }
  guard index + 2 < text.count else { return nil }
  switch (first, second, text[index + 2]) {
  case (0xE2, 0x80, 0xA8): return (0x2028, 3)
  case (0xE2, 0x80, 0xA9): return (0x2029, 3)
  case (0xEF, 0xBB, 0xBF): return (0xFEFF, 3)
  case (0xEF, 0xBF, 0xBE): return (0xFFFE, 3)
  case (0xEF, 0xBF, 0xBF): return (0xFFFF, 3)
  default: return nil
  }
}
