/// Reads RFC 8259 JSON from bytes, in one pass.
///
/// The members of the objects and arrays that are still open live on two
/// stacks, so that each dictionary is made once, with its final size.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let skippedKey: UnsafeBufferPointer<UInt8>?
  var position = 0
  private var depth = 0
  private var members: [(key: String, value: JSONValue)] = []
  private var elements: [JSONValue] = []

  /// Reads the whole of `bytes`; lists called `key` are checked and left out.
  static func parse(
    _ bytes: some Collection<UInt8>, skipping key: StaticString?
  ) throws(JSONError) -> JSONValue {
    var skippedKey: UnsafeBufferPointer<UInt8>?
    if let key, key.hasPointerRepresentation {
      skippedKey = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
    }
    // A `Result`, because `withContiguousStorageIfAvailable` has no typed throws.
    let contiguous = bytes.withContiguousStorageIfAvailable { storage in
      Result { () throws(JSONError) in
        try parse(storage, skipping: skippedKey)
      }
    }
    if let contiguous { return try contiguous.get() }
    let result = Array(bytes).withUnsafeBufferPointer { storage in
      Result { () throws(JSONError) in
        try parse(storage, skipping: skippedKey)
      }
    }
    return try result.get()
  }

  private static func parse(
    _ storage: UnsafeBufferPointer<UInt8>, skipping key: UnsafeBufferPointer<UInt8>?
  ) throws(JSONError) -> JSONValue {
    var parser = JSONParser(storage, skipping: key)
    let value = try parser.value()
    parser.skipSpace()
    if parser.position != storage.count { throw parser.error(.trailingBytes) }
    return value
  }

  private init(
    _ bytes: UnsafeBufferPointer<UInt8>, skipping key: UnsafeBufferPointer<UInt8>?
  ) {
    self.bytes = bytes
    self.skippedKey = key
  }

  func error(_ reason: JSONError.Reason) -> JSONError {
    JSONError(reason, offset: position)
  }

  /// The next byte, or 0 at the end. No JSON token has a zero byte, so the end
  /// needs no test of its own in most places.
  var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  func unexpected() -> JSONError {
    error(position < bytes.count ? .unexpectedByte : .unexpectedEnd)
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  // MARK: - Values

  mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected()
    }
  }

  private mutating func literal(_ word: StaticString) throws(JSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[index] else { throw unexpected() }
      position += 1
    }
  }

  mutating func open() throws(JSONError) {
    depth += 1
    if depth > JSONValue.maximumDepth { throw error(.tooDeep) }
    position += 1
    skipSpace()
  }

  mutating func close() {
    depth -= 1
    position += 1
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    try open()
    if next == UInt8(ascii: "}") {
      close()
      return .object([:])
    }
    let start = members.count
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected() }
      let mayBeSkipped = isAtSkippedKey()
      let key = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw unexpected() }
      position += 1
      skipSpace()
      if mayBeSkipped, next == UInt8(ascii: "[") {
        try skipContainer()
      } else {
        members.append((key, try value()))
      }
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else if next == UInt8(ascii: "}") {
        close()
        return .object(takeMembers(from: start))
      } else {
        throw unexpected()
      }
    }
  }

  private mutating func takeMembers(from start: Int) -> [String: JSONValue] {
    var result = [String: JSONValue](minimumCapacity: members.count - start)
    // From the end, because taking off the end moves a value without counting
    // references; so a key that is there already came later, and wins.
    while members.count > start {
      let (key, value) = members.removeLast()
      if let later = result.updateValue(value, forKey: key) { result[key] = later }
    }
    return result
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    try open()
    if next == UInt8(ascii: "]") {
      close()
      return .array([])
    }
    let start = elements.count
    while true {
      let element = try value()
      elements.append(element)
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else if next == UInt8(ascii: "]") {
        close()
        let result = Array(elements[start...])
        elements.removeSubrange(start...)
        return .array(result)
      } else {
        throw unexpected()
      }
    }
  }

  // MARK: - Numbers

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var magnitude: Int64 = 0
    var fits = true
    let firstDigit = position
    while let digit = digit() {
      position += 1
      guard fits else { continue }
      let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      // Counted downwards, because Int64.min has no positive counterpart.
      let (sum, overflow2) = tens.subtractingReportingOverflow(Int64(digit))
      magnitude = sum
      fits = !overflow && !overflow2
    }
    let digits = position - firstDigit
    if digits == 0 { throw position < bytes.count ? error(.invalidNumber) : unexpected() }
    if digits > 1, bytes[firstDigit] == UInt8(ascii: "0") { throw error(.invalidNumber) }
    let isWhole = try !fractionAndExponent()
    if isWhole, fits, isNegative || magnitude != .min {
      return .integer(isNegative ? magnitude : -magnitude)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw error(.numberOutOfRange) }
    return .number(value)
  }

  private func digit() -> UInt8? {
    let byte = next &- UInt8(ascii: "0")
    return byte < 10 ? byte : nil
  }

  /// Passes over what follows the whole digits; whether there was anything.
  private mutating func fractionAndExponent() throws(JSONError) -> Bool {
    let start = position
    if next == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return position != start
  }

  private mutating func digits() throws(JSONError) {
    guard digit() != nil else {
      throw position < bytes.count ? error(.invalidNumber) : unexpected()
    }
    while digit() != nil { position += 1 }
  }

  // MARK: - Strings

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    var seen: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
        position += 1
        // Plain ASCII can't be malformed; anything else is checked.
        if seen < 0x80 { return String(decoding: text, as: UTF8.self) }
        guard let checked = String(validating: text, as: UTF8.self) else {
          position = start
          throw error(.invalidUnicode)
        }
        return checked
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw error(.controlCharacter)
      default:
        seen |= byte
        position += 1
      }
    }
    throw error(.unexpectedEnd)
  }

  /// The rest of a string that has at least one escape.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        guard let checked = String(validating: text, as: UTF8.self) else {
          position = start
          throw error(.invalidUnicode)
        }
        position += 1
        return checked
      case UInt8(ascii: "\\"):
        position += 1
        let scalar = try escape()
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      case 0..<0x20: throw error(.controlCharacter)
      default:
        text.append(byte)
        position += 1
      }
    }
    throw error(.unexpectedEnd)
  }

  mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let byte = next
    if position >= bytes.count { throw error(.unexpectedEnd) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error(.invalidEscape)
    }
  }

  /// `\u` and four hexadecimal digits, or two of these for a scalar beyond
  /// U+FFFF (RFC 8259 §7).
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, next == UInt8(ascii: "\\") else {
      throw error(position < bytes.count ? .invalidUnicode : .unexpectedEnd)
    }
    position += 1
    guard next == UInt8(ascii: "u") else {
      throw error(position < bytes.count ? .invalidUnicode : .unexpectedEnd)
    }
    position += 1
    let second = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw error(.invalidUnicode) }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw error(.unexpectedEnd) }
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw error(.invalidEscape)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
