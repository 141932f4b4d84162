import Kubernetes

extension Cluster {
  /// Server-side apply: creates the object or merges into it.
  func apply(
    _ type: ResourceType, _ key: ObjectKey, _ input: JSONValue, _ options: WriteOptions
  ) throws(APIError) -> WriteResult {
    guard !options.manager.isEmpty else { throw Self.missingFieldManager }
    let live = store[type, key]
    if live == nil { try requireActiveNamespace(type, key.namespace, key.name) }
    let patch = try typedPatch(type, key, input)
    let manager = FieldManager(
      name: options.manager, isApply: true, apiVersion: type.apiVersion,
      subresource: options.subresource)
    let fieldType = Schema.type(of: type)
    let set = FieldSet(of: patch, type: fieldType).withoutSystemFields(statusWrite: false)
    guard let live else {
      var owners = ManagedFields(of: [:])
      owners.apply(set, by: manager, comparison: .none, at: now)
      return try insert(type, patch, ownership: owners, options)
    }
    return try applyToLive(type, live, patch, set, by: manager, options)
  }

  private func applyToLive(
    _ type: ResourceType, _ live: JSONValue, _ patch: JSONValue, _ set: FieldSet,
    by manager: FieldManager, _ options: WriteOptions
  ) throws(APIError) -> WriteResult {
    let fieldType = Schema.type(of: type)
    var owners = ManagedFields(of: live)
    var merged = FieldMerge.merged(live, patch, type: fieldType)
    let former = owners[manager]
    if !former.isEmpty {
      var rest = owners
      rest.replace(set, of: manager)
      var owned = rest.all
      // Never pruned as a whole, whoever owns its fields.
      if owned["f:metadata"].isEmpty { owned["f:metadata"] = .member }
      merged = FieldMerge.pruned(merged, former: former, owned: owned, type: fieldType)
    }
    let comparison = FieldComparison(from: live, to: merged, type: fieldType)
      .withoutSystemFields(statusWrite: false)
    if !options.isForced {
      let conflicts = owners.conflicts(for: manager, comparison)
      guard conflicts.isEmpty else { throw .applyConflict(conflicts) }
    }
    owners.apply(set, by: manager, comparison: comparison, at: now)
    return try replace(type, live, with: merged, ownership: owners, options)
  }

  /// The applied configuration, checked against the schema. Apply always
  /// refuses unknown fields, with errors of its own wording.
  private func typedPatch(
    _ type: ResourceType, _ key: ObjectKey, _ input: JSONValue
  ) throws(APIError) -> JSONValue {
    guard input.object != nil, input["kind"]?.string != nil, input["apiVersion"]?.string != nil
    else { throw .badRequest("Object 'Kind' is missing in '\(input)'") }
    guard input["kind"]?.string == type.kind, input["apiVersion"]?.string == type.apiVersion else {
      throw .badRequest(
        "the API version or kind in the data (\(input["apiVersion"]?.string ?? ""), "
          + "\(input["kind"]?.string ?? "")) does not match the resource")
    }
    let checked = FieldCheck.read(input.withoutNulls, type: type)
    let place = key.namespace.isEmpty ? "/\(key.name)" : "\(key.namespace)/\(key.name)"
    let version = type.group.isEmpty ? "/\(type.version)" : type.apiVersion
    let subject = "(\(place); \(version), Kind=\(type.kind))"
    if let field = checked.unknown.first {
      throw .untyped(
        "failed to create typed patch object \(subject): .\(field): field not declared in schema")
    }
    if let error = checked.typeError {
      throw .untyped(
        "failed to convert new object \(subject) to proper version: unable to convert "
          + "unstructured object to \(version), Kind=\(type.kind): \(error)")
    }
    var patch = try placed(checked.value, type, namespace: key.namespace)
    let name = patch.name
    guard name.isEmpty || name == key.name else {
      throw .badRequest(
        "the name of the object (\(name)) does not match the name on the URL (\(key.name))")
    }
    guard input.at("metadata", "managedFields") == nil else {
      throw .badRequest("metadata.managedFields must be nil")
    }
    patch.set(.string(key.name), at: "metadata", "name")
    return patch
  }

  private static let missingFieldManager: APIError = {
    let cause = Cause.required("fieldManager", "is required for apply patch")
    let type = ResourceType(
      group: "meta.k8s.io", version: "v1", kind: "PatchOptions", plural: "patchoptions")
    return .invalid(type, "", [cause])
  }()
}

extension FieldComparison {
  /// No difference.
  static let none = FieldComparison(from: nil, to: nil, type: .any)
}
