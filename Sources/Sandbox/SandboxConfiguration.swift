/// How a sandbox cluster behaves.
public struct SandboxConfiguration: Sendable {
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

  /// Whether a simulated load makes the autoscalers scale.
  public var movesLoad: Bool
  /// Processors of each of the three nodes.
  public var nodeProcessors: Int

  /// Settings for development; tests raise `speed`.
  public init(
    host: String = "127.0.0.1", port: Int = 0, speed: Double = 1, seed: UInt64 = 1,
    token: String? = nil, historyLimit: Int = 10_000, watchBuffer: Int = 10_000,
    movesLoad: Bool = true, nodeProcessors: Int = 64
  ) {
    self.host = host
    self.port = port
    self.speed = max(speed, 0.01)
    self.seed = seed
    self.token = token
    self.historyLimit = historyLimit
    self.watchBuffer = watchBuffer
    self.movesLoad = movesLoad
    self.nodeProcessors = nodeProcessors
  }
}
