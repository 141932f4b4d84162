public import Foundation

/// The group `metrics.k8s.io`, version `v1beta1`, which a cluster has when
/// somebody installed a metrics server.
public enum MetricsV1beta1 {}

extension MetricsV1beta1 {
  /// What the containers of a pod use.
  public struct PodMetrics: KubernetesResource, Hashable {
    public static let type = ResourceType.podMetrics
    public static let isStored = false

    public var metadata: ObjectMeta
    /// The end of the time that was measured.
    public var timestamp: Date?
    public var containers: [ContainerMetrics]

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      timestamp = try fields.date("timestamp")
      containers = try fields.objects("containers", ContainerMetrics.init)
    }
  }

  /// What one container uses.
  public struct ContainerMetrics: Sendable, Hashable {
    public var name: String
    /// `cpu` in cores, averaged over some seconds, and `memory` in bytes, the
    /// working set.
    public var usage: [String: Quantity]

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      name = try fields.string("name") ?? ""
      usage = try fields.quantityMap("usage")
    }
  }
}
