import HTTPTypes
import Hummingbird
import Kubernetes

/// One request to a resource, from verb to answer.
struct APICall: Sendable {
  let cluster: Cluster
  let request: APIRequest
  let target: APITarget
  let body: [UInt8]
  let inbound: RequestBody
  let counter: TrafficCounter

  private var type: ResourceType { target.kind.type }

  func answer() async throws -> Response {
    guard !target.kind.isReadOnly || request.method == .get else {
      throw APIError.methodNotAllowed(type)
    }
    if Reviews.isReview(type) { return try await Reviews.answer(self) }
    if Metrics.types.contains(type) { return try await Metrics.answer(self) }
    if type.group == "rbac.authorization.k8s.io", !body.isEmpty, request.method != .delete {
      let object = try request.decode(body)
      try await AccessCheck.checkEscalation(self, object)
      if let role = object["roleRef"], !request.isByAdmin {
        counter.noteBinding(of: role, namespace: target.namespace)
      }
    }
    if let subresource = target.subresource {
      guard target.kind.subresources.contains(subresource) else {
        return .plain(.notFound, "404 page not found\n")
      }
      return try await answerSubresource(subresource)
    }
    if target.name == nil { return try await answerCollection() }
    return try await answerObject()
  }

  // MARK: - Collections

  private func answerCollection() async throws -> Response {
    switch request.method {
    case .get where request.flag("watch"):
      return try await WatchStream(
        cluster: cluster, request: request, target: target, inbound: inbound
      ).response()
    case .get: return try await list()
    case .post:
      let object = try request.decode(body)
      return written(
        try await cluster.create(
          type, namespace: target.namespace ?? "", object, request.writeOptions))
    case .delete: return try await deleteCollection()
    default: throw APIError.methodNotAllowed(type)
    }
  }

  private func list() async throws -> Response {
    let query = try query()
    // A page is of the version that its list began with.
    if query.continueToken?.isEmpty == false { try cluster.faults.expire(1) }
    let page = try await cluster.list(type, query)
    var metadata: JSONValue = ["resourceVersion": .string(String(page.revision))]
    metadata["continue"] = page.continueToken.map(JSONValue.string)
    metadata["remainingItemCount"] = page.remaining.map { .integer(Int64($0)) }
    if request.wantsTable {
      return .json(TablePrinter.table(page.items, type, metadata: metadata))
    }
    return .json([
      "kind": .string("\(type.kind)List"), "apiVersion": .string(type.apiVersion),
      "metadata": metadata, "items": .array(page.items.map(Self.listItem)),
    ])
  }

  /// Items of a list don't repeat what they are.
  private static func listItem(_ object: JSONValue) -> JSONValue {
    var item = object
    item["kind"] = nil
    item["apiVersion"] = nil
    return item
  }

  private func query() throws(APIError) -> ListQuery {
    var query = ListQuery(namespace: target.namespace)
    if let text = request.query["labelSelector"], !text.isEmpty {
      query.labels = try LabelSelector(query: text)
    }
    if let text = request.query["fieldSelector"], !text.isEmpty {
      query.fields = try FieldSelector(query: text, type: type)
    }
    query.limit = request.number("limit")
    query.continueToken = request.query["continue"]
    query.revision = request.number("resourceVersion")
    query.mustBeExact = request.query["resourceVersionMatch"] == "Exact"
    return query
  }

  private func deleteCollection() async throws -> Response {
    let page = try await cluster.list(type, try query())
    let options = try deleteOptions()
    for object in page.items {
      _ = try? await cluster.delete(type, ObjectKey(object), options)
    }
    return .json([
      "kind": .string("\(type.kind)List"), "apiVersion": .string(type.apiVersion),
      "metadata": ["resourceVersion": .string(String(page.revision))],
      "items": .array(page.items.map(Self.listItem)),
    ])
  }

  // MARK: - Objects

