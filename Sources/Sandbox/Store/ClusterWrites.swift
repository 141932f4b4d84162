import Kubernetes

/// Who writes, and how.
struct WriteOptions: Sendable {
  enum FieldValidation: String, Sendable {
    case strict = "Strict"
    case warn = "Warn"
    case ignore = "Ignore"
  }

  var manager = "unknown"
  var isDryRun = false
  var isForced = false
  var fieldValidation = FieldValidation.warn
  var subresource: String?
  /// Controllers may do what clients may not, such as making Pods of any owner.
  var isController = false

  static let controller = WriteOptions(manager: "kube-controller-manager", isController: true)
}

/// What a write answers.
struct WriteResult: Sendable {
  var object: JSONValue
  var isNew = false
  var warnings: [String] = []
}

extension Cluster {
  /// Creates an object (POST).
  func create(
    _ type: ResourceType, namespace: String, _ input: JSONValue, _ options: WriteOptions
  ) throws(APIError) -> WriteResult {
    var warnings: [String] = []
    var object = try checkedInput(type, namespace: namespace, input, options, &warnings)
    if object.name.isEmpty, let prefix = object.at("metadata", "generateName")?.string {
      object.set(.string(prefix + random.suffix()), at: "metadata", "name")
    }
    try requireActiveNamespace(type, namespace, object.name)
    return try insert(type, object, ownership: nil, options, warnings)
  }

  /// Replaces an object (PUT).
  func update(
    _ type: ResourceType, _ key: ObjectKey, _ input: JSONValue, _ options: WriteOptions
  ) throws(APIError) -> WriteResult {
    var warnings: [String] = []
    let object = try checkedInput(type, namespace: key.namespace, input, options, &warnings)
    guard object.name == key.name else {
      throw .badRequest(
        "the name of the object (\(object.name)) does not match the name on the URL (\(key.name))")
    }
    guard let live = store[type, key] else { throw .notFound(type, key.name) }
    return try replace(type, live, with: object, ownership: nil, options, warnings)
  }

  /// The last steps of every creation: defaults, admission, validation, store.
  ///
  /// - Parameter ownership: the field owners; `nil` works them out as for a
  ///   write that isn't an apply.
  func insert(
    _ type: ResourceType, _ input: JSONValue, ownership: ManagedFields?, _ options: WriteOptions,
    _ earlierWarnings: [String] = []
  ) throws(APIError) -> WriteResult {
    var object = Defaults.applied(to: input, type: type)
    var warnings = earlierWarnings
    setSystemFields(of: &object, type)
    try admit(&object, type, live: nil, options, &warnings)
    var owners = ownership ?? ManagedFields(of: [:])
    if ownership == nil {
      track(from: Defaults.emptyObject(type), to: object, type, options, in: &owners)
    }
    object.set(owners.json, at: "metadata", "managedFields")
    let causes = Validation.causes(of: object, type: type)
    guard causes.isEmpty else { throw .invalid(type, object.name, causes) }
    guard store[type, ObjectKey(object)] == nil else { throw .alreadyExists(type, object.name) }
    try allocateAddresses(of: &object, type, dryRun: options.isDryRun)
    try checkQuota(for: object, type, live: nil)
    if options.isDryRun { return WriteResult(object: object, isNew: true, warnings: warnings) }
    return WriteResult(object: commit(type, object), isNew: true, warnings: warnings)
  }

  /// The last steps of every change.
  func replace(
    _ type: ResourceType, _ live: JSONValue, with input: JSONValue, ownership: ManagedFields?,
    _ options: WriteOptions, _ earlierWarnings: [String] = []
  ) throws(APIError) -> WriteResult {
    try checkPreconditions(type, live, input)
    var object = carriedOver(from: live, into: input, type, options)
    object = Defaults.applied(to: object, type: type)
    var warnings = earlierWarnings
    try admit(&object, type, live: live, options, &warnings)
    try allocateAddresses(of: &object, type, dryRun: options.isDryRun)
    if Kinds.hasGeneration(type), Self.specification(live) != Self.specification(object) {
      object.set(.integer(Int64(live.generation + 1)), at: "metadata", "generation")
    }
    var owners = ownership ?? ManagedFields(of: live)
    if ownership == nil { track(from: live, to: object, type, options, in: &owners) }
    object.set(owners.json, at: "metadata", "managedFields")
    let causes =
      Validation.causes(of: object, type: type)
      + Validation.changeCauses(from: live, to: object, type: type)
    guard causes.isEmpty else { throw .invalid(type, object.name, causes) }
    try checkQuota(for: object, type, live: live)
    if object == live || options.isDryRun { return WriteResult(object: object, warnings: warnings) }
    let stored = commit(type, object)
    if stored.isTerminating, stored.finalizers.isEmpty, type != .namespace, !isRunningPod(stored) {
      erase(type, ObjectKey(stored))
    }
    return WriteResult(object: stored, warnings: warnings)
  }

  // MARK: - Steps

