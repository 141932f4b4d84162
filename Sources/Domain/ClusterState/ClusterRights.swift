internal import Kubernetes

/// Whether BabyHelm may do on the cluster what it does, verb by verb
/// (Kubernetes API, SelfSubjectAccessReview).
public struct ClusterRights: Sendable {
  /// A verb on a kind of object, in all namespaces.
  public struct Right: Sendable, Hashable, CustomStringConvertible {
    public let verb: String
    /// The plural with its group: `deployments.apps`.
    public let resource: String

    public var description: String { "\(verb) \(resource)" }
  }

  private struct Row: Sendable {
    let type: ResourceType
    let verbs: [String]
  }

  /// Everything that BabyHelm asks of a cluster, and nothing more: what
  /// `deploy/` grants.
  private static let rows: [Row] = [
    Row(type: .namespace, verbs: ["get", "list", "watch", "create", "patch", "delete"]),
    Row(type: .resourceQuota, verbs: ["get", "list", "watch", "create", "patch"]),
    Row(type: .limitRange, verbs: ["get", "create", "patch"]),
    Row(type: .networkPolicy, verbs: ["get", "create", "patch"]),
    Row(type: .serviceAccount, verbs: ["get", "create", "patch"]),
    Row(type: .persistentVolumeClaim, verbs: ["get", "create", "patch"]),
    Row(type: .configMap, verbs: ["get", "create", "patch"]),
    Row(type: .secret, verbs: ["get"]),
    Row(type: .service, verbs: all), Row(type: .deployment, verbs: all),
    Row(type: .horizontalPodAutoscaler, verbs: all),
    Row(type: .podDisruptionBudget, verbs: ["get", "create", "patch", "delete"]),
    Row(type: .ingress, verbs: ["get", "create", "patch", "delete"]),
    Row(type: .replicaSet, verbs: ["list", "watch"]),
    Row(type: .pod, verbs: ["list", "watch", "create"]),
    Row(type: .endpointSlice, verbs: ["list", "watch"]),
    Row(type: .event, verbs: ["list", "watch"]),
  ]
  private static let all = ["get", "list", "watch", "create", "patch", "delete"]

  private let client: KubernetesClient

  init(client: KubernetesClient) {
    self.client = client
  }

  /// The cluster's version, for example `v1.36.0`.
  ///
  /// - Throws: `unavailable`, which says what is in the way (address,
  ///   certificate, authority or credentials) and what to do.
  public func version() async throws(DomainError) -> String {
    do {
      return try await client.version().gitVersion
    } catch {
      throw Self.failure(error)
    }
  }

  /// How many rights there are.
  public static var count: Int { rows.reduce(0) { $0 + $1.verbs.count } }

  /// The rights that BabyHelm needs and doesn't have.
  ///
  /// - Throws: `unavailable` when the cluster doesn't answer.
  public func missing() async throws(DomainError) -> [Right] {
    var missing: [Right] = []
    for row in Self.rows {
      for verb in row.verbs {
        do {
          let review = try await client.selfSubjectAccessReview(
            AuthorizationV1.ResourceAttributes(
              verb: verb, type: row.type))
          if !review.isAllowed {
            missing.append(Right(verb: verb, resource: row.type.description))
          }
        } catch {
          throw Self.failure(error)
        }
      }
    }
    return missing
  }

  /// Whole, unlike what pages show: the reader is the operator.
  private static func failure(_ error: KubernetesError) -> DomainError {
    DomainError(.unavailable, error.description, advice: error.advice)
  }
}
