/// Reads the inside of a double-quoted YAML scalar (YAML 1.2.2 §7.3.1).
struct QuotedScalar {
  let bytes: [UInt8]
  /// Where to read on; after ``read()``, just behind the closing quote.
  var position: Int
  let end: Int

  /// The text, or nil when the scalar isn't closed, or has an unknown escape or a
  /// character that must be escaped.
  mutating func read() -> String? {
    var text: [UInt8] = []
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case 0x22: return String(validating: text, as: UTF8.self)
      case 0x5c:
        guard escape(into: &text) else { return nil }
      default:
        guard !beginsControl(byte) else { return nil }
        text.append(byte)
      }
    }
    return nil
  }

  /// Whether DEL, a C1 control or a line separator begins with the byte just
  /// read. The templates escape them; other YAML readers end a line there.
  private func beginsControl(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x7f: true
    case 0xc2: position < end && bytes[position] < 0xa0
    case 0xe2:
      position + 1 < end && bytes[position] == 0x80 && bytes[position + 1] & 0xfe == 0xa8
    default: false
    }
  }

  private mutating func escape(into text: inout [UInt8]) -> Bool {
    guard position < end else { return false }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "0"): text.append(0x00)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "x"): return codePoint(digits: 2, into: &text)
    case UInt8(ascii: "u"): return codePoint(digits: 4, into: &text)
    case UInt8(ascii: "U"): return codePoint(digits: 8, into: &text)
    default: return false
    }
    return true
  }

  private mutating func codePoint(digits: Int, into text: inout [UInt8]) -> Bool {
    // `UInt32(_:radix:)` would take a sign.
    guard position + digits <= end, bytes[position] != 0x2b, bytes[position] != 0x2d,
      let value = UInt32(
        String(decoding: bytes[position..<position + digits], as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(value)
    else { return false }
    position += digits
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
    return true
  }
}
