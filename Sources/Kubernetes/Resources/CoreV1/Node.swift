extension CoreV1 {
  /// A machine of the cluster.
  public struct Node: KubernetesResource, Hashable {
    public static let type = ResourceType.node

    public var metadata: ObjectMeta
    /// Whether the scheduler is told to leave it alone.
    public var isUnschedulable: Bool
    /// `Ready`, `MemoryPressure`, `DiskPressure`, `PIDPressure`.
    public var conditions: [Condition]
    /// What pods may use of it, as in `cpu`, `memory`, `pods`.
    public var allocatable: [String: Quantity]
    /// As in `v1.36.0`.
    public var kubeletVersion: String

    /// Whether its kubelet reports that it can run pods.
    public var isReady: Bool { conditions["Ready"]?.isTrue ?? false }

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      isUnschedulable =
        try fields.object("spec") {
          fields throws(ResourceDecodingError) in try fields.bool("unschedulable") ?? false
        } ?? false
      let status = try fields.object("status", NodeStatus.init)
      conditions = status?.conditions ?? []
      allocatable = status?.allocatable ?? [:]
      kubeletVersion = status?.kubeletVersion ?? ""
    }
  }

  /// A volume that is asked for.
  public struct PersistentVolumeClaim: KubernetesResource, Hashable {
    public static let type = ResourceType.persistentVolumeClaim

    public var metadata: ObjectMeta
    /// `Pending`, `Bound` or `Lost`.
    public var phase: String
    /// As in `ReadWriteOnce`.
    public var accessModes: [String]
    /// `nil` asks for the cluster's default class.
    public var storageClassName: String?
    /// How much is asked for.
    public var requestedStorage: Quantity?
    /// How much there is, once bound.
    public var capacity: Quantity?

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      let spec = try fields.object("spec", ClaimSpec.init)
      accessModes = spec?.accessModes ?? []
      storageClassName = spec?.storageClassName
      requestedStorage = spec?.storage
      let status = try fields.object("status", ClaimStatus.init)
      phase = status?.phase ?? ""
      capacity = status?.capacity
    }
  }
}

private struct NodeStatus {
  let conditions: [Condition]
  let allocatable: [String: Quantity]
  let kubeletVersion: String

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    conditions = try fields.objects("conditions", Condition.init)
    allocatable = try fields.quantityMap("allocatable")
    kubeletVersion =
      try fields.object("nodeInfo") {
        fields throws(ResourceDecodingError) in try fields.string("kubeletVersion") ?? ""
      } ?? ""
  }
}

private struct ClaimSpec {
  let accessModes: [String]
  let storageClassName: String?
  let storage: Quantity?

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    accessModes = try fields.strings("accessModes")
    storageClassName = try fields.string("storageClassName")
    storage = try fields.object("resources", CoreV1.Resources.init)?.requests["storage"]
  }
}

private struct ClaimStatus {
  let phase: String
  let capacity: Quantity?

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    phase = try fields.string("phase") ?? ""
    capacity = try fields.quantityMap("capacity")["storage"]
  }
}
