/// Writes a ``JSONValue`` as UTF-8.
struct JSONSerializer {
  private(set) var bytes: [UInt8] = []
  private let pretty: Bool
  private var depth = 0

  init(pretty: Bool) { self.pretty = pretty }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .number(let value):
      bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    case .string(let value): write(string: value)
    case .array(let elements):
      write(members: elements, from: "[", to: "]") { serializer, element in
        serializer.write(element)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      write(members: sorted, from: "{", to: "}") { serializer, member in
        serializer.write(string: member.key)
        serializer.bytes.append(UInt8(ascii: ":"))
        if serializer.pretty { serializer.bytes.append(UInt8(ascii: " ")) }
        serializer.write(member.value)
      }
    }
  }

  private mutating func write<Member>(
    members: [Member], from open: Unicode.Scalar, to close: Unicode.Scalar,
    each write: (inout JSONSerializer, Member) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    depth += 1
    var isFirst = true
    for member in members {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      newLine()
      write(&self, member)
    }
    depth -= 1
    if !isFirst { newLine() }
    bytes.append(UInt8(ascii: close))
  }

  private mutating func newLine() {
    guard pretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
  }

  private mutating func write(string: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
      case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
      case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
      case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
      case 0..<0x20:
        bytes.append(contentsOf: #"\u00"#.utf8)
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
