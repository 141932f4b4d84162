public import Foundation

/// The group `autoscaling`, version `v2`.
public enum AutoscalingV2 {}

extension AutoscalingV2 {
  /// Keeps a deployment's number of pods between two bounds, by what they use.
  public struct HorizontalPodAutoscaler: KubernetesResource, Hashable {
    public static let type = ResourceType.horizontalPodAutoscaler

    public var metadata: ObjectMeta
    /// What it shall do.
    public var spec: AutoscalerSpec
    /// How far it is.
    public var status: AutoscalerStatus

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      spec = try fields.object("spec", AutoscalerSpec.init) ?? AutoscalerSpec()
      status = try fields.object("status", AutoscalerStatus.init) ?? AutoscalerStatus()
    }
  }

  /// What an autoscaler shall do.
  public struct AutoscalerSpec: Sendable, Hashable {
    /// The kind it scales, mostly `Deployment`.
    public var targetKind = ""
    /// The name of what it scales.
    public var targetName = ""
    /// The lower bound, at least 0.
    public var minReplicas = 1
    /// The upper bound.
    public var maxReplicas = 0
    /// What it aims at.
    public var metrics: [ResourceMetric] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      if let target = try fields.object("scaleTargetRef", CoreV1.ObjectReference.init) {
        targetKind = target.kind
        targetName = target.name
      }
      minReplicas = try fields.int("minReplicas") ?? 1
      maxReplicas = try fields.int("maxReplicas") ?? 0
      metrics = try ResourceMetric.list("metrics", of: fields, values: "target")
    }
  }

  /// How far an autoscaler is.
  public struct AutoscalerStatus: Sendable, Hashable {
    /// How many pods there were at the last look.
    public var currentReplicas = 0
    /// How many there should be, by the last look.
    public var desiredReplicas = 0
    /// When it last changed the number.
    public var lastScaleTime: Date?
    /// What it measured at the last look.
    public var currentMetrics: [ResourceMetric] = []
    /// `AbleToScale`, `ScalingActive`, `ScalingLimited`.
    public var conditions: [Condition] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      currentReplicas = try fields.int("currentReplicas") ?? 0
      desiredReplicas = try fields.int("desiredReplicas") ?? 0
      lastScaleTime = try fields.date("lastScaleTime")
      currentMetrics = try ResourceMetric.list("currentMetrics", of: fields, values: "current")
      conditions = try fields.objects("conditions", Condition.init)
    }
  }

  /// A target for, or a measurement of, CPU or memory. Metrics of other sources
  /// are left out.
  public struct ResourceMetric: Sendable, Hashable {
    /// `cpu` or `memory`.
    public var name: String
    /// Percent of what the pods request.
    public var averageUtilization: Int?
    /// The average of a pod.
    public var averageValue: Quantity?

    static func list(
      _ key: String, of fields: ResourceFields, values: String
    ) throws(ResourceDecodingError) -> [ResourceMetric] {
      let metrics = try fields.objects(key) { fields throws(ResourceDecodingError) in
        try fields.object("resource") { fields throws(ResourceDecodingError) in
          try ResourceMetric(fields, values: values)
        }
      }
      return metrics.compactMap(\.self)
    }

    private init(_ fields: ResourceFields, values: String) throws(ResourceDecodingError) {
      name = try fields.string("name") ?? ""
      let pair = try fields.object(values) { fields throws(ResourceDecodingError) in
        (try fields.int("averageUtilization"), try fields.quantity("averageValue"))
      }
      averageUtilization = pair?.0
      averageValue = pair?.1
    }
  }
}
