/// The group `apps`, version `v1`.
public enum AppsV1 {}

extension AppsV1 {
  /// A deployment: so many pods of one template, replaced step by step.
  public struct Deployment: KubernetesResource, Hashable {
    public static let type = ResourceType.deployment

    public var metadata: ObjectMeta
    /// What it shall be.
    public var spec: DeploymentSpec
    /// How far it is.
    public var status: DeploymentStatus

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      spec = try fields.object("spec", DeploymentSpec.init) ?? DeploymentSpec()
      status = try fields.object("status", DeploymentStatus.init) ?? DeploymentStatus()
    }
  }

  /// What a deployment shall be.
  public struct DeploymentSpec: Sendable, Hashable {
    /// How many pods there shall be.
    public var replicas = 1
    /// Labels that its pods have (`matchLabels`).
    public var selector: [String: String] = [:]
    /// What its pods shall be.
    public var template = PodTemplate()
    /// Whether changes of the template wait.
    public var isPaused = false
    /// `RollingUpdate` or `Recreate`.
    public var strategy = "RollingUpdate"
    /// Seconds without progress after which a rollout counts as failed.
    public var progressDeadlineSeconds = 600

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      replicas = try fields.int("replicas") ?? 1
      selector = try fields.object("selector", matchLabels(_:)) ?? [:]
      template = try fields.object("template", PodTemplate.init) ?? PodTemplate()
      isPaused = try fields.bool("paused") ?? false
      strategy =
        try fields.object("strategy") {
          fields throws(ResourceDecodingError) in try fields.string("type") ?? ""
        } ?? "RollingUpdate"
      progressDeadlineSeconds = try fields.int("progressDeadlineSeconds") ?? 600
    }
  }

  /// How far a deployment is.
  public struct DeploymentStatus: Sendable, Hashable {
    /// The generation that the numbers are about; older than the metadata's
    /// while the cluster hasn't looked at the latest change.
    public var observedGeneration = 0
    /// All its pods, of any template.
    public var replicas = 0
    /// Pods of the latest template.
    public var updatedReplicas = 0
    /// Pods that pass their readiness probe.
    public var readyReplicas = 0
    /// Ready for long enough.
    public var availableReplicas = 0
    /// Pods that are still missing.
    public var unavailableReplicas = 0
    /// `Available`, `Progressing`, `ReplicaFailure`.
    public var conditions: [Condition] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      observedGeneration = try fields.int("observedGeneration") ?? 0
      replicas = try fields.int("replicas") ?? 0
      updatedReplicas = try fields.int("updatedReplicas") ?? 0
      readyReplicas = try fields.int("readyReplicas") ?? 0
      availableReplicas = try fields.int("availableReplicas") ?? 0
      unavailableReplicas = try fields.int("unavailableReplicas") ?? 0
      conditions = try fields.objects("conditions", Condition.init)
    }
  }

  /// The pods that a deployment or a replica set makes.
  public struct PodTemplate: Sendable, Hashable {
    /// The pods' labels.
    public var labels: [String: String] = [:]
    /// The pods' annotations.
    public var annotations: [String: String] = [:]
    /// The pods' containers.
    public var containers: [CoreV1.Container] = []
    /// Containers that run first, one after the other.
    public var initContainers: [CoreV1.Container] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      if let metadata = try fields.object("metadata", TemplateMetadata.init) {
        labels = metadata.labels
        annotations = metadata.annotations
      }
      if let spec = try fields.object("spec", CoreV1.PodSpec.init) {
        containers = spec.containers
        initContainers = spec.initContainers
      }
    }
  }
}

/// The `matchLabels` of a label selector.
func matchLabels(_ fields: ResourceFields) throws(ResourceDecodingError) -> [String: String] {
  try fields.stringMap("matchLabels")
}

private struct TemplateMetadata {
  let labels: [String: String]
  let annotations: [String: String]

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    labels = try fields.stringMap("labels")
    annotations = try fields.stringMap("annotations")
  }
}
