/// The answer to a write.
public struct Written: Sendable {
  /// The object as the server has it now (as it would have it, in a dry run).
  public var object: JSONValue
  /// What the server warns about, for people to read.
  public var warnings: [String]
  /// Whether the object wasn't there before.
  public var isCreated: Bool

  init(_ response: KubernetesClient.Response) throws(KubernetesError) {
    object = try response.json()
    warnings = response.warnings
    isCreated = response.statusCode == 201
  }
}

extension KubernetesClient {
  /// Creates an object.
  ///
  /// - Throws: ``KubernetesError``; ``KubernetesError/isAlreadyExists`` when the
  ///   name is taken.
  @discardableResult
  public func create(
    _ object: JSONValue, _ type: ResourceType, namespace: String? = nil,
    _ options: WriteOptions = WriteOptions()
  ) async throws(KubernetesError) -> Written {
    try Written(await send(.create(object, type, namespace: namespace, options)))
  }

  /// Applies an object (server-side apply): creates it, or changes what differs
  /// from the last time this field manager applied it.
  ///
  /// - Throws: ``KubernetesError``; ``KubernetesError/isConflict`` with
  ///   ``KubernetesError/conflictOwners`` when others own some of the fields.
  @discardableResult
  public func apply(
    _ object: JSONValue, _ type: ResourceType, name: String, namespace: String? = nil,
    _ options: ApplyOptions
  ) async throws(KubernetesError) -> Written {
    try Written(await send(.apply(object, type, name: name, namespace: namespace, options)))
  }

  /// Changes some fields of an object, or of one of its subresources (JSON merge
  /// patch, RFC 7386).
  ///
  /// - Throws: ``KubernetesError``.
  @discardableResult
  public func mergePatch(
    _ patch: JSONValue, _ type: ResourceType, name: String, namespace: String? = nil,
    subresource: String? = nil, _ options: WriteOptions = WriteOptions()
  ) async throws(KubernetesError) -> Written {
    try Written(
      await send(
        .mergePatch(
          patch, type, name: name, namespace: namespace, subresource: subresource, options)))
  }

  /// Deletes an object. It may stay for a while, until its finalizers have gone.
  ///
  /// - Returns: the object, or a `Status` when it went at once.
  /// - Throws: ``KubernetesError``; ``KubernetesError/isConflict`` when a
  ///   precondition doesn't hold.
  @discardableResult
  public func delete(
    _ type: ResourceType, name: String, namespace: String? = nil,
    _ options: DeleteOptions = DeleteOptions()
  ) async throws(KubernetesError) -> JSONValue {
    try await send(.delete(type, name: name, namespace: namespace, options)).json()
  }

  /// How many pods an object with the subresource `scale` shall have.
  ///
  /// - Throws: ``KubernetesError``.
  public func scale(
    _ type: ResourceType, name: String, namespace: String
  ) async throws(KubernetesError) -> Int {
    let scale = try await getObject(
      type, name: name, namespace: namespace, subresource: "scale")
    // The API leaves zero out.
    return scale.at("spec", "replicas")?.int ?? 0
  }

  /// Says how many pods an object with the subresource `scale` shall have.
  ///
  /// - Throws: ``KubernetesError``.
  public func setScale(
    _ type: ResourceType, name: String, namespace: String, replicas: Int,
    _ options: WriteOptions = WriteOptions()
  ) async throws(KubernetesError) {
    try await mergePatch(
      ["spec": ["replicas": .integer(Int64(replicas))]], type, name: name,
      namespace: namespace, subresource: "scale", options)
  }
}

// MARK: - Questions

/// Which version an API server is.
public struct ServerVersion: Sendable, Hashable {
  /// As in `v1.36.0`.
  public var gitVersion: String
  /// As in `1`.
  public var major: String
  /// As in `36`; some providers add a `+`.
  public var minor: String
}

extension KubernetesClient {
  /// Asks whether the client itself may do something.
  ///
  /// - Throws: ``KubernetesError``.
  public func selfSubjectAccessReview(
    _ attributes: AuthorizationV1.ResourceAttributes
  ) async throws(KubernetesError) -> AuthorizationV1.AccessReview {
    let json = try await send(.selfSubjectAccessReview(attributes)).json()
    do {
      return try AuthorizationV1.AccessReview(json: json)
    } catch {
      throw .undecodable(what: "a SelfSubjectAccessReview", why: error.description)
    }
  }

  /// Asks for a token of a service account.
  ///
  /// - Parameter expirationSeconds: at least 600.
  /// - Throws: ``KubernetesError``.
  public func token(
    serviceAccount: String, namespace: String, expirationSeconds: Int = 3600,
    audiences: [String] = []
  ) async throws(KubernetesError) -> AuthenticationV1.Token {
    let json = try await send(
      .token(
        serviceAccount: serviceAccount, namespace: namespace,
        expirationSeconds: expirationSeconds, audiences: audiences)
    ).json()
    do {
      return try AuthenticationV1.Token(json: json)
    } catch {
      throw .undecodable(what: "a TokenRequest", why: error.description)
    }
  }

  /// Asks which version the server is.
  ///
  /// - Throws: ``KubernetesError``.
  public func version() async throws(KubernetesError) -> ServerVersion {
    let json = try await send(.version).json()
    guard let version = json["gitVersion"]?.string else {
      throw .undecodable(what: "the server's version", why: "It has no gitVersion.")
    }
    return ServerVersion(
      gitVersion: version, major: json["major"]?.string ?? "",
      minor: json["minor"]?.string ?? "")
  }

  /// Asks whether the server is ready; returns if it is.
  ///
  /// - Throws: ``KubernetesError``.
  public func readyz() async throws(KubernetesError) { _ = try await send(.readyz) }
}
