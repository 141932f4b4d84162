import Foundation
import Kubernetes

/// Kubernetes' OpenAPI schemas, and whether an object is valid under them.
///
/// It is stricter than the schemas themselves: a property that isn't listed is
/// wrong, as with `fieldValidation=Strict`, and so is a keyword it doesn't know.
struct OpenAPISchemas: Sendable {
  private let schemas: [String: JSONValue]

  init(document: JSONValue) {
    schemas = document.at("components", "schemas")?.object ?? [:]
  }

  /// What is wrong with an object, each as `path: reason`; empty if nothing is.
  func mistakes(in object: JSONValue) -> [String] {
    guard let schema = schema(of: object) else { return [": there is no schema of its kind"] }
    return mistakes(in: object, schema, at: "")
  }

  private func schema(of object: JSONValue) -> JSONValue? {
    let parts = (object["apiVersion"]?.string ?? "").split(separator: "/")
    guard let version = parts.last else { return nil }
    let wanted: JSONValue = [
      "group": .string(parts.count == 2 ? String(parts[0]) : ""), "kind": object["kind"] ?? .null,
      "version": .string(String(version)),
    ]
    return schemas.values.first { $0["x-kubernetes-group-version-kind"] == [wanted] }
  }

  private func mistakes(in value: JSONValue, _ schema: JSONValue, at path: String) -> [String] {
    guard let schema = resolved(schema) else { return ["\(path): its schema isn't understood"] }
    if let choices = schema["oneOf"]?.array {
      let fitting = choices.filter { mistakes(in: value, $0, at: path).isEmpty }
      return fitting.count == 1 ? [] : ["\(path): it is none of the allowed types"]
    }
    if let allowed = schema["enum"]?.array, !allowed.contains(value) {
      return ["\(path): it is none of the allowed values"]
    }
    switch (schema["type"]?.string, value) {
    case ("string", .string), ("boolean", .bool), ("number", .integer), ("number", .number):
      return []
    case ("integer", .integer(let number)):
      let fits = schema["format"] != "int32" || Int32(exactly: number) != nil
      return fits ? [] : ["\(path): it is out of range"]
    case ("array", .array(let elements)):
      let items = schema["items"] ?? .null
      return elements.enumerated().flatMap {
        mistakes(in: $0.element, items, at: "\(path)[\($0.offset)]")
      }
    case ("object", .object(let members)): return self.mistakes(in: members, schema, at: path)
    case (let type, _): return ["\(path): it isn't of type \(type ?? "known")"]
    }
  }

  private func mistakes(
    in members: [String: JSONValue], _ schema: JSONValue, at path: String
  ) -> [String] {
    // An object of any shape, as the fields of `managedFields` are.
    if schema["properties"] == nil, schema["additionalProperties"] == nil { return [] }
    let properties = schema["properties"]?.object ?? [:]
    var mistakes: [String] = []
    for key in schema["required"]?.array?.compactMap(\.string) ?? [] where members[key] == nil {
      mistakes.append("\(path).\(key): it is missing")
    }
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      if let property = properties[key] ?? schema["additionalProperties"] {
        mistakes += self.mistakes(in: member, property, at: "\(path).\(key)")
      } else {
        mistakes.append("\(path).\(key): there is no such field")
      }
    }
    return mistakes
  }

  /// Follows `$ref`, also inside an `allOf` of one; nil for anything unknown.
  private func resolved(_ schema: JSONValue) -> JSONValue? {
    if let reference = schema["$ref"]?.string {
      let prefix = "#/components/schemas/"
      guard reference.hasPrefix(prefix) else { return nil }
      return schemas[String(reference.dropFirst(prefix.count))].flatMap(resolved)
    }
    if let all = schema["allOf"]?.array { return all.count == 1 ? resolved(all[0]) : nil }
    let keywords = Set(schema.object?.keys.filter { !$0.hasPrefix("x-kubernetes-") } ?? [])
    return !keywords.isEmpty && keywords.isSubset(of: Self.known) ? schema : nil
  }

  private static let known: Set<String> = [
    "type", "format", "description", "default", "properties", "required", "items", "enum",
    "additionalProperties", "oneOf",
  ]
}

extension OpenAPISchemas {
  /// The folder with the schemas; nil when it isn't there.
  static let folder = SharedMaterial.folder("kubernetes/openapi")

  /// The schemas of a group and version, for example `apps/v1`.
  static func of(_ apiVersion: String) throws -> OpenAPISchemas {
    guard let found = loaded[apiVersion] else { throw CocoaError(.fileNoSuchFile) }
    return found
  }

  private static let loaded: [String: OpenAPISchemas] = {
    var loaded: [String: OpenAPISchemas] = [:]
    for apiVersion in [
      "v1", "apps/v1", "autoscaling/v2", "networking.k8s.io/v1", "policy/v1",
    ] {
      let name =
        apiVersion == "v1"
        ? "api_v1" : "apis_" + apiVersion.replacingOccurrences(of: "/", with: "_")
      guard let file = folder?.appending(path: "\(name).json"),
        let data = try? Data(contentsOf: file), let document = try? JSONValue(parsing: data)
      else { continue }
      loaded[apiVersion] = OpenAPISchemas(document: document)
    }
    return loaded
  }()
}