  private func answerObject() async throws -> Response {
    switch request.method {
    case .get:
      let object = try await cluster.get(type, target.key)
      if request.wantsTable {
        return .json(
          TablePrinter.table(
            [object], type,
            metadata: ["resourceVersion": object.at("metadata", "resourceVersion") ?? ""]))
      }
      return .json(object)
    case .put:
      let object = try request.decode(body)
      return written(try await cluster.update(type, target.key, object, request.writeOptions))
    case .patch:
      let format = try patchFormat()
      if format == .apply { try await checkCreation() }
      return written(
        try await cluster.patch(
          type, target.key, try request.decode(body), format, options(for: format)))
    case .delete:
      return .json(try await cluster.delete(type, target.key, try deleteOptions()))
    default: throw APIError.methodNotAllowed(type)
    }
  }

  /// Who applies an object that isn't there needs the verb `create` too.
  private func checkCreation() async throws {
    guard await cluster.store[type, target.key] == nil else { return }
    if !request.isByAdmin { counter.note("create", target) }
    try await AccessCheck.check(request, target, verb: "create", cluster)
  }

  /// An apply must name its manager; other writes fall back to the agent.
  private func options(for format: PatchFormat) -> WriteOptions {
    var options = request.writeOptions
    if format == .apply { options.manager = request.query["fieldManager"] ?? "" }
    return options
  }

  private func patchFormat() throws(APIError) -> PatchFormat {
    if request.mediaType == "application/apply-patch+json" { return .apply }
    guard let format = PatchFormat(rawValue: request.mediaType) else {
      throw .unsupportedMediaType(request.mediaType)
    }
    return format
  }

  private func deleteOptions() throws(APIError) -> DeleteOptions {
    let json = body.isEmpty ? [:] : try request.decode(body)
    var options = DeleteOptions()
    let policy = json["propagationPolicy"]?.string ?? request.query["propagationPolicy"]
    options.propagation = policy.flatMap(DeleteOptions.Propagation.init) ?? .background
    if json["orphanDependents"] == true { options.propagation = .orphan }
    options.graceSeconds = json["gracePeriodSeconds"]?.int ?? request.number("gracePeriodSeconds")
    options.uid = json.at("preconditions", "uid")?.string
    options.resourceVersion = json.at("preconditions", "resourceVersion")?.string
    options.isDryRun =
      request.query["dryRun"] == "All" || json["dryRun"]?.array?.contains("All") == true
    return options
  }

  private func written(_ result: WriteResult) -> Response {
    var response = Response.json(result.object, result.isNew ? .created : .ok)
    response.warn(result.warnings)
    return response
  }

  // MARK: - Subresources

  private func answerSubresource(_ subresource: String) async throws -> Response {
    switch subresource {
    case "scale": return try await answerScale()
    case "status": return try await answerStatus()
    case "log":
      return try await LogStream(
        cluster: cluster, request: request, key: target.key, inbound: inbound
      ).response()
    case "token": return try await Reviews.token(self)
    default: return .plain(.notFound, "404 page not found\n")
    }
  }

  private func answerScale() async throws -> Response {
    switch request.method {
    case .get: return .json(try await cluster.scale(type, target.key))
    case .put:
      return .json(
        try await cluster.patchScale(
          type, target.key, try request.decode(body), nil, request.writeOptions))
    case .patch:
      return .json(
        try await cluster.patchScale(
          type, target.key, try request.decode(body), try patchFormat(), request.writeOptions))
    default: throw APIError.methodNotAllowed(type)
    }
  }

  private func answerStatus() async throws -> Response {
    var options = request.writeOptions
    options.subresource = "status"
    switch request.method {
    case .get: return .json(try await cluster.get(type, target.key))
    case .put:
      return written(
        try await cluster.update(type, target.key, try request.decode(body), options))
    case .patch:
      return written(
        try await cluster.patch(
          type, target.key, try request.decode(body), try patchFormat(), options))
    default: throw APIError.methodNotAllowed(type)
    }
  }
}
