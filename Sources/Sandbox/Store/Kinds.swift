import Kubernetes

/// A kind that the sandbox serves, with what discovery says of it.
struct ServedKind: Sendable {
  var type: ResourceType
  var singular: String
  var shortNames: [String] = []
  var isInAll = false
  var subresources: [String] = ["status"]
  /// Whether `metadata.generation` counts changes of the specification.
  var hasGeneration = false
  /// Whether only the cluster itself makes objects of this kind.
  var isReadOnly = false
}

/// The kinds that the sandbox serves.
enum Kinds {
  static let persistentVolume = ResourceType(
    group: "", version: "v1", kind: "PersistentVolume", plural: "persistentvolumes",
    isNamespaced: false)
  static let clusterRole = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole",
    plural: "clusterroles", isNamespaced: false)
  static let clusterRoleBinding = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRoleBinding",
    plural: "clusterrolebindings", isNamespaced: false)

  static let all: [ServedKind] = [
    ServedKind(type: .configMap, singular: "configmap", shortNames: ["cm"], subresources: []),
    ServedKind(type: .event, singular: "event", shortNames: ["ev"], subresources: []),
    ServedKind(type: .limitRange, singular: "limitrange", shortNames: ["limits"], subresources: []),
    ServedKind(type: .namespace, singular: "namespace", shortNames: ["ns"]),
    ServedKind(type: .node, singular: "node", shortNames: ["no"]),
    ServedKind(
      type: persistentVolume, singular: "persistentvolume", shortNames: ["pv"], subresources: [],
      isReadOnly: true),
    ServedKind(
      type: .persistentVolumeClaim, singular: "persistentvolumeclaim", shortNames: ["pvc"]),
    ServedKind(
      type: .pod, singular: "pod", shortNames: ["po"], isInAll: true,
      subresources: ["log", "status"], hasGeneration: true),
    ServedKind(type: .resourceQuota, singular: "resourcequota", shortNames: ["quota"]),
    ServedKind(type: .secret, singular: "secret", subresources: []),
    ServedKind(
      type: .serviceAccount, singular: "serviceaccount", shortNames: ["sa"],
      subresources: ["token"]),
    ServedKind(type: .service, singular: "service", shortNames: ["svc"], isInAll: true),
    ServedKind(
      type: .deployment, singular: "deployment", shortNames: ["deploy"], isInAll: true,
      subresources: ["scale", "status"], hasGeneration: true),
    ServedKind(
      type: .replicaSet, singular: "replicaset", shortNames: ["rs"], isInAll: true,
      subresources: ["scale", "status"], hasGeneration: true),
    ServedKind(
      type: .horizontalPodAutoscaler, singular: "horizontalpodautoscaler", shortNames: ["hpa"],
      isInAll: true),
    ServedKind(
      type: .ingress, singular: "ingress", shortNames: ["ing"], hasGeneration: true),
    ServedKind(
      type: .networkPolicy, singular: "networkpolicy", shortNames: ["netpol"], subresources: [],
      hasGeneration: true),
    ServedKind(
      type: .podDisruptionBudget, singular: "poddisruptionbudget", shortNames: ["pdb"],
      hasGeneration: true),
    ServedKind(
      type: .endpointSlice, singular: "endpointslice", subresources: [], hasGeneration: true),
    ServedKind(type: .role, singular: "role", subresources: []),
    ServedKind(type: .roleBinding, singular: "rolebinding", subresources: []),
    ServedKind(type: clusterRole, singular: "clusterrole", subresources: []),
    ServedKind(type: clusterRoleBinding, singular: "clusterrolebinding", subresources: []),
    ServedKind(type: .lease, singular: "lease", subresources: []),
  ]

  private static let byPath = Dictionary(
    uniqueKeysWithValues: all.map {
      ("\($0.type.group)/\($0.type.version)/\($0.type.plural)", $0)
    })
  private static let byType = Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })

  /// The kind behind a path.
  static func kind(group: String, version: String, plural: String) -> ServedKind? {
    byPath["\(group)/\(version)/\(plural)"]
  }

  /// Whether `metadata.generation` of this kind counts.
  static func hasGeneration(_ type: ResourceType) -> Bool { byType[type]?.hasGeneration ?? false }

  /// Whether a kind has the status subresource.
  static func hasStatus(_ type: ResourceType) -> Bool {
    byType[type]?.subresources.contains("status") ?? false
  }
}
