/// The group `discovery.k8s.io`, version `v1`.
public enum DiscoveryV1 {}

extension DiscoveryV1 {
  /// Some of the pods behind a service.
  public struct EndpointSlice: KubernetesResource, Hashable {
    public static let type = ResourceType.endpointSlice

    public var metadata: ObjectMeta
    /// One for each pod.
    public var endpoints: [Endpoint]
    /// The ports' numbers.
    public var ports: [Int]

    /// The service it belongs to.
    public var serviceName: String? { metadata.labels["kubernetes.io/service-name"] }

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      endpoints = try fields.objects("endpoints", Endpoint.init)
      ports = try fields.objects("ports") {
        fields throws(ResourceDecodingError) in try fields.int("port")
      }.compactMap(\.self)
    }
  }

  /// One pod behind a service.
  public struct Endpoint: Sendable, Hashable {
    /// IP addresses, all of the same pod.
    public var addresses: [String]
    /// Whether it gets traffic. Not said means yes, as the API has it.
    public var isReady: Bool
    /// Whether it is shutting down.
    public var isTerminating: Bool
    /// The pod's name, if it is one.
    public var podName: String?

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      addresses = try fields.strings("addresses")
      let conditions = try fields.object("conditions") { fields throws(ResourceDecodingError) in
        (try fields.bool("ready") ?? true, try fields.bool("terminating") ?? false)
      }
      isReady = conditions?.0 ?? true
      isTerminating = conditions?.1 ?? false
      let target = try fields.object("targetRef", CoreV1.ObjectReference.init)
      podName = target?.kind == "Pod" ? target?.name : nil
    }
  }
}
