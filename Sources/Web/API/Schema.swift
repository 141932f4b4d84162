import Domain

/// What a JSON value may be. One definition checks what comes in, and is
/// written into the OpenAPI document (JSON Schema 2020-12).
struct Schema: Sendable {
  indirect enum Shape: Sendable {
    case text(Text)
    case integer(ClosedRange<Int>)
    case number
    case flag
    /// Whatever JSON there is.
    case anything
    /// A list of at most so many.
    case list(Schema, most: Int)
    /// Names that are chosen freely, at most so many, with values of one kind.
    case map(Schema, most: Int)
    case object([Field])
    /// One of several.
    case either([Schema])
  }

  /// What a text may be.
  struct Text: Sendable {
    /// A format of JSON Schema or OpenAPI, such as `date-time`.
    var format: String?
    /// The only values there are; empty for any.
    var values: [String] = []
    /// In characters (Unicode scalars).
    var length: ClosedRange<Int>?
  }

  /// A member of an object.
  struct Field: Sendable {
    let name: String
    var schema: Schema
    var isRequired = true
    var about = ""
  }

  var shape: Shape
  /// Under this name it stands once in the document, and others refer to it.
  var name: String?
  var about = ""
  var isNullable = false
  /// An example that fits.
  var sample: JSON

  // MARK: Making them

  static func text(
    _ sample: String, length: ClosedRange<Int>? = nil, among values: [String] = [],
    format: String? = nil
  ) -> Schema {
    Schema(
      shape: .text(Text(format: format, values: values, length: length)), sample: .string(sample))
  }

  static func integer(_ sample: Int, _ range: ClosedRange<Int> = 0...Int(Int32.max)) -> Schema {
    Schema(shape: .integer(range), sample: .int(sample))
  }

  static func flag(_ sample: Bool = false) -> Schema { Schema(shape: .flag, sample: .bool(sample)) }

  static let number = Schema(shape: .number, sample: .number(0.5))
  static let anything = Schema(shape: .anything, sample: .null)
  /// RFC 3339, UTC.
  static let time = Schema.text("2026-11-26T12:00:00Z", format: "date-time")

  static func list(of item: Schema, most: Int = 1_000) -> Schema {
    Schema(shape: .list(item, most: most), sample: .array([item.sample]))
  }

  static func map(of value: Schema, most: Int = 1_000, sample: JSON) -> Schema {
    Schema(shape: .map(value, most: most), sample: sample)
  }

  static func either(_ schemas: Schema...) -> Schema {
    Schema(shape: .either(schemas), sample: schemas.first?.sample ?? .null)
  }

  static func object(_ name: String?, _ about: String, _ fields: [Field]) -> Schema {
    Schema(
      shape: .object(fields), name: name, about: about,
      sample: .members(fields.map { ($0.name, $0.schema.sample) }))
  }

  /// A body: an object whose members are told one after the other.
  static func body(
    _ name: String, _ about: String, _ build: (inout Fields) -> Void
  ) -> Schema {
    var fields = Fields()
    build(&fields)
    return object(name, about, fields.all)
  }

  /// The same, or null.
  var orNull: Schema {
    var copy = self
    copy.isNullable = true
    return copy
  }

  /// The same with another example.
  func sample(_ sample: JSON) -> Schema {
    var copy = self
    copy.sample = sample
    return copy
  }
}

/// Collects the members of a body.
struct Fields {
  private(set) var all: [Schema.Field] = []

  mutating func required(_ name: String, _ schema: Schema, _ about: String) {
    all.append(.init(name: name, schema: schema, about: about))
  }

  mutating func optional(_ name: String, _ schema: Schema, _ about: String) {
    all.append(.init(name: name, schema: schema, isRequired: false, about: about))
  }
}

// MARK: - Checking

extension Schema {
  /// What is wrong with a value, field by field; empty when it fits.
  ///
  /// - Parameter path: where the value stands; "" for the whole body.
  func mistakes(in value: JSON, at path: String = "") -> [FieldError] {
    if value == .null, isNullable { return [] }
    switch (shape, value) {
    case (.anything, _): return []
    case (.text(let text), .string(let value)): return Self.mistake(in: value, text, at: path)
    case (.integer(let range), _) where value.int != nil:
      guard let number = value.int, !range.contains(number) else { return [] }
      return [
        FieldError(path, "This is a whole number from \(range.lowerBound) to \(range.upperBound).")
      ]
    case (.number, .integer), (.number, .number), (.flag, .bool): return []
    case (.list(let item, let most), .array(let values)):
      if values.count > most { return [FieldError(path, "At most \(most) fit here.")] }
      return values.enumerated().flatMap {
        item.mistakes(in: $0.element, at: Self.join(path, "\($0.offset)"))
      }
    case (.map(let item, let most), .object(let members)):
      if members.count > most { return [FieldError(path, "At most \(most) fit here.")] }
      return members.flatMap { member in
        Self.mistake(in: member.key, Text(length: 1...4_096), at: path)
          + item.mistakes(in: member.value, at: Self.join(path, member.key))
      }
    case (.object(let fields), .object(let members)):
      return Self.mistakes(in: members, fields, at: path)
    case (.either(let schemas), _): return Self.mistakes(in: value, schemas, at: path, words)
    default: return [FieldError(path.isEmpty ? "body" : path, "This is \(words).")]
    }
  }

