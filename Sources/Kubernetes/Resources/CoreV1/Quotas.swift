extension CoreV1 {
  /// A limit on what the objects of a namespace may use together.
  public struct ResourceQuota: KubernetesResource, Hashable {
    public static let type = ResourceType.resourceQuota

    public var metadata: ObjectMeta
    /// The limits asked for, by name, as in `requests.cpu`.
    public var hard: [String: Quantity]
    /// The limits in force. Empty until the cluster has counted.
    public var enforced: [String: Quantity]
    /// What is in use, as last counted.
    public var used: [String: Quantity]

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      hard =
        try fields.object("spec") {
          fields throws(ResourceDecodingError) in try fields.quantityMap("hard")
        } ?? [:]
      let status = try fields.object("status", QuotaStatus.init)
      enforced = status?.hard ?? [:]
      used = status?.used ?? [:]
    }
  }

  /// Defaults and bounds for the containers of a namespace.
  public struct LimitRange: KubernetesResource, Hashable {
    public static let type = ResourceType.limitRange

    public var metadata: ObjectMeta
    /// For containers, pods and claims.
    public var limits: [LimitRangeItem]

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      limits =
        try fields.object("spec") {
          fields throws(ResourceDecodingError) in
          try fields.objects("limits", LimitRangeItem.init)
        } ?? []
    }
  }

  /// The bounds for one type of thing.
  public struct LimitRangeItem: Sendable, Hashable {
    /// `Container`, `Pod` or `PersistentVolumeClaim`.
    public var type: String
    /// The most that one may ask for.
    public var max: [String: Quantity]
    /// The least that one must ask for.
    public var min: [String: Quantity]
    /// The limits of a container that names none.
    public var defaultLimits: [String: Quantity]
    /// The requests of a container that names none.
    public var defaultRequests: [String: Quantity]

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      type = try fields.string("type") ?? ""
      max = try fields.quantityMap("max")
      min = try fields.quantityMap("min")
      defaultLimits = try fields.quantityMap("default")
      defaultRequests = try fields.quantityMap("defaultRequest")
    }
  }
}

private struct QuotaStatus {
  let hard: [String: Quantity]
  let used: [String: Quantity]

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    hard = try fields.quantityMap("hard")
    used = try fields.quantityMap("used")
  }
}