  private func checkedInput(
    _ type: ResourceType, namespace: String, _ input: JSONValue, _ options: WriteOptions,
    _ warnings: inout [String]
  ) throws(APIError) -> JSONValue {
    guard input.object != nil else {
      throw .badRequest("the object provided is unrecognized (must be of type \(type.kind))")
    }
    if let version = input["apiVersion"]?.string, version != type.apiVersion {
      throw .badRequest(
        "the API version in the data (\(version)) does not match the expected API version "
          + "(\(type.apiVersion))")
    }
    if let kind = input["kind"]?.string, kind != type.kind {
      throw .badRequest(
        "\(kind) in version \"\(type.version)\" cannot be handled as a \(type.kind)")
    }
    let checked = FieldCheck.read(input, type: type)
    let prefix = "\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind)"
    if let error = checked.typeError { throw .badRequest("\(prefix): \(error)") }
    if !checked.unknown.isEmpty {
      let texts = checked.unknown.map { "unknown field \"\($0)\"" }
      switch options.fieldValidation {
      case .strict:
        throw .badRequest("\(prefix): strict decoding error: \(texts.joined(separator: ", "))")
      case .warn: warnings += texts
      case .ignore: break
      }
    }
    return try placed(checked.value, type, namespace: namespace)
  }

  /// The object with its type and the namespace of the path.
  func placed(
    _ input: JSONValue, _ type: ResourceType, namespace: String
  ) throws(APIError) -> JSONValue {
    var object = input
    object["apiVersion"] = .string(type.apiVersion)
    object["kind"] = .string(type.kind)
    if object["metadata"]?.object == nil { object["metadata"] = [:] }
    if type.isNamespaced {
      let named = object.namespace
      guard named.isEmpty || named == namespace else {
        throw .badRequest(
          "the namespace of the provided object does not match the namespace sent on the request")
      }
      object.set(.string(namespace), at: "metadata", "namespace")
    }
    return object
  }

  /// Nothing can be made in a namespace that isn't there or is going away.
  func requireActiveNamespace(
    _ type: ResourceType, _ namespace: String, _ name: String
  ) throws(APIError) {
    guard type.isNamespaced else { return }
    guard let live = store[.namespace, ObjectKey("", namespace)] else {
      throw .notFound(.namespace, namespace)
    }
    guard live.isTerminating else { return }
    throw .forbidden(
      type, name,
      "unable to create new content in namespace \(namespace) because it is being terminated",
      cause: Cause(
        reason: "NamespaceTerminating", field: "metadata.namespace",
        message: "namespace \(namespace) is being terminated"))
  }

  private func setSystemFields(of object: inout JSONValue, _ type: ResourceType) {
    object.edit("metadata") { metadata in
      for key in ["resourceVersion", "managedFields", "deletionTimestamp", "selfLink"] {
        metadata[key] = nil
      }
      metadata["creationTimestamp"] = .string(now)
      metadata["uid"] = .string(random.uuid())
      metadata["generation"] = nil
      if Kinds.hasGeneration(type) { metadata["generation"] = 1 }
    }
  }

  private func checkPreconditions(
    _ type: ResourceType, _ live: JSONValue, _ input: JSONValue
  ) throws(APIError) {
    if let version = input.at("metadata", "resourceVersion")?.string, !version.isEmpty,
      version != live.at("metadata", "resourceVersion")?.string
    {
      throw .modified(type, live.name)
    }
    if let uid = input.at("metadata", "uid")?.string, !uid.isEmpty, uid != live.uid {
      throw .conflict(
        type, live.name,
        "Precondition failed: UID in precondition: \(uid), UID in object meta: \(live.uid)")
    }
  }

  /// What a write can't change: system fields, and the half of the object that
  /// belongs to the other endpoint.
  private func carriedOver(
    from live: JSONValue, into input: JSONValue, _ type: ResourceType, _ options: WriteOptions
  ) -> JSONValue {
    var object = input
    if options.subresource == "status" {
      object = live
      object["status"] = input["status"]
      if options.isController { object["metadata"] = input["metadata"] }
    } else if Kinds.hasStatus(type), !options.isController {
      object["status"] = live["status"]
    }
    object.edit("metadata") { metadata in
      for key in [
        "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generateName",
      ] {
        metadata[key] = live["metadata"]?[key]
      }
    }
    return object
  }

  private func track(
    from old: JSONValue, to new: JSONValue, _ type: ResourceType, _ options: WriteOptions,
    in owners: inout ManagedFields
  ) {
    let comparison = FieldComparison(from: old, to: new, type: Schema.type(of: type))
      .withoutSystemFields(statusWrite: options.subresource == "status")
    let manager = FieldManager(
      name: options.manager, isApply: false, apiVersion: type.apiVersion,
      subresource: options.subresource)
    owners.update(by: manager, comparison: comparison, at: now)
  }

  /// Everything that `generation` counts.
  private static func specification(_ object: JSONValue) -> [String: JSONValue] {
    var members = object.object ?? [:]
    members["metadata"] = nil
    members["status"] = nil
    return members
  }
}
