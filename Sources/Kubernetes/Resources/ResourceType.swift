/// A kind of object, and where the API server keeps it.
public struct ResourceType: Sendable, Hashable, CustomStringConvertible {
  /// The API group, empty for the core group.
  public var group: String
  /// The version within the group, as in `v1`.
  public var version: String
  /// The kind, as in `Deployment`.
  public var kind: String
  /// The name in paths, as in `deployments`.
  public var plural: String
  /// Whether objects live in a namespace.
  public var isNamespaced: Bool

  /// Describes a kind. Needed only for kinds that ``known`` doesn't have.
  public init(
    group: String, version: String, kind: String, plural: String, isNamespaced: Bool = true
  ) {
    self.group = group
    self.version = version
    self.kind = kind
    self.plural = plural
    self.isNamespaced = isNamespaced
  }

  /// Group and version as objects carry them: `v1`, `apps/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The plural with its group, as error messages name it: `deployments.apps`.
  public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The path of a collection, an object, or one of its subresources.
  ///
  /// - Parameters:
  ///   - namespace: `nil` for all namespaces, or for a kind without namespaces.
  ///   - name: `nil` for the collection. Percent-encoded as a path segment.
  ///   - subresource: such as `scale`, `log` or `status`.
  public func path(
    namespace: String? = nil, name: String? = nil, subresource: String? = nil
  ) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace {
      path += "/namespaces/\(PercentEncoding.segment(namespace))"
    }
    path += "/\(plural)"
    if let name { path += "/\(PercentEncoding.segment(name))" }
    if let subresource { path += "/\(subresource)" }
    return path
  }
}

extension ResourceType {
  /// `v1` Namespace.
  public static let namespace = ResourceType(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", isNamespaced: false)
  /// `v1` Node.
  public static let node = ResourceType(
    group: "", version: "v1", kind: "Node", plural: "nodes", isNamespaced: false)
  /// `v1` Pod.
  public static let pod = core("Pod", "pods")
  /// `v1` Service.
  public static let service = core("Service", "services")
  /// `v1` ConfigMap.
  public static let configMap = core("ConfigMap", "configmaps")
  /// `v1` Secret.
  public static let secret = core("Secret", "secrets")
  /// `v1` ServiceAccount.
  public static let serviceAccount = core("ServiceAccount", "serviceaccounts")
  /// `v1` ResourceQuota.
  public static let resourceQuota = core("ResourceQuota", "resourcequotas")
  /// `v1` LimitRange.
  public static let limitRange = core("LimitRange", "limitranges")
  /// `v1` Event.
  public static let event = core("Event", "events")
  /// `v1` PersistentVolumeClaim.
  public static let persistentVolumeClaim = core(
    "PersistentVolumeClaim", "persistentvolumeclaims")
  /// `apps/v1` Deployment.
  public static let deployment = ResourceType(
    group: "apps", version: "v1", kind: "Deployment", plural: "deployments")
  /// `apps/v1` ReplicaSet.
  public static let replicaSet = ResourceType(
    group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets")
  /// `autoscaling/v2` HorizontalPodAutoscaler.
  public static let horizontalPodAutoscaler = ResourceType(
    group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers")
  /// `policy/v1` PodDisruptionBudget.
  public static let podDisruptionBudget = ResourceType(
    group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets")
  /// `networking.k8s.io/v1` NetworkPolicy.
  public static let networkPolicy = ResourceType(
    group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy", plural: "networkpolicies")
  /// `networking.k8s.io/v1` Ingress.
  public static let ingress = ResourceType(
    group: "networking.k8s.io", version: "v1", kind: "Ingress", plural: "ingresses")
  /// `discovery.k8s.io/v1` EndpointSlice.
  public static let endpointSlice = ResourceType(
    group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices")
  /// `rbac.authorization.k8s.io/v1` Role.
  public static let role = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", plural: "roles")
  /// `rbac.authorization.k8s.io/v1` RoleBinding.
  public static let roleBinding = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding",
    plural: "rolebindings")
  /// `coordination.k8s.io/v1` Lease.
  public static let lease = ResourceType(
    group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases")
  /// `metrics.k8s.io/v1beta1` PodMetrics; not every cluster has it.
  public static let podMetrics = ResourceType(
    group: "metrics.k8s.io", version: "v1beta1", kind: "PodMetrics", plural: "pods")
  /// `authorization.k8s.io/v1` SelfSubjectAccessReview, which is asked and never stored.
  public static let selfSubjectAccessReview = ResourceType(
    group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectAccessReview",
    plural: "selfsubjectaccessreviews", isNamespaced: false)

  /// Every kind named here.
  public static let known: [ResourceType] = [
    namespace, node, pod, service, configMap, secret, serviceAccount, resourceQuota, limitRange,
    event, persistentVolumeClaim, deployment, replicaSet, horizontalPodAutoscaler,
    podDisruptionBudget, networkPolicy, ingress, endpointSlice, role, roleBinding, lease,
    podMetrics, selfSubjectAccessReview,
  ]

  /// The known kind of an object with these fields.
  public static func known(apiVersion: String, kind: String) -> ResourceType? {
    known.first { $0.kind == kind && $0.apiVersion == apiVersion }
  }

  private static func core(_ kind: String, _ plural: String) -> ResourceType {
    ResourceType(group: "", version: "v1", kind: kind, plural: plural)
  }
}
