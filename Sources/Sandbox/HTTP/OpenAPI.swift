import Hummingbird
import Kubernetes

/// Just enough OpenAPI 3 for kubectl: that the server validates fields itself.
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
      "paths": .object(paths), "components": ["schemas": [:]],
    ]
  }
}
