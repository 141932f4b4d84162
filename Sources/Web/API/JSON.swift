import Kubernetes

/// A JSON value (RFC 8259) whose objects keep the order of their members, so
/// that answers and the OpenAPI document read as they were written.
enum JSON: Sendable, Hashable {
  /// A name and its value in an object.
  struct Member: Sendable, Hashable {
    let key: String
    let value: JSON
  }

  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  /// Reads a whole JSON text; the members of its objects come in order of
  /// their names.
  ///
  /// - Throws: for anything that isn't JSON, and beyond a depth of 128.
  init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
    self.init(try JSONValue(parsing: bytes))
  }

  private init(_ value: JSONValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .number(value)
    case .string(let value): self = .string(value)
    case .array(let values): self = .array(values.map(JSON.init))
    case .object(let members):
      self = .object(
        members.sorted { $0.key < $1.key }.map { Member(key: $0.key, value: JSON($0.value)) })
    }
  }

  /// An object of pairs, in their order.
  static func members(_ pairs: [(String, JSON)]) -> JSON {
    .object(pairs.map { Member(key: $0.0, value: $0.1) })
  }

  /// A text, or null.
  static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

  static func int(_ number: Int) -> JSON { .integer(Int64(number)) }

  /// The value as UTF-8.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  /// The value as compact JSON.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}

// MARK: - Looking inside

extension JSON {
  var string: String? { if case .string(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  var object: [Member]? { if case .object(let value) = self { value } else { nil } }

  /// A whole number, also one written with a fraction of zero.
  var int: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// A member of an object.
  subscript(key: String) -> JSON? {
    object?.first { $0.key == key }?.value
  }

  /// An element of an array.
  subscript(index: Int) -> JSON? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }
}

// MARK: - Literals

extension JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByIntegerLiteral {
  init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSON: ExpressibleByBooleanLiteral {
  init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByArrayLiteral {
  init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral elements: (String, JSON)...) { self = .members(elements) }
}

// MARK: - Writing

extension JSON {
  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .number(let value): bytes.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    case .string(let value): Self.write(value, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      // Most texts are written in one piece.
      var start = utf8.startIndex
      for index in utf8.indices where isEscaped(utf8[index]) {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
        writeEscaped(utf8[index], to: &bytes)
        start = index + 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    switch byte {
    case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): true
    // Nothing that a browser could take for a tag, whatever it makes of the type.
    case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): true
    default: false
    }
  }

  private static func writeEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
    case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
    case 0x0a: bytes.append(contentsOf: #"\n"#.utf8)
    default:
      bytes.append(contentsOf: #"\u00"#.utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
}

extension JSON {
  /// The value with line ends and two spaces of indentation, for people.
  func indented(_ depth: Int = 0) -> String {
    let inner = String(repeating: "  ", count: depth + 1)
    let outer = String(repeating: "  ", count: depth)
    switch self {
    case .array(let values) where !values.isEmpty:
      return "[\n" + values.map { inner + $0.indented(depth + 1) }.joined(separator: ",\n")
        + "\n\(outer)]"
    case .object(let members) where !members.isEmpty:
      return "{\n"
        + members.map {
          "\(inner)\(JSON.string($0.key).plainText): \($0.value.indented(depth + 1))"
        }.joined(separator: ",\n") + "\n\(outer)}"
    default: return plainText
    }
  }

  /// Compact, with the signs that are only escaped for browsers as they are.
  private var plainText: String {
    text.replacing("\\u003c", with: "<").replacing("\\u003e", with: ">")
      .replacing("\\u0026", with: "&")
  }
}
