import HTTPTypes
import Hummingbird
import Kubernetes
import NIOCore

/// The schemas of all kinds as OpenAPI 2, from which older versions of kubectl
/// learn which fields there are, how lists are merged and what may be tried.
enum OpenAPIv2 {
  /// kubectl reads it as protobuf only.
  private static let protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

  static func answer(_ request: APIRequest) -> Response {
    guard (request.headers[.accept] ?? "").contains("protobuf") else { return .json(document) }
    return Response(
      status: .ok, headers: [.contentType: protobuf],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: encoded)))
  }

  private static let encoded = OpenAPIProtobuf.document(document)

  static let document: JSONValue = [
    "swagger": "2.0", "info": ["title": "Kubernetes", "version": "v1.36.2"],
    "paths": .object(paths), "definitions": .object(definitions),
  ]

  // MARK: Paths

  private static let paths: [String: JSONValue] = Dictionary(
    uniqueKeysWithValues: Kinds.all.map { kind in
      let parameters: [JSONValue] = ["dryRun", "fieldManager", "fieldValidation", "force"].map {
        ["name": .string($0), "in": "query", "type": "string"]
      }
      let patch: JSONValue = [
        "parameters": .array(parameters), "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": groupVersionKind(kind.type),
      ]
      return (OpenAPI.pattern(of: kind.type), ["patch": patch])
    })

  private static func groupVersionKind(_ type: ResourceType) -> JSONValue {
    ["group": .string(type.group), "version": .string(type.version), "kind": .string(type.kind)]
  }

  // MARK: Definitions

  private static let definitions: [String: JSONValue] = {
    var definitions = Schema.shared.types.reduce(into: [String: JSONValue]()) { result, type in
      result[type.key] = definition(type.key, type.value)
    }
    for kind in Kinds.all {
      definitions[kind.type.kind]?["x-kubernetes-group-version-kind"] = [
        groupVersionKind(kind.type)
      ]
    }
    return definitions
  }()

  private static func definition(_ name: String, _ fields: [String: FieldType]) -> JSONValue {
    guard !fields.isEmpty else { return ["type": "object"] }
    var properties = fields.mapValues(schema)
    for (key, strategy) in retained[name] ?? [:] {
      properties[key]?["x-kubernetes-patch-strategy"] = .string(strategy)
    }
    return ["type": "object", "properties": .object(properties)]
  }

  /// Where a patch drops the members that the new value doesn't have.
  private static let retained = [
    "DeploymentSpec": ["strategy": "retainKeys"], "PodSpec": ["volumes": "merge,retainKeys"],
  ]

  private static func schema(_ type: FieldType) -> JSONValue {
    switch type {
    case .string, .quantity: ["type": "string"]
    case .integer: ["type": "integer"]
    case .number: ["type": "number"]
    case .bool: ["type": "boolean"]
    case .integerOrString: ["type": "string", "format": "int-or-string"]
    case .any: [:]
    case .structure(let name, _): ["$ref": .string("#/definitions/\(name)")]
    case .map(let element, _): ["type": "object", "additionalProperties": schema(element)]
    case .list(let element, _, let mergeKey): list(schema(element), mergeKey)
    }
  }

  private static func list(_ items: JSONValue, _ mergeKey: MergeKey) -> JSONValue {
    var list: JSONValue = ["type": "array", "items": items]
    switch mergeKey {
    case .replace: break
    case .values: list["x-kubernetes-patch-strategy"] = "merge"
    case .key(let key):
      list["x-kubernetes-patch-strategy"] = "merge"
      list["x-kubernetes-patch-merge-key"] = .string(key)
    }
    return list
  }
}

/// An OpenAPI 2 document as protobuf; the numbers are those of gnostic's
/// `OpenAPIv2.proto`.
private enum OpenAPIProtobuf {
  static func document(_ document: JSONValue) -> [UInt8] {
    var message = ProtobufMessage()
    message.set(1, document["swagger"]?.string)
    var info = ProtobufMessage()
    info.set(1, document.at("info", "title")?.string)
    info.set(2, document.at("info", "version")?.string)
    message.set(2, info)
    var paths = ProtobufMessage()
    for (name, path) in sorted(document["paths"]) {
      var item = ProtobufMessage()
      item.set(8, operation(path["patch"] ?? [:]))
      paths.set(2, named(name, item))
    }
    message.set(8, paths)
    message.set(9, schemas(document["definitions"]))
    return message.bytes
  }

  private static func operation(_ operation: JSONValue) -> ProtobufMessage {
    var message = ProtobufMessage()
    for parameter in operation["parameters"]?.array ?? [] {
      var query = ProtobufMessage()
      query.set(2, parameter["in"]?.string)
      query.set(4, parameter["name"]?.string)
      query.set(6, parameter["type"]?.string)
      message.set(8, query.wrapped(in: 3).wrapped(in: 2).wrapped(in: 1))
    }
    setExtensions(13, operation, of: &message)
    return message
  }

  private static func schemas(_ schemas: JSONValue?) -> ProtobufMessage {
    var message = ProtobufMessage()
    for (name, value) in sorted(schemas) { message.set(1, named(name, schema(value))) }
    return message
  }

  private static func schema(_ schema: JSONValue) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, schema["$ref"]?.string)
    message.set(2, schema["format"]?.string)
    if let element = schema["additionalProperties"] {
      message.set(21, Self.schema(element).wrapped(in: 1))
    }
    if let type = schema["type"]?.string {
      var item = ProtobufMessage()
      item.set(1, type)
      message.set(22, item)
    }
    if let items = schema["items"] { message.set(23, Self.schema(items).wrapped(in: 1)) }
    if schema["properties"] != nil { message.set(25, schemas(schema["properties"])) }
    setExtensions(31, schema, of: &message)
    return message
  }

  /// What begins with `x-` is written as YAML, which JSON is too.
  private static func setExtensions(
    _ number: UInt64, _ json: JSONValue, of message: inout ProtobufMessage
  ) {
    for (name, value) in sorted(json) where name.hasPrefix("x-") {
      var any = ProtobufMessage()
      any.set(2, value.description)
      message.set(number, named(name, any))
    }
  }

  private static func named(_ name: String, _ value: ProtobufMessage) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.set(1, name)
    message.set(2, value)
    return message
  }

  private static func sorted(_ json: JSONValue?) -> [(String, JSONValue)] {
    (json?.object ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// A protobuf message while it is written; all its fields have a length.
private struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func set(_ number: UInt64, _ text: String?) {
    if let text { append(number, Array(text.utf8)) }
  }

  mutating func set(_ number: UInt64, _ message: ProtobufMessage) { append(number, message.bytes) }

  /// This message as the only field of another one.
  func wrapped(in number: UInt64) -> ProtobufMessage {
    var outer = ProtobufMessage()
    outer.set(number, self)
    return outer
  }

  private mutating func append(_ number: UInt64, _ value: [UInt8]) {
    appendVarint(number << 3 | 2)
    appendVarint(UInt64(value.count))
    bytes += value
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
