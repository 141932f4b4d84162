/// Percent-encoding of URL parts (RFC 3986 §2.1): everything but unreserved
/// characters is encoded, so no value can end its part early.
enum PercentEncoding {
  /// A path segment.
  static func segment(_ text: String) -> String {
    // A segment of dots alone would be taken as a step up the path.
    if text == "." { return "%2E" }
    if text == ".." { return "%2E%2E" }
    return encoded(text)
  }

  /// A name or a value of the query.
  static func query(_ text: String) -> String { encoded(text) }

  private static func encoded(_ text: String) -> String {
    guard !text.utf8.allSatisfy(isUnreserved) else { return text }
    var bytes: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
