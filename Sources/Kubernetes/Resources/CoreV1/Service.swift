extension CoreV1 {
  /// A service: one address for the pods that its selector finds.
  public struct Service: KubernetesResource, Hashable {
    public static let type = ResourceType.service

    public var metadata: ObjectMeta
    /// What it shall be.
    public var spec: ServiceSpec
    /// The load balancer's addresses (IP or host name), empty until it has any.
    public var loadBalancerAddresses: [String]

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      spec = try fields.object("spec", ServiceSpec.init) ?? ServiceSpec()
      loadBalancerAddresses =
        try fields.object("status", LoadBalancerAddresses.init)?.addresses ?? []
    }
  }

  /// What a service shall be.
  public struct ServiceSpec: Sendable, Hashable {
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    public var type = "ClusterIP"
    /// `None` for a headless service.
    public var clusterIP = ""
    /// Who makes the load balancer; empty for the cluster's default.
    public var loadBalancerClass = ""
    /// The ports it listens on.
    public var ports: [ServicePort] = []
    /// Labels of the pods behind it.
    public var selector: [String: String] = [:]

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      type = try fields.string("type") ?? "ClusterIP"
      clusterIP = try fields.string("clusterIP") ?? ""
      loadBalancerClass = try fields.string("loadBalancerClass") ?? ""
      ports = try fields.objects("ports", ServicePort.init)
      selector = try fields.stringMap("selector")
    }
  }

  /// A port of a service.
  public struct ServicePort: Sendable, Hashable {
    /// Empty if the port has none.
    public var name: String
    /// From 1 to 65535.
    public var port: Int
    /// The pods' port, by number or by name.
    public var targetPort: String
    /// The port on every node, if it has one.
    public var nodePort: Int?
    /// `TCP`, `UDP` or `SCTP`.
    public var `protocol`: String

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      name = try fields.string("name") ?? ""
      port = try fields.int("port") ?? 0
      targetPort = try fields.intOrString("targetPort") ?? String(port)
      nodePort = try fields.int("nodePort")
      `protocol` = try fields.string("protocol") ?? "TCP"
    }
  }
}

/// The addresses in the `status.loadBalancer.ingress` of services and ingresses.
struct LoadBalancerAddresses {
  let addresses: [String]

  init(_ status: ResourceFields) throws(ResourceDecodingError) {
    let list = try status.object("loadBalancer") { fields throws(ResourceDecodingError) in
      try fields.objects("ingress") { fields throws(ResourceDecodingError) in
        let hostname = try fields.string("hostname") ?? ""
        return hostname.isEmpty ? try fields.string("ip") ?? "" : hostname
      }
    }
    addresses = (list ?? []).filter { !$0.isEmpty }
  }
}
