import Foundation

/// How one kind of thing is told as JSON: each member is declared once, with
/// its schema and where it comes from.
struct Resource<Value: Sendable>: Sendable {
  let schema: Schema
  private let members: [Members<Value>.Member]

  /// - Parameters:
  ///   - name: under which the OpenAPI document has it.
  ///   - about: what it is, in a sentence.
  init(_ name: String, _ about: String, _ build: (inout Members<Value>) -> Void) {
    var members = Members<Value>()
    build(&members)
    self.members = members.all
    schema = .object(name, about, members.all.map(\.field))
  }

  func json(_ value: Value) -> JSON {
    .object(members.map { JSON.Member(key: $0.field.name, value: $0.get(value)) })
  }

  /// A page of them, as every list is answered.
  var page: Schema {
    .object(
      "\(schema.name ?? "")Page", "A page of a list.",
      [
        .init(name: "items", schema: .list(of: schema, most: 100)),
        .init(
          name: "next", schema: .text("bzE", length: 1...1_000).orNull,
          about: "The `cursor` of the next page; null on the last one."),
      ])
  }

  /// All of them, where there are never many: answered like a page, without a
  /// next one.
  func json(_ values: [Value], next: String? = nil) -> JSON {
    ["items": .array(values.map(json)), "next": .text(next)]
  }
}

/// Collects the members of a ``Resource``.
struct Members<Value: Sendable> {
  struct Member: Sendable {
    let field: Schema.Field
    let get: @Sendable (Value) -> JSON
  }

  private(set) var all: [Member] = []

  /// A member of any kind.
  mutating func raw(
    _ name: String, _ schema: Schema, _ about: String,
    _ get: @escaping @Sendable (Value) -> JSON
  ) {
    all.append(Member(field: .init(name: name, schema: schema, about: about), get: get))
  }

  mutating func text(
    _ name: String, _ sample: String, _ about: String, among values: [String] = [],
    _ get: @escaping @Sendable (Value) -> String
  ) {
    raw(name, .text(sample, among: values), about) { .string(get($0)) }
  }

  mutating func maybe(
    _ name: String, _ sample: String, _ about: String, among values: [String] = [],
    _ get: @escaping @Sendable (Value) -> String?
  ) {
    raw(name, .text(sample, among: values).orNull, about) { .text(get($0)) }
  }

  mutating func texts(
    _ name: String, _ sample: String, _ about: String,
    _ get: @escaping @Sendable (Value) -> [String]
  ) {
    raw(name, .list(of: .text(sample)), about) { .array(get($0).map(JSON.string)) }
  }

  mutating func integer(
    _ name: String, _ sample: Int, _ about: String, _ get: @escaping @Sendable (Value) -> Int
  ) {
    raw(name, .integer(sample, 0...Int(Int64.max)), about) { .int(get($0)) }
  }

  mutating func maybeInteger(
    _ name: String, _ sample: Int, _ about: String, _ get: @escaping @Sendable (Value) -> Int?
  ) {
    raw(name, .integer(sample, Int(Int32.min)...Int(Int64.max)).orNull, about) {
      get($0).map(JSON.int) ?? .null
    }
  }

  mutating func flag(
    _ name: String, _ about: String, _ get: @escaping @Sendable (Value) -> Bool
  ) {
    raw(name, .flag(), about) { .bool(get($0)) }
  }

  mutating func time(
    _ name: String, _ about: String, _ get: @escaping @Sendable (Value) -> Date
  ) {
    raw(name, .time, about) { .time(get($0)) }
  }

  mutating func maybeTime(
    _ name: String, _ about: String, _ get: @escaping @Sendable (Value) -> Date?
  ) {
    raw(name, Schema.time.orNull, about) { get($0).map(JSON.time) ?? .null }
  }

  mutating func one<Inner>(
    _ name: String, _ resource: Resource<Inner>, _ about: String,
    _ get: @escaping @Sendable (Value) -> Inner
  ) {
    raw(name, resource.schema, about) { resource.json(get($0)) }
  }

  mutating func maybeOne<Inner>(
    _ name: String, _ resource: Resource<Inner>, _ about: String,
    _ get: @escaping @Sendable (Value) -> Inner?
  ) {
    raw(name, resource.schema.orNull, about) { get($0).map(resource.json) ?? .null }
  }

  mutating func each<Inner>(
    _ name: String, _ resource: Resource<Inner>, _ about: String,
    _ get: @escaping @Sendable (Value) -> [Inner]
  ) {
    raw(name, .list(of: resource.schema, most: 10_000), about) {
      .array(get($0).map(resource.json))
    }
  }
}

extension JSON {
  /// A time as RFC 3339 writes it, UTC, in whole seconds.
  static func time(_ date: Date) -> JSON { .string(date.formatted(.iso8601)) }
}
