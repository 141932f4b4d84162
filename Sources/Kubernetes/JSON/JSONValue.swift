/// Any JSON value (RFC 8259), as the API server sends and takes it.
///
/// Whole numbers that fit 64 bits stay exact (``integer(_:)``); everything else
/// is a double (``number(_:)``). Objects have no order; of duplicate keys the
/// last wins, as in the API server.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The most arrays and objects that may be inside each other.
  public static let maximumDepth = 128

  /// Reads a whole JSON text.
  ///
  /// - Throws: ``JSONError`` for anything RFC 8259 doesn't allow, for strings
  ///   that aren't UTF-8, and beyond ``maximumDepth``.
  public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
    self = try JSONParser.parse(bytes, skipping: nil)
  }

  /// Reads a whole JSON text, leaving out every object member called `key` that
  /// is a list.
  ///
  /// What is left out is checked for syntax but costs no memory. Meant for
  /// `managedFields`, often half of an object.
  ///
  /// - Throws: as ``init(parsing:)``.
  public init(
    parsing bytes: some Collection<UInt8>, skippingLists key: StaticString
  ) throws(JSONError) {
    self = try JSONParser.parse(bytes, skipping: key)
  }

  /// The value as UTF-8 JSON, with the keys of objects in order.
  ///
  /// A double that JSON can't express (infinite, not a number) is written as
  /// `null`.
  /// - Parameter pretty: two spaces of indentation and a line for each member.
  public func serialized(pretty: Bool = false) -> [UInt8] {
    var serializer = JSONSerializer(pretty: pretty)
    serializer.write(self)
    return serializer.bytes
  }
}

// MARK: - Looking inside

extension JSONValue {
  /// The text of a string.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The value of a whole number, also of a double without a fraction.
  public var int: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The value of any number.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value of a boolean.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array.
  public var array: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members of an object.
  public var object: [String: JSONValue]? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// A member of an object. Setting one on anything but an object makes it an
  /// object with that member alone; setting `nil` removes the member.
  public subscript(key: String) -> JSONValue? {
    get {
      if case .object(let members) = self { members[key] } else { nil }
    }
    set {
      guard case .object(var members) = self else {
        if let newValue { self = .object([key: newValue]) }
        return
      }
      // Without this the dictionary has two owners and would be copied whole.
      self = .null
      members[key] = newValue
      self = .object(members)
    }
  }

  /// An element of an array, `nil` outside its bounds.
  public subscript(index: Int) -> JSONValue? {
    if case .array(let elements) = self, elements.indices.contains(index) {
      elements[index]
    } else {
      nil
    }
  }

  /// The value at the end of a path of object keys.
  public func at(_ path: String...) -> JSONValue? {
    var value = self
    for key in path {
      guard let next = value[key] else { return nil }
      value = next
    }
    return value
  }
}

// MARK: - Writing literals

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Double) { self = .number(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByNilLiteral {
  public init(nilLiteral: ()) { self = .null }
}

extension JSONValue: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

// MARK: - Codable

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value as compact JSON.
  public var description: String { String(decoding: serialized(), as: UTF8.self) }
}
