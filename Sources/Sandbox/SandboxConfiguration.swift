/// How a sandbox cluster behaves.
public struct SandboxConfiguration: Sendable {
  /// What a HorizontalPodAutoscaler comes to.
  public enum Autoscaling: Sendable {
    /// Nothing, as in a control plane without controllers.
    case off
    /// Next to no load, so that every autoscaler holds its minimum.
    case minimum
    /// A load that rises and falls within ten simulated minutes.
    case wave
  }

  /// The address to listen on; the sandbox is meant for loopback only.
  public var host: String
  /// The port to listen on; 0 lets the system choose.
  public var port: Int
  /// How many times faster than real life containers start, crash and stop.
  /// 1 for people (a pod is ready in about 1.5 s), 20 for tests. At least 0.01.
  public var speed: Double
  /// Where generated names, UIDs and addresses start from: the same seed and
  /// the same requests give the same names.
  public var seed: UInt64
  /// The bearer token that clients must send; `nil` makes a random one.
  public var token: String?
  /// How many changes a watch may be behind before it gets 410 Expired.
  public var historyLimit: Int
  /// How many changes may wait for one slow watcher before its stream ends.
  public var watchBuffer: Int

  /// What the autoscalers do.
  public var autoscaling: Autoscaling
  /// Whether there are providers: volumes for claims, addresses for Ingresses
  /// and for Services of the tailnet, a metrics server. A bare control plane has
  /// none.
  public var hasProviders: Bool
  /// Processors of each of the three nodes.
  public var nodeProcessors: Int
  /// The file that keeps the objects from one run to the next; `nil` throws
  /// them away.
  public var statePath: String?
  /// What clients may do; `nil` lets them do everything. Who shows
  /// ``SandboxServer/adminToken`` may do everything all the same.
  public var role: SandboxRole?
  /// What goes wrong on the way to the cluster.
  public var faults: SandboxFaults

  /// Settings for development; tests raise `speed`.
  public init(
    host: String = "127.0.0.1", port: Int = 0, speed: Double = 1, seed: UInt64 = 1,
    token: String? = nil, historyLimit: Int = 10_000, watchBuffer: Int = 10_000,
    autoscaling: Autoscaling = .wave, hasProviders: Bool = true, nodeProcessors: Int = 64,
    statePath: String? = nil, role: SandboxRole? = nil, faults: SandboxFaults = SandboxFaults()
  ) {
    self.host = host
    self.port = port
    self.speed = max(speed, 0.01)
    self.seed = seed
    self.token = token
    self.historyLimit = historyLimit
    self.watchBuffer = watchBuffer
    self.autoscaling = autoscaling
    self.hasProviders = hasProviders
    self.nodeProcessors = nodeProcessors
    self.statePath = statePath
    self.role = role
    self.faults = faults
  }
}
