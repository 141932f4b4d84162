public import Foundation

extension CoreV1 {
  /// Something that happened to an object.
  public struct Event: KubernetesResource, Hashable {
    public static let type = ResourceType.event

    public var metadata: ObjectMeta
    /// What it happened to.
    public var involvedObject: ObjectReference
    /// One word, as in `FailedScheduling`.
    public var reason: String
    /// A sentence for people.
    public var message: String
    /// `Normal` or `Warning`. (Not `type`, which is the kind of object.)
    public var severity: String
    /// How often it happened, at least once.
    public var count: Int
    /// When it happened first; not in events of the newer API.
    public var firstTimestamp: Date?
    /// When it happened last.
    public var lastTimestamp: Date?
    /// When it happened first, in events of the newer API.
    public var eventTime: Date?
    /// Who says so, as in `kubelet`.
    public var source: String

    /// When it happened last, whichever field says so.
    public var lastSeen: Date? {
      let latest = [lastTimestamp, eventTime].compactMap(\.self).max()
      return latest ?? firstTimestamp ?? metadata.creationTimestamp
    }

    public init(json: JSONValue) throws(ResourceDecodingError) {
      let fields = try ResourceFields(json)
      metadata = try ObjectMeta(of: fields)
      involvedObject =
        try fields.object("involvedObject", ObjectReference.init) ?? ObjectReference()
      reason = try fields.string("reason") ?? ""
      message = try fields.string("message") ?? ""
      severity = try fields.string("type") ?? ""
      firstTimestamp = try fields.date("firstTimestamp")
      eventTime = try fields.date("eventTime")
      let series = try fields.object("series", EventSeries.init)
      count = max(try fields.int("count") ?? 0, series?.count ?? 0, 1)
      lastTimestamp = try fields.date("lastTimestamp") ?? series?.lastObservedTime
      let component = try fields.object("source") {
        fields throws(ResourceDecodingError) in try fields.string("component") ?? ""
      }
      let controller = try fields.string("reportingComponent") ?? ""
      source = controller.isEmpty ? component ?? "" : controller
    }
  }

  /// Which object is meant.
  public struct ObjectReference: Sendable, Hashable {
    /// The kind, as in `Pod`.
    public var kind = ""
    /// Empty for kinds without namespaces.
    public var namespace = ""
    /// The object's name.
    public var name = ""
    /// The object's uid; empty if not said.
    public var uid = ""
    /// The part that is meant, as in `spec.containers{app}`.
    public var fieldPath = ""

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      kind = try fields.string("kind") ?? ""
      namespace = try fields.string("namespace") ?? ""
      name = try fields.string("name") ?? ""
      uid = try fields.string("uid") ?? ""
      fieldPath = try fields.string("fieldPath") ?? ""
    }
  }
}

private struct EventSeries {
  let count: Int
  let lastObservedTime: Date?

  init(_ fields: ResourceFields) throws(ResourceDecodingError) {
    count = try fields.int("count") ?? 0
    lastObservedTime = try fields.date("lastObservedTime")
  }
}
