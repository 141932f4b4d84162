import struct Foundation.Data

/// Base64 with the URL alphabet and without padding (RFC 4648 §5): fits
/// cookies and form fields as it is.
enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    let length = (bytes.count * 4 + 2) / 3
    return String(unsafeUninitializedCapacity: length) { text in
      for index in 0..<length {
        // The character's six bits begin in one byte and may end in the next.
        let bit = index * 6
        let first = UInt16(bytes[bit / 8]) << 8
        let second = bit / 8 + 1 < bytes.count ? UInt16(bytes[bit / 8 + 1]) : 0
        let value = (first | second) >> (10 - UInt16(bit % 8)) & 0x3f
        text[index] = alphabet[Int(value)]
      }
      return length
    }
  }

  static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count <= 4_096 else { return nil }
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
    return Data(base64Encoded: standard + padding).map(Array.init)
  }
}

/// Bytes that nobody can guess.
enum RandomBytes {
  /// Asks the system for eight bytes at a time, since each asking is a system
  /// call.
  static func make(_ count: Int) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 7)
    while bytes.count < count {
      withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
  }
}
