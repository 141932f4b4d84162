/// The core group's `v1`: namespaces, pods, services and what belongs to them.
public enum CoreV1 {}

extension CoreV1 {
  /// A namespace.
  public struct Namespace: KubernetesResource, Hashable {
    public static let type = ResourceType.namespace

    public var metadata: ObjectMeta
    /// `Active` or `Terminating`.
    public var phase: String
    /// While terminating: what remains, and which finalizers hold it.
    public var conditions: [Condition]

    /// Whether deletion was asked for.
    public var isTerminating: Bool {
      phase == "Terminating" || metadata.deletionTimestamp != nil
    }

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      let status = try fields.object("status", NamespaceStatus.init)
      phase = status?.phase ?? ""
      conditions = status?.conditions ?? []
    }
  }
}

private struct NamespaceStatus {
  let phase: String
  let conditions: [Condition]

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    phase = try fields.string("phase") ?? ""
    conditions = try fields.objects("conditions", Condition.init)
  }
}
