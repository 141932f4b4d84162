public import struct Foundation.Date
internal import Kubernetes

/// Everything the deploy form asks about an application (docs/design.md §1).
/// A value of this type has passed validation: ``ApplicationDraft/validated()``
/// makes them, and so does decoding what was stored.
public struct ApplicationSpec: Sendable, Hashable {
  /// How many replicas run.
  public enum Scaling: Sendable, Hashable, Codable {
    /// Always this many, 0 to 100.
    case fixed(replicas: Int)
    /// Between two numbers, by the use of CPU in percent of what was requested.
    case automatic(minimum: Int, maximum: Int, targetCPU: Int)

    /// How many there can be.
    var most: Int {
      switch self {
      case .fixed(let replicas): replicas
      case .automatic(_, let maximum, _): maximum
      }
    }

    var isAutomatic: Bool { if case .automatic = self { true } else { false } }
  }

  /// Requests and limits of each replica, as Kubernetes quantities.
  public struct Resources: Sendable, Hashable, Codable {
    public var cpuRequest: String
    /// nil: as much as the node has free.
    public var cpuLimit: String?
    public var memoryRequest: String
    public var memoryLimit: String
  }

  /// One environment variable. Values are not secret: they can be read back.
  public struct EnvironmentVariable: Sendable, Hashable, Codable {
    public var name: String
    public var value: String
  }

  /// A DNS label that starts with a letter; unique in its project.
  public var name: String
  public var image: ImageReference
  /// What the container listens on, the main port first; empty for an
  /// application that takes no connections. No two are the same.
  public var ports: [Port]
  /// Runs instead of the image's entry point; empty for the image's own.
  public var command: [String] = []
  /// Follows the command instead of what the image passes; empty for that.
  public var arguments: [String] = []
  public var scaling: Scaling
  public var resources: Resources
  public var environment: [EnvironmentVariable]
  /// Variables whose values are in Secrets; no name is also in ``environment``.
  public var secrets: [SecretVariable] = []
  /// Variables and files whose values BabyHelm put into a Secret; none of them
  /// has the name or path of another variable or file. nil for none.
  public var secretValues: SecretValues?
  public var healthCheck = HealthCheck()
  public var update = UpdateSettings()
  /// Files that the container finds at their paths, which are all different.
  public var files: [ConfigFile] = []
  /// Space that outlives the pods; at most one replica runs when there is any.
  public var volumes: [Volume] = []
  public var exposure = Exposure.cluster
  /// The name of a Secret with the registry's login, which is in the project's
  /// namespace; nil for images that anybody may pull.
  public var pullSecret: String?
  /// The login that was typed, where ``pullSecret`` names none.
  public var registryLogin: RegistryLogin?
  /// The numeric user the container runs as, 1 to 2^31 − 1; nil for the
  /// image's own.
  public var userID: Int?
  /// Whether nothing runs although ``scaling`` says how many would.
  public var isStopped = false
  /// When somebody asked for new pods of the same specification; nil for never.
  public var restartedAt: Date?
  /// Whether a release that fails is followed by one like the last that
  /// succeeded, by itself.
  public var undoesFailures = false

  /// The most replicas that can run at once, without the ones a rolling
  /// update adds.
  public var maximumReplicas: Int {
    if isStopped { return 0 }
    return switch scaling {
    case .fixed(let replicas): replicas
    case .automatic(_, let maximum, _): maximum
    }
  }
  /// The fewest replicas that run once a release is through.
  public var minimumReplicas: Int {
    if isStopped { return 0 }
    return switch scaling {
    case .fixed(let replicas): replicas
    case .automatic(let minimum, _, _): minimum
    }
  }
}

extension ApplicationSpec: Codable {
  /// The keys of the stored text. `port` was the only port once.
  private enum CodingKeys: String, CodingKey {
    case name, image, port, ports, command, arguments, scaling, resources, environment, secrets
    case healthCheck, update, files, volumes, exposure, pullSecret, userID, secretValues
    case registryLogin, isStopped, restartedAt, undoesFailures
  }

  /// Reads also what earlier versions stored, which knew fewer keys.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    image = try values.decode(ImageReference.self, forKey: .image)
    let single = try values.decodeIfPresent(Int.self, forKey: .port)
    ports =
      try values.decodeIfPresent([Port].self, forKey: .ports)
      ?? (single.map { [Port(number: $0)] } ?? [])
    command = try values.decodeIfPresent([String].self, forKey: .command) ?? []
    arguments = try values.decodeIfPresent([String].self, forKey: .arguments) ?? []
    scaling = try values.decode(Scaling.self, forKey: .scaling)
    resources = try values.decode(Resources.self, forKey: .resources)
    environment = try values.decode([EnvironmentVariable].self, forKey: .environment)
    secrets = try values.decodeIfPresent([SecretVariable].self, forKey: .secrets) ?? []
    healthCheck = try values.decodeIfPresent(HealthCheck.self, forKey: .healthCheck) ?? .init()
    update = try values.decodeIfPresent(UpdateSettings.self, forKey: .update) ?? .init()
    files = try values.decodeIfPresent([ConfigFile].self, forKey: .files) ?? []
    volumes = try values.decodeIfPresent([Volume].self, forKey: .volumes) ?? []
    exposure = try values.decodeIfPresent(Exposure.self, forKey: .exposure) ?? .cluster
    pullSecret = try values.decodeIfPresent(String.self, forKey: .pullSecret)
    userID = try values.decodeIfPresent(Int.self, forKey: .userID)
    secretValues = try values.decodeIfPresent(SecretValues.self, forKey: .secretValues)
    registryLogin = try values.decodeIfPresent(RegistryLogin.self, forKey: .registryLogin)
    isStopped = try values.decodeIfPresent(Bool.self, forKey: .isStopped) ?? false
    restartedAt = try values.decodeIfPresent(Date.self, forKey: .restartedAt)
    undoesFailures = try values.decodeIfPresent(Bool.self, forKey: .undoesFailures) ?? false
  }

  /// Leaves out what is as it is by default.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(image, forKey: .image)
    try values.encode(ports, forKey: .ports)
    if !command.isEmpty { try values.encode(command, forKey: .command) }
    if !arguments.isEmpty { try values.encode(arguments, forKey: .arguments) }
    try values.encode(scaling, forKey: .scaling)
    try values.encode(resources, forKey: .resources)
    try values.encode(environment, forKey: .environment)
    if !secrets.isEmpty { try values.encode(secrets, forKey: .secrets) }
    if healthCheck != HealthCheck() { try values.encode(healthCheck, forKey: .healthCheck) }
    if update != UpdateSettings() { try values.encode(update, forKey: .update) }
    if !files.isEmpty { try values.encode(files, forKey: .files) }
    if !volumes.isEmpty { try values.encode(volumes, forKey: .volumes) }
    if exposure != .cluster { try values.encode(exposure, forKey: .exposure) }
    try values.encodeIfPresent(pullSecret, forKey: .pullSecret)
    try values.encodeIfPresent(userID, forKey: .userID)
    try values.encodeIfPresent(secretValues, forKey: .secretValues)
    try values.encodeIfPresent(registryLogin, forKey: .registryLogin)
    if isStopped { try values.encode(isStopped, forKey: .isStopped) }
    try values.encodeIfPresent(restartedAt, forKey: .restartedAt)
    if undoesFailures { try values.encode(undoesFailures, forKey: .undoesFailures) }
  }
}