  private static func mistakes(
    in members: [JSON.Member], _ fields: [Field], at path: String
  ) -> [FieldError] {
    let names = fields.map(\.name)
    let sentence =
      names.isEmpty
      ? "There is no such field; there are none here."
      : "There is no such field; there are \(names.joined(separator: ", "))."
    // Whoever sends thousands of them needn't be told of each.
    let unknown = members.lazy.filter { !names.contains($0.key) }.prefix(20).map { member in
      FieldError(join(path, String(member.key.prefix(100))), sentence)
    }
    return unknown
      + fields.flatMap { field -> [FieldError] in
        let place = join(path, field.name)
        guard let member = members.first(where: { $0.key == field.name }) else {
          return field.isRequired ? [FieldError(place, "This is missing.")] : []
        }
        return field.schema.mistakes(in: member.value, at: place)
      }
  }

  /// Of the kinds that it may be the one that fits best says what is wrong.
  private static func mistakes(
    in value: JSON, _ schemas: [Schema], at path: String, _ words: String
  ) -> [FieldError] {
    var best: [FieldError]?
    for schema in schemas {
      let found = schema.mistakes(in: value, at: path)
      if found.isEmpty { return [] }
      if case (.object, .object) = (schema.shape, value), found.count < best?.count ?? .max {
        best = found
      }
    }
    return best ?? [FieldError(path.isEmpty ? "body" : path, "This is \(words).")]
  }

  private static func mistake(in value: String, _ text: Text, at path: String) -> [FieldError] {
    if value.utf8.contains(0) {
      return [FieldError(path, "A text may not hold the character U+0000.")]
    }
    if !text.values.isEmpty, !text.values.contains(value) {
      return [FieldError(path, "Choose one of \(text.values.joined(separator: ", ")).")]
    }
    if let length = text.length, !length.contains(value.unicodeScalars.count) {
      return [
        FieldError(
          path,
          length.lowerBound == 0
            ? "This has at most \(length.upperBound) characters."
            : "This has \(length.lowerBound) to \(length.upperBound) characters.")
      ]
    }
    return []
  }

  static func join(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// What it is, as a person says it: "a text", "a list".
  var words: String {
    let kind: String
    switch shape {
    case .text(let text):
      kind = text.values.isEmpty ? "a text" : "one of \(text.values.joined(separator: ", "))"
    case .integer: kind = "a whole number"
    case .number: kind = "a number"
    case .flag: kind = "true or false"
    case .anything: kind = "anything"
    case .list: kind = "a list"
    case .map, .object: kind = "an object"
    case .either(let schemas): kind = schemas.map(\.words).joined(separator: " or ")
    }
    return isNullable ? "\(kind) or null" : kind
  }
}

// MARK: - JSON Schema

extension Schema {
  /// As it stands in a document: a reference for what has a name.
  var reference: JSON {
    guard let name else { return definition }
    let link: JSON = ["$ref": .string("#/components/schemas/\(name)")]
    return isNullable ? ["anyOf": [link, ["type": "null"]]] : link
  }

  /// The whole schema.
  var definition: JSON {
    var members: [(String, JSON)] = []
    if !about.isEmpty { members.append(("description", .string(about))) }
    func type(_ name: String) -> JSON {
      isNullable && self.name == nil ? [.string(name), "null"] : .string(name)
    }
    switch shape {
    case .anything: break
    case .text(let text):
      members.append(("type", type("string")))
      if let format = text.format { members.append(("format", .string(format))) }
      if !text.values.isEmpty {
        let values = text.values.map(JSON.string)
        members.append(("enum", .array(isNullable ? values + [.null] : values)))
      }
      if let length = text.length {
        if length.lowerBound > 0 { members.append(("minLength", .int(length.lowerBound))) }
        members.append(("maxLength", .int(length.upperBound)))
      }
    case .integer(let range):
      members += [
        ("type", type("integer")), ("minimum", .int(range.lowerBound)),
        ("maximum", .int(range.upperBound)),
      ]
    case .number: members.append(("type", type("number")))
    case .flag: members.append(("type", type("boolean")))
    case .list(let item, let most):
      members += [
        ("type", type("array")), ("items", item.reference), ("maxItems", .int(most)),
      ]
    case .map(let item, let most):
      members += [
        ("type", type("object")), ("additionalProperties", item.reference),
        ("maxProperties", .int(most)),
        ("propertyNames", ["minLength": 1, "maxLength": 4096]),
      ]
    case .object(let fields): members += Self.members(of: fields, type("object"))
    case .either(let schemas):
      let all = schemas.map(\.reference) + (isNullable ? [["type": "null"]] : [])
      members.append(("anyOf", .array(all)))
    }
    return .members(members)
  }

  private static func members(of fields: [Field], _ type: JSON) -> [(String, JSON)] {
    let properties = fields.map { field -> (String, JSON) in
      let schema = field.schema.reference
      // What stands beside a reference counts too, in JSON Schema 2020-12.
      guard !field.about.isEmpty, let members = schema.object else { return (field.name, schema) }
      let about = JSON.Member(key: "description", value: .string(field.about))
      return (field.name, .object([about] + members.filter { $0.key != "description" }))
    }
    let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
    return [("type", type), ("properties", .members(properties))]
      + (required.isEmpty ? [] : [("required", .array(required))])
      + [("additionalProperties", false)]
  }

  /// Every schema with a name in it, itself among them.
  var named: [Schema] {
    let inner: [Schema]
    switch shape {
    case .list(let item, _), .map(let item, _): inner = item.named
    case .object(let fields): inner = fields.flatMap(\.schema.named)
    case .either(let schemas): inner = schemas.flatMap(\.named)
    case .text, .integer, .number, .flag, .anything: inner = []
    }
    var whole = self
    whole.isNullable = false
    return (name == nil ? [] : [whole]) + inner
  }
}
