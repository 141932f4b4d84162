internal import Kubernetes

/// The objects of an application as the cluster has them now.
struct LiveObjects: Sendable {
  let client: KubernetesClient

  /// - Returns: nil when there is no such object.
  func find(
    _ type: ResourceType, _ name: String, in namespace: String
  ) async throws(KubernetesError) -> JSONValue? {
    do throws(KubernetesError) {
      return try await client.getObject(type, name: name, namespace: namespace)
    } catch  where error.isNotFound {
      return nil
    }
  }

  /// What an application has on the cluster beside the objects it is wanted
  /// to have.
  ///
  /// The cluster is asked rather than the release before, because that one may
  /// have been superseded before it removed what the one before it left. Files
  /// stay, because going back to an older release needs them, and volumes
  /// because they hold what people stored.
  ///
  /// - Parameter kinds: of the objects that are wanted.
  func leftovers(
    of application: String, beside kinds: Set<String>, in namespace: String
  ) async throws(KubernetesError) -> [Leftover] {
    var leftovers: [Leftover] = []
    for type in ManifestBuilder.singleTypes where !kinds.contains(type.kind) {
      guard let live = try await find(type, application, in: namespace), Self.isOurs(live),
        live.at("metadata", "labels", ManifestBuilder.nameLabel)?.string == application
      else { continue }
      leftovers.append(
        Leftover(type: type, name: application, uid: live.at("metadata", "uid")?.string))
    }
    return leftovers
  }

  /// Whether BabyHelm made an object. What somebody else made is never changed.
  static func isOurs(_ live: JSONValue) -> Bool {
    live.at("metadata", "labels", ManifestBuilder.managedByLabel)?.string
      == ManifestBuilder.managedByValue
  }

  /// The application that an object of ours belongs to; nil when it says none.
  static func application(of live: JSONValue) -> String? {
    live.at("metadata", "labels", ManifestBuilder.nameLabel)?.string
  }

  /// An object that a release doesn't want any more.
  struct Leftover: Sendable {
    let type: ResourceType
    let name: String
    /// Only this very object is removed, not one made anew under its name.
    let uid: String?
  }
}
