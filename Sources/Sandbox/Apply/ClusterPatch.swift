import Kubernetes

/// A patch by its media type.
enum PatchFormat: String, Sendable {
  case apply = "application/apply-patch+yaml"
  case merge = "application/merge-patch+json"
  case strategic = "application/strategic-merge-patch+json"
  case json = "application/json-patch+json"
}

extension Cluster {
  /// Changes an object by a patch; ``PatchFormat/apply`` may also create it.
  func patch(
    _ type: ResourceType, _ key: ObjectKey, _ body: JSONValue, _ format: PatchFormat,
    _ options: WriteOptions
  ) throws(APIError) -> WriteResult {
    if format == .apply { return try apply(type, key, body, options) }
    guard let live = store[type, key] else { throw .notFound(type, key.name) }
    let patched = try patched(live, body, format, Schema.type(of: type))
    return try update(type, key, patched, options)
  }

  /// Applies a patch to any JSON tree.
  func patched(
    _ target: JSONValue, _ body: JSONValue, _ format: PatchFormat, _ type: FieldType
  ) throws(APIError) -> JSONValue {
    switch format {
    case .merge, .apply: Patches.merge(target, body)
    case .strategic: Patches.strategic(target, body, type: type)
    case .json: try JSONPatch.apply(body, to: target)
    }
  }

  /// The `Scale` of a Deployment or ReplicaSet.
  func scale(_ type: ResourceType, _ key: ObjectKey) throws(APIError) -> JSONValue {
    guard let object = store[type, key] else { throw .notFound(type, key.name) }
    return Self.scale(of: object)
  }

  /// Sets the replicas through the scale subresource.
  func patchScale(
    _ type: ResourceType, _ key: ObjectKey, _ body: JSONValue, _ format: PatchFormat?,
    _ options: WriteOptions
  ) throws(APIError) -> JSONValue {
    guard let live = store[type, key] else { throw .notFound(type, key.name) }
    let scale =
      try format.map { format throws(APIError) in
        try patched(Self.scale(of: live), body, format, .any)
      } ?? body
    guard let replicas = scale.at("spec", "replicas")?.int, replicas >= 0 else {
      let value = scale.at("spec", "replicas") ?? .null
      let type = ResourceType(group: "autoscaling", version: "v1", kind: "Scale", plural: "scales")
      throw .invalid(
        type, key.name,
        [.invalid("spec.replicas", value, "must be greater than or equal to 0")])
    }
    var object = live
    if let version = scale.at("metadata", "resourceVersion") {
      object.set(version, at: "metadata", "resourceVersion")
    }
    object.set(.integer(Int64(replicas)), at: "spec", "replicas")
    var options = options
    options.subresource = "scale"
    return Self.scale(
      of: try replace(type, live, with: object, ownership: nil, options).object)
  }

  private static func scale(of object: JSONValue) -> JSONValue {
    var metadata: JSONValue = [:]
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
      metadata[key] = object["metadata"]?[key]
    }
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
      "spec": ["replicas": object.at("spec", "replicas") ?? 0],
      "status": [
        "replicas": object.at("status", "replicas") ?? 0,
        "selector": .string(LabelSelector.text(object.at("spec", "selector"))),
      ],
    ]
  }
}
