extension CoreV1 {
  /// A pod.
  public struct Pod: KubernetesResource, Hashable {
    public static let type = ResourceType.pod

    public var metadata: ObjectMeta
    /// What it shall be.
    public var spec: PodSpec
    /// How it does.
    public var status: PodStatus

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      spec = try fields.object("spec", PodSpec.init) ?? PodSpec()
      status = try fields.object("status", PodStatus.init) ?? PodStatus()
    }
  }

  /// What a pod shall be.
  public struct PodSpec: Sendable, Hashable {
    /// Run side by side.
    public var containers: [Container] = []
    /// Run first, one after the other.
    public var initContainers: [Container] = []
    /// Empty until the scheduler has found a node.
    public var nodeName = ""
    /// Who it is to the API server.
    public var serviceAccountName = ""
    /// The names of secrets with registry passwords.
    public var imagePullSecrets: [String] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      containers = try fields.objects("containers", Container.init)
      initContainers = try fields.objects("initContainers", Container.init)
      nodeName = try fields.string("nodeName") ?? ""
      serviceAccountName = try fields.string("serviceAccountName") ?? ""
      imagePullSecrets = try fields.objects("imagePullSecrets") {
        fields throws(ResourceDecodingError) in try fields.string("name") ?? ""
      }
    }
  }

  /// A container of a pod.
  public struct Container: Sendable, Hashable {
    /// Unique within the pod.
    public var name: String
    /// As in `nginx:1.27`.
    public var image: String
    /// The ports that are declared; others may be open, too.
    public var ports: [ContainerPort]
    /// Asked for: `cpu`, `memory`.
    public var requests: [String: Quantity]
    /// Never exceeded: `cpu`, `memory`.
    public var limits: [String: Quantity]

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      name = try fields.string("name") ?? ""
      image = try fields.string("image") ?? ""
      ports = try fields.objects("ports", ContainerPort.init)
      let resources = try fields.object("resources", Resources.init)
      requests = resources?.requests ?? [:]
      limits = resources?.limits ?? [:]
    }
  }

  /// A port that a container listens on.
  public struct ContainerPort: Sendable, Hashable {
    /// Empty if the port has none.
    public var name: String
    /// From 1 to 65535.
    public var containerPort: Int
    /// `TCP`, `UDP` or `SCTP`.
    public var `protocol`: String

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      name = try fields.string("name") ?? ""
      containerPort = try fields.int("containerPort") ?? 0
      `protocol` = try fields.string("protocol") ?? "TCP"
    }
  }

  struct Resources {
    let requests: [String: Quantity]
    let limits: [String: Quantity]

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      requests = try fields.quantityMap("requests")
      limits = try fields.quantityMap("limits")
    }
  }
}
