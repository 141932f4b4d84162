internal import Kubernetes

/// Whether BabyHelm may do on the cluster what it does, verb by verb
/// (Kubernetes API, SelfSubjectAccessReview).
public struct ClusterRights: Sendable {
  /// A verb on a kind of object, in all namespaces.
  public struct Right: Sendable, Hashable, CustomStringConvertible {
    public let verb: String
    /// The API group; empty for the core one.
    public let group: String
    /// The plural, with a subresource as in `pods/log`.
    public let resource: String
    /// The one object that is meant; nil for all.
    public var name: String?

    /// As kubectl writes it: `patch deployments.apps`.
    public var description: String {
      let parts = resource.split(separator: "/", maxSplits: 1)
      let kind = group.isEmpty ? String(parts[0]) : "\(parts[0]).\(group)"
      let act = parts.count > 1 ? "\(verb) \(kind)/\(parts[1])" : "\(verb) \(kind)"
      return name.map { "\(act) \($0)" } ?? act
    }
  }

  private struct Row: Sendable {
    let type: ResourceType
    var subresource = ""
    var names: [String?] = [nil]
    let verbs: [String]

    var rights: [Right] {
      let resource = subresource.isEmpty ? type.plural : "\(type.plural)/\(subresource)"
      return verbs.flatMap { verb in
        names.map { Right(verb: verb, group: type.group, resource: resource, name: $0) }
      }
    }
  }

  /// Everything that BabyHelm asks of a cluster, and nothing more. deploy/rbac.yaml
  /// grants the same, with the reasons.
  private static let rows: [Row] = [
    Row(type: .namespace, verbs: ["get", "list", "watch", "create", "patch", "delete"]),
    Row(type: .resourceQuota, verbs: ["get", "list", "watch", "create", "patch"]),
    Row(type: .limitRange, verbs: ["get", "create", "patch"]),
    Row(type: .networkPolicy, verbs: ["get", "create", "patch"]),
    Row(type: .serviceAccount, verbs: ["get", "list", "create", "patch", "delete"]),
    Row(type: .serviceAccount, subresource: "token", verbs: ["create"]),
    Row(type: .roleBinding, verbs: ["list", "create", "patch", "delete"]),
    Row(type: clusterRole, names: ClusterRole.allCases.map(\.rawValue), verbs: ["bind"]),
    Row(type: .persistentVolumeClaim, verbs: ["get", "list", "create", "patch", "delete"]),
    Row(type: .configMap, verbs: ["get", "create", "patch", "delete"]),
    Row(type: .secret, verbs: ["get", "create", "patch", "delete"]),
    Row(type: .service, verbs: all),
    Row(type: .deployment, verbs: all),
    Row(type: .horizontalPodAutoscaler, verbs: all),
    Row(type: .podDisruptionBudget, verbs: ["get", "create", "patch", "delete"]),
    Row(type: .ingress, verbs: ["get", "create", "patch", "delete"]),
    Row(type: .replicaSet, verbs: ["list", "watch"]),
    Row(type: .pod, verbs: ["list", "watch", "create"]),
    Row(type: .pod, subresource: "log", verbs: ["get"]),
    Row(type: .podMetrics, verbs: ["list"]),
    Row(type: .node, verbs: ["list"]),
    Row(type: .endpointSlice, verbs: ["list", "watch"]),
    Row(type: .event, verbs: ["list", "watch"]),
  ]
  private static let all = ["get", "list", "watch", "create", "patch", "delete"]

  private static let clusterRole = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole",
    plural: "clusterroles", isNamespaced: false)

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
  public static var count: Int { rights.count }

  /// Everything that BabyHelm asks of a cluster.
  static var rights: [Right] { rows.flatMap(\.rights) }

  /// The rights that BabyHelm needs and doesn't have.
  ///
  /// - Throws: `unavailable` when the cluster doesn't answer.
  public func missing() async throws(DomainError) -> [Right] {
    var missing: [Right] = []
    for row in Self.rows {
      for right in row.rights {
        do {
          let review = try await client.selfSubjectAccessReview(
            AuthorizationV1.ResourceAttributes(
              verb: right.verb, type: row.type, subresource: row.subresource,
              name: right.name ?? ""))
          if !review.isAllowed { missing.append(right) }
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
