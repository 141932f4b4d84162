internal import Kubernetes

/// Says what holds up the end of a namespace: what its controller tells in the
/// conditions (Kubernetes API, NamespaceStatus), and the objects that wait for
/// a finalizer, as far as BabyHelm may list them.
struct NamespaceRemains {
  let client: KubernetesClient

  private static let types: [ResourceType] = [
    .pod, .persistentVolumeClaim, .service, .deployment, .horizontalPodAutoscaler,
    .serviceAccount, .roleBinding, .replicaSet,
  ]
  private static let conditions = [
    "NamespaceDeletionContentFailure", "NamespaceDeletionDiscoveryFailure",
    "NamespaceContentRemaining", "NamespaceFinalizersRemaining",
  ]

  func sentences(_ namespace: JSONValue, _ name: String) async throws(DomainError) -> [String] {
    let told = (namespace.at("status", "conditions")?.array ?? []).filter {
      $0["status"]?.string == "True"
        && Self.conditions.contains($0["type"]?.string ?? "")
    }
    var sentences: [String] = []
    for condition in told {
      if let message = condition["message"]?.string, !message.isEmpty {
        sentences.append("The cluster says: \(message).")
      }
    }
    guard !told.isEmpty else { return [] }
    return sentences + (try await waiting(in: name))
  }

  private func waiting(in namespace: String) async throws(DomainError) -> [String] {
    var found: [String] = []
    do throws(KubernetesError) {
      for type in Self.types {
        let list = try await client.listObjects(type, namespace: namespace, ListOptions(limit: 100))
        for object in list.items where object.at("metadata", "deletionTimestamp") != nil {
          let finalizers = (object.at("metadata", "finalizers")?.array ?? []).compactMap(\.string)
          guard let name = object.at("metadata", "name")?.string, !finalizers.isEmpty else {
            continue
          }
          found.append(
            "\(type.kind) “\(name)” waits for its finalizer \(finalizers.joined(separator: ", ")). "
              + "Whatever set it has to take it away.")
        }
      }
    } catch {
      if error.isNotFound { return found }
      throw ClusterFailure.domainError(error, doing: "looking what is left in “\(namespace)”")
    }
    return Array(found.prefix(20))
  }
}
