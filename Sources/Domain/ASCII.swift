/// Questions about bytes of ASCII text, without the cost and the surprises of
/// Unicode properties.
enum ASCII {
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  static func isLowercase(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7a }
  static func isUppercase(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5a }
  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || isLowercase(byte) || isUppercase(byte)
  }
  static func isLowercaseAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLowercase(byte) }
  static func isLowercaseHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte)
  }
  /// Letter, digit or underscore.
  static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == 0x5f }
}

extension String {
  /// The text without white space and line breaks at either end.
  func trimmingSpaces() -> String {
    guard let start = firstIndex(where: { !$0.isWhitespace }),
      let end = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[start...end])
  }
}
