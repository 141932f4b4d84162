public import Foundation

extension CoreV1 {
  /// How a pod does.
  public struct PodStatus: Sendable, Hashable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public var phase = ""
    /// One word for why, as in `Evicted`; mostly empty.
    public var reason = ""
    /// A sentence for people; mostly empty.
    public var message = ""
    /// Empty until it has one.
    public var podIP = ""
    /// When the kubelet took it.
    public var startTime: Date?
    /// `PodScheduled`, `Initialized`, `ContainersReady`, `Ready`.
    public var conditions: [Condition] = []
    /// In no order that matters.
    public var containerStatuses: [ContainerStatus] = []
    /// Those that run first.
    public var initContainerStatuses: [ContainerStatus] = []

    init() {}

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      phase = try fields.string("phase") ?? ""
      reason = try fields.string("reason") ?? ""
      message = try fields.string("message") ?? ""
      podIP = try fields.string("podIP") ?? ""
      startTime = try fields.date("startTime")
      conditions = try fields.objects("conditions", Condition.init)
      containerStatuses = try fields.objects("containerStatuses", ContainerStatus.init)
      initContainerStatuses = try fields.objects("initContainerStatuses", ContainerStatus.init)
    }
  }

  /// How one container of a pod does.
  public struct ContainerStatus: Sendable, Hashable {
    /// The container's name.
    public var name: String
    /// The image that runs, as the node names it.
    public var image: String
    /// With the digest that runs; empty until the image is there.
    public var imageID: String
    /// Whether it passes its readiness probe.
    public var isReady: Bool
    /// How often it was started again.
    public var restartCount: Int
    /// `nil` if the kubelet hasn't said anything yet.
    public var state: ContainerState?
    /// How it ended last time.
    public var lastState: ContainerState?

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      name = try fields.string("name") ?? ""
      image = try fields.string("image") ?? ""
      imageID = try fields.string("imageID") ?? ""
      isReady = try fields.bool("ready") ?? false
      restartCount = try fields.int("restartCount") ?? 0
      state = try fields.object("state", ContainerState.reading) ?? nil
      lastState = try fields.object("lastState", ContainerState.reading) ?? nil
    }
  }

  /// What a container does at the moment.
  public enum ContainerState: Sendable, Hashable {
    /// Not started, because of `reason`, as in `ImagePullBackOff`.
    case waiting(reason: String, message: String)
    case running(since: Date?)
    case terminated(Termination)

    /// The state of an object with one of the three members; `nil` if it has
    /// none.
    static func reading(
      _ fields: ResourceFields
    ) throws(ResourceDecodingError) -> ContainerState? {
      if let state = try fields.object("running", running(of:)) { return state }
      if let state = try fields.object("waiting", waiting(of:)) { return state }
      return try fields.object("terminated", Termination.init).map(ContainerState.terminated)
    }

    private static func running(
      of fields: ResourceFields
    ) throws(ResourceDecodingError) -> ContainerState {
      .running(since: try fields.date("startedAt"))
    }

    private static func waiting(
      of fields: ResourceFields
    ) throws(ResourceDecodingError) -> ContainerState {
      .waiting(
        reason: try fields.string("reason") ?? "", message: try fields.string("message") ?? "")
    }
  }

  /// How a container ended.
  public struct Termination: Sendable, Hashable {
    /// Zero is success.
    public var exitCode: Int
    /// The signal that ended it, if one did.
    public var signal: Int?
    /// One word, as in `OOMKilled`, `Error` or `Completed`.
    public var reason: String
    /// A sentence for people; mostly empty.
    public var message: String
    /// When it began.
    public var startedAt: Date?
    /// When it ended.
    public var finishedAt: Date?

    init(_ fields: ResourceFields) throws(ResourceDecodingError) {
      exitCode = try fields.int("exitCode") ?? 0
      signal = try fields.int("signal")
      reason = try fields.string("reason") ?? ""
      message = try fields.string("message") ?? ""
      startedAt = try fields.date("startedAt")
      finishedAt = try fields.date("finishedAt")
    }
  }
}
