internal import Kubernetes

/// A project's namespace and what guards it: quota, limits, network policy,
/// Pod Security and a service account without a mounted token
/// (docs/design.md §5).
struct ProjectGuards: Sendable {
  /// Who BabyHelm is to the API server (Kubernetes, server-side apply).
  static let fieldManager = "babyhelm"

  let client: KubernetesClient
  let manifests: ManifestBuilder

  /// - Throws: `invalid` at the field `name` when the cluster has a namespace
  ///   of that name, `unavailable` when it can't be asked.
  func requireFreeNamespace(_ name: String) async throws(DomainError) {
    let live: JSONValue
    do {
      live = try await client.getObject(CoreV1.Namespace.type, name: name)
    } catch  where error.isNotFound {
      return
    } catch {
      throw ClusterFailure.domainError(error, doing: "looking for a namespace “\(name)”")
    }
    if live.at("metadata", "deletionTimestamp") != nil {
      throw DomainError.invalid([
        FieldError(
          "name",
          "The cluster is still removing a namespace “\(name)”; try again in a moment, or choose "
            + "another name.")
      ])
    }
    throw taken(name)
  }

  /// Makes the namespace, or finds the one made for this project before, and
  /// applies its guards. Doing it twice changes nothing.
  ///
  /// - Returns: the namespace's UID.
  func establish(_ project: Project) async throws(DomainError) -> String {
    let wanted = try manifests.namespace(of: project)
    let uid = try await createNamespace(wanted, project: project)
    try await apply(manifests.guards(of: project), of: project)
    return uid
  }

  /// Applies the guards again, and the namespace's labels with them.
  func restore(_ project: Project) async throws(DomainError) {
    try await apply([manifests.namespace(of: project)] + manifests.guards(of: project), of: project)
  }

  /// Applies the quota alone.
  func applyQuota(of project: Project) async throws(DomainError) {
    let quota = try manifests.guards(of: project).filter {
      $0.kind == CoreV1.ResourceQuota.type.kind
    }
    try await apply(quota, of: project)
  }

  private func apply(_ guards: [Manifest], of project: Project) async throws(DomainError) {
    for manifest in guards {
      do {
        _ = try await client.apply(
          manifest.object, manifest.type, name: manifest.name,
          namespace: manifest.type.isNamespaced ? project.name : nil,
          ApplyOptions(fieldManager: Self.fieldManager, isForced: true))
      } catch {
        throw ClusterFailure.domainError(
          error, doing: "making the \(manifest.kind) of project “\(project.name)”")
      }
    }
  }

  /// The namespace that was made for this project; nil when it is gone, or
  /// its name is somebody else's by now.
  func namespace(of project: Project) async throws(DomainError) -> JSONValue? {
    do {
      let live = try await client.getObject(CoreV1.Namespace.type, name: project.name)
      let isSame =
        project.namespaceUID == nil || live.at("metadata", "uid")?.string == project.namespaceUID
      guard Self.isOurs(live, project), isSame else { return nil }
      return live
    } catch  where error.isNotFound {
      return nil
    } catch {
      throw ClusterFailure.domainError(error, doing: "reading the namespace “\(project.name)”")
    }
  }

  /// Whether the namespace is there. A cluster that can't be asked says nothing
  /// against it.
  func standing(of project: Project) async -> NamespaceStanding {
    do throws(KubernetesError) {
      let live = try await client.getObject(CoreV1.Namespace.type, name: project.name)
      guard Self.isOurs(live, project) else { return .taken }
      return live.at("metadata", "uid")?.string == project.namespaceUID ? .there : .another
    } catch {
      return error.isNotFound ? .gone : .there
    }
  }

  /// Removes the namespace if it is the one made for this project.
  func dismantle(_ project: Project) async throws(DomainError) {
    guard let live = try await namespace(of: project),
      let uid = live.at("metadata", "uid")?.string,
      live.at("metadata", "deletionTimestamp") == nil
    else { return }
    do {
      _ = try await client.delete(
        CoreV1.Namespace.type, name: project.name,
        DeleteOptions(uid: uid))
    } catch  where error.isNotFound {
      return
    } catch {
      throw ClusterFailure.domainError(error, doing: "removing the namespace “\(project.name)”")
    }
  }

  /// Throws unless the live namespace is the one that was made for the project.
  func requireOurs(_ project: Project) async throws(DomainError) {
    let live: JSONValue
    do {
      live = try await client.getObject(CoreV1.Namespace.type, name: project.name)
    } catch  where error.isNotFound {
      throw DomainError(
        .conflict, "The namespace “\(project.name)” is gone from the cluster.",
        advice: "Somebody deleted it there, with all that was in it; nothing was written. An owner "
          + "can make it again on the project's page.")
    } catch {
      throw ClusterFailure.domainError(error, doing: "reading the namespace “\(project.name)”")
    }
    guard Self.isOurs(live, project), live.at("metadata", "uid")?.string == project.namespaceUID
    else {
      throw DomainError(
        .conflict,
        "The namespace “\(project.name)” on the cluster isn't the one BabyHelm made.",
        advice: "Somebody deleted and made it again; nothing was written. Look at the project's "
          + "page: where the namespace bears the project's label, an owner can take it.")
    }
    if live.at("metadata", "deletionTimestamp") != nil {
      throw DomainError(
        .conflict, "The namespace “\(project.name)” is being deleted.",
        advice: "Nothing can be deployed into it any more.")
    }
  }

  /// The first write is a create, not an apply: only a create is refused when
  /// somebody else made a namespace of that name a moment ago.
  private func createNamespace(
    _ wanted: Manifest, project: Project
  ) async throws(DomainError) -> String {
    let live: JSONValue
    do throws(KubernetesError) {
      live = try await createOrFind(wanted)
    } catch {
      throw ClusterFailure.domainError(error, doing: "making the namespace “\(project.name)”")
    }
    guard Self.isOurs(live, project), let uid = live.at("metadata", "uid")?.string else {
      throw taken(project.name)
    }
    return uid
  }

  private func createOrFind(_ wanted: Manifest) async throws(KubernetesError) -> JSONValue {
    do throws(KubernetesError) {
      return try await client.create(
        wanted.object, CoreV1.Namespace.type, WriteOptions(fieldManager: Self.fieldManager)
      ).object
    } catch  where error.isAlreadyExists {
      return try await client.getObject(CoreV1.Namespace.type, name: wanted.name)
    }
  }

  private static func isOurs(_ namespace: JSONValue, _ project: Project) -> Bool {
    namespace.at("metadata", "labels", ManifestBuilder.projectLabel)?.string == project.id.rawValue
  }

  private func taken(_ name: String) -> DomainError {
    DomainError.invalid([
      FieldError(
        "name",
        "The cluster has a namespace “\(name)” already that isn't BabyHelm's; choose another name.")
    ])
  }
}
