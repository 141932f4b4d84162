/// The group `networking.k8s.io`, version `v1`.
public enum NetworkingV1 {}

extension NetworkingV1 {
  /// Which traffic the pods of a namespace take.
  public struct NetworkPolicy: KubernetesResource, Hashable {
    public static let type = ResourceType.networkPolicy

    public var metadata: ObjectMeta
    /// `Ingress`, `Egress` or both.
    public var policyTypes: [String]

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      policyTypes =
        try fields.object("spec") {
          fields throws(ResourceDecodingError) in try fields.strings("policyTypes")
        } ?? []
    }
  }

  /// A service's way to the outside, by host name and path.
  public struct Ingress: KubernetesResource, Hashable {
    public static let type = ResourceType.ingress

    public var metadata: ObjectMeta
    /// `nil` asks for the cluster's default class.
    public var ingressClassName: String?
    /// The host names of its rules, in their order.
    public var hosts: [String]
    /// The host names it serves over TLS.
    public var tlsHosts: [String]
    /// The load balancer's addresses (IP or host name), empty until it has any.
    public var loadBalancerAddresses: [String]

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      let spec = try fields.object("spec", IngressSpec.init)
      ingressClassName = spec?.ingressClassName
      hosts = spec?.hosts ?? []
      tlsHosts = spec?.tlsHosts ?? []
      loadBalancerAddresses =
        try fields.object("status", LoadBalancerAddresses.init)?.addresses ?? []
    }
  }
}

private struct IngressSpec {
  let ingressClassName: String?
  let hosts: [String]
  let tlsHosts: [String]

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    ingressClassName = try fields.string("ingressClassName")
    let rules = try fields.objects("rules") {
      fields throws(ResourceDecodingError) in try fields.string("host")
    }
    hosts = rules.compactMap(\.self)
    let tls = try fields.objects("tls") {
      fields throws(ResourceDecodingError) in try fields.strings("hosts")
    }
    tlsHosts = tls.flatMap(\.self)
  }
}
