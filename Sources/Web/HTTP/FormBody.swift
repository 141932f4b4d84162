import NIOCore

/// A form a browser sent (`application/x-www-form-urlencoded`, WHATWG URL §5),
/// as text, in the order sent.
///
/// Line ends are `\n`, whatever the browser made of them. Fields nobody asks
/// for are ignored; of a repeated field, ``string(_:)`` takes the first.
struct FormBody: Sendable, Equatable {
  /// The largest form that is read, in bytes.
  /// The files and variables of an application, percent-encoded, fit.
  static let maximumBytes = 1024 * 1024
  /// The most fields one form may have.
  static let maximumFields = 1_000

  /// Why a body is not a form.
  enum ParseError: Error, Equatable {
    /// A percent escape is cut off, or the text is not UTF-8 or has a NUL,
    /// which no database stores.
    case malformed
    case tooManyFields
  }

  private var pairs: [(name: String, value: String)] = []

  init() {}

  /// A form made of given fields.
  init(_ pairs: KeyValuePairs<String, String>) {
    self.pairs = pairs.map { (name: $0.key, value: $0.value) }
  }

  /// Reads an encoded form.
  init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
    for part in bytes.split(separator: UInt8(ascii: "&")) {
      guard pairs.count < Self.maximumFields else { throw .tooManyFields }
      let sides = part.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = try Self.decode(sides[0])
      let value = sides.count > 1 ? try Self.decode(sides[1]) : ""
      pairs.append((name: name, value: value))
    }
  }

  /// The first value of a field without white space around it; "" when the
  /// field is absent.
  func string(_ name: String) -> String {
    Self.trimmed(raw(name))
  }

  /// The first value of a field exactly as typed: for passwords.
  func raw(_ name: String) -> String {
    pairs.first { $0.name == name }?.value ?? ""
  }

  /// All values of a repeated field, in the order sent, as typed.
  func strings(_ name: String) -> [String] {
    pairs.filter { $0.name == name }.map(\.value)
  }

  /// Whether a checkbox was ticked.
  func isOn(_ name: String) -> Bool {
    !raw(name).isEmpty
  }

  /// Rows of fields that repeat together: the first row has the first value of
  /// each name. A value that is missing in a row is "".
  func rows(_ names: String...) -> [[String]] {
    let columns = names.map { strings($0) }
    let count = columns.map(\.count).max() ?? 0
    return (0..<count).map { row in
      columns.map { row < $0.count ? $0[row] : "" }
    }
  }

  /// All fields as they were sent.
  var fields: [(name: String, value: String)] { pairs }

  /// The names of all fields sent, in order, repeated ones repeated.
  var names: [String] { pairs.map(\.name) }

  static func == (left: Self, right: Self) -> Bool {
    left.pairs.elementsEqual(right.pairs) { $0 == $1 }
  }

  /// Text without spaces, tabs and line ends around it.
  static func trimmed(_ text: String) -> String {
    let blank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
    let bytes = text.utf8
    guard let first = bytes.firstIndex(where: { !blank($0) }),
      let last = bytes.lastIndex(where: { !blank($0) })
    else { return "" }
    return String(text[first...last])
  }

  private static func decode(_ bytes: some Collection<UInt8>) throws(ParseError) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var iterator = bytes.makeIterator()
    while let byte = iterator.next() {
      switch byte {
      case UInt8(ascii: "+"): output.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = iterator.next().flatMap(hexValue),
          let low = iterator.next().flatMap(hexValue)
        else { throw .malformed }
        append(high << 4 | low, to: &output)
      default: append(byte, to: &output)
      }
    }
    guard !output.contains(0), let text = String(validating: output, as: UTF8.self) else {
      throw .malformed
    }
    return text
  }

  /// Appends a byte, turning CR LF into LF.
  private static func append(_ byte: UInt8, to output: inout [UInt8]) {
    if byte == 0x0a, output.last == 0x0d { output.removeLast() }
    output.append(byte)
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
