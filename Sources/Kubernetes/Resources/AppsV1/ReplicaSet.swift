extension AppsV1 {
  /// The pods of one revision of a deployment.
  public struct ReplicaSet: KubernetesResource, Hashable {
    public static let type = ResourceType.replicaSet

    public var metadata: ObjectMeta
    /// How many pods there shall be.
    public var replicas: Int
    /// Labels that its pods have (`matchLabels`).
    public var selector: [String: String]
    /// What its pods shall be.
    public var template: PodTemplate
    /// How far it is.
    public var status: ReplicaSetStatus

    /// The revision of its deployment, from 1.
    public var revision: Int? {
      metadata.annotations["deployment.kubernetes.io/revision"].flatMap(Int.init)
    }

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      let spec = try fields.object("spec", ReplicaSetSpec.init)
      replicas = spec?.replicas ?? 1
      selector = spec?.selector ?? [:]
      template = spec?.template ?? PodTemplate()
      status = try fields.object("status", ReplicaSetStatus.init) ?? ReplicaSetStatus()
    }
  }

  /// How far a replica set is.
  public struct ReplicaSetStatus: Sendable, Hashable {
    /// The generation that the numbers are about.
    public var observedGeneration = 0
    /// All its pods.
    public var replicas = 0
    /// Pods that pass their readiness probe.
    public var readyReplicas = 0
    /// Ready for long enough.
    public var availableReplicas = 0
    /// `ReplicaFailure`, when pods can't be made.
    public var conditions: [Condition] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      observedGeneration = try fields.int("observedGeneration") ?? 0
      replicas = try fields.int("replicas") ?? 0
      readyReplicas = try fields.int("readyReplicas") ?? 0
      availableReplicas = try fields.int("availableReplicas") ?? 0
      conditions = try fields.objects("conditions", Condition.init)
    }
  }
}

private struct ReplicaSetSpec {
  let replicas: Int
  let selector: [String: String]
  let template: AppsV1.PodTemplate

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    replicas = try fields.int("replicas") ?? 1
    selector = try fields.object("selector", matchLabels(_:)) ?? [:]
    template = try fields.object("template", AppsV1.PodTemplate.init) ?? AppsV1.PodTemplate()
  }
}
