public import struct Foundation.Date

extension ApplicationSpec {
  /// Where a container listens.
  public struct Port: Sendable, Hashable, Codable {
    /// The protocols that a Service can carry (Kubernetes API, ServicePort).
    public enum Transport: String, Sendable, CaseIterable, Codable {
      case tcp = "TCP"
      case udp = "UDP"
    }

    /// 1 to 65,535.
    public var number: Int
    public var transport = Transport.tcp
  }

  /// An environment variable whose value is in a Secret of the project's
  /// namespace. BabyHelm neither shows nor keeps the value.
  public struct SecretVariable: Sendable, Hashable, Codable {
    public var name: String
    /// The Secret's name.
    public var secret: String
    /// The key of the value within the Secret.
    public var key: String
  }

  /// Values that somebody typed and that only a Secret of BabyHelm's making
  /// holds. They can be replaced and removed, not read back.
  public struct SecretValues: Sendable, Hashable, Codable {
    /// One value.
    public struct Entry: Sendable, Hashable, Codable {
      /// The variable's name, or the absolute path of the file that holds it.
      public var target: String
      public var setAt: Date
      /// The name of who typed it.
      public var setBy: String
    }

    /// The Secret's name, which changes with the values.
    public var secret: String
    /// In the order of the form; no two have the same target.
    public var entries: [Entry]
  }

  /// Who the cluster is to a private registry. The password is only in a Secret
  /// of BabyHelm's making.
  public struct RegistryLogin: Sendable, Hashable, Codable {
    /// The Secret's name, which changes with the password.
    public var secret: String
    /// The registry as container runtimes name it.
    public var server: String
    public var user: String
    public var setAt: Date
    /// The name of who typed it.
    public var setBy: String
  }

  /// How the cluster finds out whether a replica works.
  public struct HealthCheck: Sendable, Hashable, Codable {
    /// What is tried.
    public enum Probe: Sendable, Hashable, Codable {
      /// Nothing: a container that runs is taken to work.
      case none
      /// Whether the main port takes a TCP connection; nothing when there is
      /// no such port.
      case connect
      /// Whether the main port answers a GET of this path with 200 to 399.
      case http(path: String)
      /// Whether this program, run in the container, exits with 0.
      case command([String])
    }

    public var probe = Probe.connect
    /// Whether a container that fails for a minute is started anew; it gets no
    /// requests in either case.
    public var restarts = false
    /// How long the first success may take before that counts as a failure, in
    /// seconds, at most 3,600; 0 for no allowance.
    public var startSeconds = 0
  }

  /// How old pods make way for new ones (Kubernetes API,
  /// RollingUpdateDeployment). Each is a number or a percentage of the replicas,
  /// and not both are zero.
  public struct UpdateSettings: Sendable, Hashable, Codable {
    /// How many pods may run beyond the wanted number, `0` to `100` or `0%` to
    /// `100%`; a percentage is rounded up.
    public var surge = "1"
    /// How many of the wanted pods may be missing; a percentage is rounded down.
    public var unavailable = "0"
  }

  /// A file that the container finds at a path. Not for secrets.
  public struct ConfigFile: Sendable, Hashable, Codable {
    /// Absolute, without `..`.
    public var path: String
    public var content: String
  }

  /// A directory whose content outlives the pods (a PersistentVolumeClaim).
  public struct Volume: Sendable, Hashable, Codable {
    /// A DNS label drawn from the path.
    public var name: String
    /// Absolute, without `..`.
    public var path: String
    /// A Kubernetes quantity of bytes, for example `1Gi`.
    public var size: String
  }

  /// Who can reach the application's main port.
  public enum Exposure: Sendable, Hashable, Codable {
    /// The pods of the project, and whom its network policy admits.
    case cluster
    /// Whoever reaches the ingress controller, under this host name.
    case ingress(host: String, isEncrypted: Bool)
    /// The tailnet, under this machine name.
    case tailnet(hostname: String)
  }

  /// The port that probes, Ingress and the shown address are about.
  public var mainPort: Port? { ports.first }

  /// All variables whose values are in Secrets.
  var secretVariables: [SecretVariable] {
    guard let values = secretValues else { return secrets }
    return secrets
      + values.entries.filter { !$0.isFile }.map {
        SecretVariable(name: $0.target, secret: values.secret, key: $0.key)
      }
  }

  /// The Secret with the registry's login; nil for images that anybody may pull.
  var imagePullSecret: String? { pullSecret ?? registryLogin?.secret }

  /// The Secrets of other people's making that it needs, each once, in order.
  /// One that BabyHelm made never changes, so its name says its version.
  var secretNames: [String] {
    Array(Set(secrets.map(\.secret) + [pullSecret].compactMap(\.self))).sorted()
  }

  /// Whether all of its pods stop before new ones start: a volume can be
  /// mounted on one node at a time.
  public var replacesAllAtOnce: Bool { !volumes.isEmpty }

  /// How many pods an update may run beyond the wanted number.
  public var surge: Int {
    replacesAllAtOnce ? 0 : Self.share(update.surge, of: maximumReplicas, isRoundedUp: true)
  }

  /// How many of the wanted pods an update may be without. Kubernetes makes it
  /// one where nothing could move otherwise.
  var unavailable: Int {
    if replacesAllAtOnce { return maximumReplicas }
    let count = Self.share(update.unavailable, of: maximumReplicas, isRoundedUp: false)
    return count == 0 && surge == 0 ? 1 : min(count, maximumReplicas)
  }

  static func share(_ setting: String, of replicas: Int, isRoundedUp: Bool) -> Int {
    guard setting.hasSuffix("%") else { return Int(setting) ?? 0 }
    let percent = Int(setting.dropLast()) ?? 0
    return (percent * replicas + (isRoundedUp ? 99 : 0)) / 100
  }
}

extension ApplicationSpec.SecretValues.Entry {
  /// Whether it is a file rather than a variable.
  public var isFile: Bool { target.hasPrefix("/") }

  /// Its key in the Secret: a key can't hold slashes (Kubernetes API, Secret).
  var key: String { Self.key(of: target) }

  static func key(of target: String) -> String {
    target.hasPrefix("/") ? "file-\(ApplicationSpec.checksum(of: [target]).prefix(10))" : target
  }
}
