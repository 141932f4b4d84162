extension KubernetesRequest {
  /// Reads one object.
  public static func get(
    _ type: ResourceType, name: String, namespace: String? = nil, subresource: String? = nil
  ) -> KubernetesRequest {
    KubernetesRequest(
      .get, type.path(namespace: namespace, name: name, subresource: subresource))
  }

  /// Reads the objects of a namespace, or of all (`nil`).
  public static func list(
    _ type: ResourceType, namespace: String? = nil, _ options: ListOptions = ListOptions()
  ) -> KubernetesRequest {
    var query: [QueryItem] = []
    query.add("labelSelector", options.labelSelector)
    query.add("fieldSelector", options.fieldSelector)
    query.add("limit", options.limit)
    query.add("continue", options.continueToken)
    query.add("resourceVersion", options.resourceVersion)
    return KubernetesRequest(.get, type.path(namespace: namespace), query: query)
  }

  /// Follows the objects of a namespace, or of all (`nil`).
  public static func watch(
    _ type: ResourceType, namespace: String? = nil, _ options: WatchOptions = WatchOptions()
  ) -> KubernetesRequest {
    var query: [QueryItem] = []
    query.add("labelSelector", options.labelSelector)
    query.add("fieldSelector", options.fieldSelector)
    query.add("watch", if: true)
    query.add("allowWatchBookmarks", if: options.allowsBookmarks)
    query.add("resourceVersion", options.resourceVersion)
    query.add("timeoutSeconds", options.timeoutSeconds)
    return KubernetesRequest(.get, type.path(namespace: namespace), query: query)
  }

  /// Creates an object; its name is in its metadata.
  public static func create(
    _ object: JSONValue, _ type: ResourceType, namespace: String? = nil,
    _ options: WriteOptions = WriteOptions()
  ) -> KubernetesRequest {
    KubernetesRequest(
      .post, type.path(namespace: namespace), query: query(options), contentType: .json,
      body: object, isRepeatable: options.isDryRun)
  }

  /// Applies an object (server-side apply): creates it, or changes what differs
  /// from the last time this field manager applied it.
  public static func apply(
    _ object: JSONValue, _ type: ResourceType, name: String, namespace: String? = nil,
    _ options: ApplyOptions
  ) -> KubernetesRequest {
    var query = [QueryItem("fieldManager", options.fieldManager)]
    if options.isDryRun { query.add("dryRun", "All") }
    query.add("force", if: options.isForced)
    query.add("fieldValidation", options.fieldValidation?.rawValue)
    return KubernetesRequest(
      .patch, type.path(namespace: namespace, name: name), query: query, contentType: .apply,
      body: object, isRepeatable: true)
  }

  /// Changes some fields of an object (JSON merge patch, RFC 7386).
  public static func mergePatch(
    _ patch: JSONValue, _ type: ResourceType, name: String, namespace: String? = nil,
    subresource: String? = nil, _ options: WriteOptions = WriteOptions()
  ) -> KubernetesRequest {
    KubernetesRequest(
      .patch, type.path(namespace: namespace, name: name, subresource: subresource),
      query: query(options), contentType: .mergePatch, body: patch,
      isRepeatable: options.isDryRun)
  }

  private static func query(_ options: WriteOptions) -> [QueryItem] {
    var query: [QueryItem] = []
    query.add("fieldManager", options.fieldManager)
    if options.isDryRun { query.add("dryRun", "All") }
    query.add("fieldValidation", options.fieldValidation?.rawValue)
    return query
  }

  /// Deletes an object.
  ///
  /// Preconditions fit only into a body, and the API server ignores the query
  /// when there is a body; so everything is in one place or the other.
  public static func delete(
    _ type: ResourceType, name: String, namespace: String? = nil,
    _ options: DeleteOptions = DeleteOptions()
  ) -> KubernetesRequest {
    let path = type.path(namespace: namespace, name: name)
    guard options.uid != nil || options.resourceVersion != nil else {
      var query: [QueryItem] = []
      query.add("gracePeriodSeconds", options.gracePeriodSeconds)
      query.add("propagationPolicy", options.propagation?.rawValue)
      if options.isDryRun { query.add("dryRun", "All") }
      return KubernetesRequest(.delete, path, query: query)
    }
    var preconditions: JSONValue = [:]
    preconditions["uid"] = options.uid.map(JSONValue.string)
    preconditions["resourceVersion"] = options.resourceVersion.map(JSONValue.string)
    var body: JSONValue = [
      "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions,
    ]
    body["propagationPolicy"] = (options.propagation?.rawValue).map(JSONValue.string)
    body["gracePeriodSeconds"] = options.gracePeriodSeconds.map { .integer(Int64($0)) }
    if options.isDryRun { body["dryRun"] = ["All"] }
    return KubernetesRequest(.delete, path, contentType: .json, body: body)
  }

  /// Reads a container's log, or follows it.
  public static func log(
    pod: String, namespace: String, isFollowing: Bool = false,
    _ options: LogOptions = LogOptions()
  ) -> KubernetesRequest {
    var query: [QueryItem] = []
    query.add("container", options.container)
    query.add("follow", if: isFollowing)
    query.add("previous", if: options.isPrevious)
    query.add("sinceSeconds", options.sinceSeconds)
    query.add("tailLines", options.tailLines)
    query.add("limitBytes", options.limitBytes)
    query.add("timestamps", if: options.hasTimestamps)
    return KubernetesRequest(
      .get, ResourceType.pod.path(namespace: namespace, name: pod, subresource: "log"),
      query: query)
  }

  /// Asks whether the client itself may do something.
  public static func selfSubjectAccessReview(
    _ attributes: AuthorizationV1.ResourceAttributes
  ) -> KubernetesRequest {
    KubernetesRequest(
      .post, ResourceType.selfSubjectAccessReview.path(), contentType: .json,
      body: attributes.review, isRepeatable: true)
  }

  /// Asks for a token of a service account.
  ///
  /// - Parameter expirationSeconds: at least 600.
  public static func token(
    serviceAccount: String, namespace: String, expirationSeconds: Int, audiences: [String] = []
  ) -> KubernetesRequest {
    var spec: JSONValue = ["expirationSeconds": .integer(Int64(expirationSeconds))]
    if !audiences.isEmpty { spec["audiences"] = .array(audiences.map(JSONValue.string)) }
    return KubernetesRequest(
      .post,
      ResourceType.serviceAccount.path(
        namespace: namespace, name: serviceAccount, subresource: "token"),
      contentType: .json,
      body: [
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec,
      ])
  }

  /// Asks which version the server is.
  public static let version = KubernetesRequest(.get, "/version")

  /// Asks whether the server is ready.
  public static let readyz = KubernetesRequest(.get, "/readyz")
}
