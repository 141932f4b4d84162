import Hummingbird
import Kubernetes

/// OpenAPI 3, as far as kubectl asks: that the server validates fields itself,
/// and which fields there are (`kubectl explain`).
enum OpenAPI {
  static func answer(_ request: APIRequest) -> Response? {
    if request.path == ["openapi", "v2"] { return OpenAPIv2.answer(request) }
    guard request.path.count > 1, request.path[1] == "v3" else { return nil }
    let place = request.path.dropFirst(2).joined(separator: "/")
    if place.isEmpty { return .json(index) }
    let kinds = Kinds.all.filter { Self.place(of: $0.type) == place }
    return kinds.isEmpty ? nil : .json(document(kinds))
  }

  private static func place(of type: ResourceType) -> String {
    type.group.isEmpty ? "api/\(type.version)" : "apis/\(type.apiVersion)"
  }

  private static let index: JSONValue = {
    var paths: [String: JSONValue] = [:]
    for kind in Kinds.all {
      let place = place(of: kind.type)
      paths[place] = ["serverRelativeURL": .string("/openapi/v3/\(place)?hash=1")]
    }
    return ["paths": .object(paths)]
  }()

  /// The path of an object of a kind, with names in braces.
  static func pattern(of type: ResourceType) -> String {
    (type.path(namespace: "{namespace}", name: nil) + "/{name}")
      .replacing("%7B", with: "{").replacing("%7D", with: "}")
  }

  private static func document(_ kinds: [ServedKind]) -> JSONValue {
    var paths: [String: JSONValue] = [:]
    let parameter: JSONValue = [
      "name": "fieldValidation", "in": "query", "schema": ["type": "string"],
    ]
    for kind in kinds {
      let type = kind.type
      paths[pattern(of: type)] = [
        "patch": [
          "parameters": [parameter],
          "x-kubernetes-action": "patch",
          "x-kubernetes-group-version-kind": [
            "group": .string(type.group), "version": .string(type.version),
            "kind": .string(type.kind),
          ],
        ]
      ]
    }
    return [
      "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.36.2"],
      "paths": .object(paths), "components": ["schemas": .object(schemas(of: kinds))],
    ]
  }

  /// The schemas of some kinds, and of all that is in them.
  private static func schemas(of kinds: [ServedKind]) -> [String: JSONValue] {
    var schemas: [String: JSONValue] = [:]
    var open = kinds.map(\.type.kind)
    while let name = open.popLast() {
      guard schemas[name] == nil, let definition = OpenAPIv2.document["definitions"]?[name] else {
        continue
      }
      schemas[name] = converted(definition) { open.append($0) }
    }
    return schemas
  }

  /// A schema of version 2 as one of version 3, where definitions have another
  /// place, and what stands beside a reference counts only around it.
  private static func converted(
    _ schema: JSONValue, _ found: (String) -> Void
  ) -> JSONValue {
    var schema = schema
    if let reference = schema["$ref"]?.string {
      let name = reference.replacing("#/definitions/", with: "")
      found(name)
      schema["$ref"] = .none
      schema["allOf"] = [["$ref": .string("#/components/schemas/\(name)")]]
    }
    for key in ["items", "additionalProperties"] {
      if let inner = schema[key] { schema[key] = converted(inner, found) }
    }
    if let properties = schema["properties"]?.object {
      schema["properties"] = .object(properties.mapValues { converted($0, found) })
    }
    return schema
  }
}
