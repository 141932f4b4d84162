extension CoreV1 {
  /// Configuration as text by name.
  public struct ConfigMap: KubernetesResource, Hashable {
    public static let type = ResourceType.configMap

    public var metadata: ObjectMeta
    /// Text by name. Values that are no text are left out.
    public var data: [String: String]
    /// Whether its data can never change.
    public var isImmutable: Bool

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      data = try fields.stringMap("data")
      isImmutable = try fields.bool("immutable") ?? false
    }
  }

  /// A secret, without its values: they are never kept in memory.
  public struct Secret: KubernetesResource, Hashable {
    public static let type = ResourceType.secret

    public var metadata: ObjectMeta
    /// What kind of secret, as in `Opaque` or `kubernetes.io/dockerconfigjson`.
    public var secretType: String
    /// The names of its values, in order.
    public var keys: [String]
    /// Whether its data can never change.
    public var isImmutable: Bool

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      secretType = try fields.string("type") ?? ""
      keys = try fields.keys("data")
      isImmutable = try fields.bool("immutable") ?? false
      // What `kubectl apply` leaves behind repeats the values.
      metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] = nil
    }
  }

  /// The identity of pods.
  public struct ServiceAccount: KubernetesResource, Hashable {
    public static let type = ResourceType.serviceAccount

    public var metadata: ObjectMeta
    /// Whether pods get its token; `nil` leaves it to the pod.
    public var automountsToken: Bool?

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      automountsToken = try fields.bool("automountServiceAccountToken")
    }
  }
}
