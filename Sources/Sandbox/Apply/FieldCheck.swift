import Kubernetes

/// Reading what a client sent against the schema: unknown fields, wrong types,
/// and quantities in their canonical form.
struct FieldCheck {
  /// What is left when unknown fields are out.
  private(set) var value: JSONValue = .null
  /// Paths of fields that the kind doesn't have (`spec.replcas`).
  private(set) var unknown: [String] = []
  /// The first value of a wrong type, in words.
  private(set) var typeError: String?

  /// The regular expression in the server's answer to a malformed quantity.
  private static let quantityError =
    "quantities must match the regular expression "
    + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

  static func read(_ input: JSONValue, type: ResourceType) -> FieldCheck {
    var check = FieldCheck()
    check.value = check.read(input, Schema.type(of: type), path: "")
    check.unknown.sort()
    return check
  }

  private mutating func read(_ value: JSONValue, _ type: FieldType, path: String) -> JSONValue {
    if value == .null { return value }
    switch type {
    case .any: return value
    case .structure, .map: return readMembers(value, type, path)
    case .list(let element, _, _):
      guard let items = value.array else { return mismatch(value, "array", path) }
      return .array(
        items.enumerated().map { read($0.element, element, path: "\(path)[\($0.offset)]") })
    default: return readScalar(value, type, path)
    }
  }

  private mutating func readMembers(
    _ value: JSONValue, _ type: FieldType, _ path: String
  ) -> JSONValue {
    guard var members = value.object else { return mismatch(value, "object", path) }
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      let inner = path.isEmpty ? key : "\(path).\(key)"
      guard let memberType = Schema.shared.member(key, of: type) else {
        unknown.append(inner)
        members[key] = nil
        continue
      }
      members[key] = read(member, memberType, path: inner)
    }
    return .object(members)
  }

  private mutating func readScalar(
    _ value: JSONValue, _ type: FieldType, _ path: String
  ) -> JSONValue {
    switch (type, value) {
    case (.quantity, _):
      guard let quantity = Quantity(value) else {
        typeError = typeError ?? Self.quantityError
        return value
      }
      return .string(quantity.description)
    case (.string, .string), (.bool, .bool), (.integerOrString, .string),
      (.integerOrString, .integer), (.integer, .integer), (.number, .integer), (.number, .number):
      return value
    case (.integer, .number(let number)) where number == number.rounded():
      return value.int.map { .integer(Int64($0)) } ?? value
    case (.string, _): return mismatch(value, "string", path)
    case (.bool, _): return mismatch(value, "bool", path)
    default: return mismatch(value, "int32", path)
    }
  }

  private mutating func mismatch(
    _ value: JSONValue, _ expected: String, _ path: String
  ) -> JSONValue {
    let got =
      switch value {
      case .string: "string"
      case .bool: "bool"
      case .integer, .number: "number"
      case .array: "array"
      default: "object"
      }
    let field = "Go struct field .\(path) of type \(expected)"
    typeError = typeError ?? "json: cannot unmarshal \(got) into \(field)"
    return value
  }
}
