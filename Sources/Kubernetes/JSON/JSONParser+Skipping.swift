/// Passing over values: checked for syntax, but nothing is kept.
extension JSONParser {
  /// Whether the string that begins here is the key of lists to be left out.
  func isAtSkippedKey() -> Bool {
    guard let skippedKey, position + skippedKey.count + 1 < bytes.count,
      bytes[position + skippedKey.count + 1] == UInt8(ascii: "\"")
    else { return false }
    for index in 0..<skippedKey.count where bytes[position + 1 + index] != skippedKey[index] {
      return false
    }
    return true
  }

  private mutating func skipString() throws(JSONError) {
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        position += 1
        _ = try escape()
      case 0..<0x20: throw error(.controlCharacter)
      default: position += 1
      }
    }
    throw error(.unexpectedEnd)
  }

  private mutating func skipValue() throws(JSONError) {
    skipSpace()
    switch next {
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
    default: _ = try value()
    }
  }

  /// Passes over an array or an object.
  mutating func skipContainer() throws(JSONError) {
    let isObject = next == UInt8(ascii: "{")
    let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
    try open()
    if next == end { return close() }
    while true {
      if isObject {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw unexpected() }
        try skipString()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw unexpected() }
        position += 1
      }
      try skipValue()
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else if next == end {
        return close()
      } else {
        throw unexpected()
      }
    }
  }
}
