public import struct Foundation.Date

/// What a person typed about an application: all strings, kept as they are so
/// that a rejected form can be shown again with nothing lost.
public struct ApplicationDraft: Sendable, Hashable {
  /// One row of the environment editor.
  public struct EnvironmentRow: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// One row of the variables from Secrets.
  public struct SecretRow: Sendable, Hashable {
    public var name: String
    /// `secret/key`.
    public var reference: String

    public init(name: String, reference: String) {
      self.name = name
      self.reference = reference
    }
  }

  /// One row of the secret values.
  public struct SecretValueRow: Sendable, Hashable {
    /// A variable's name, or an absolute path for a file.
    public var target: String
    /// What was typed a moment ago; "" once it is ``sealed``, and for a value
    /// that stays as it is.
    public var value: String
    /// What was typed, sealed by ``Releases/sealing(_:in:as:)``.
    public var sealed: String
    /// When the value that stays was set, as far as it is known here.
    public var setAt: Date?
    /// Who set the value that stays.
    public var setBy: String?

    public init(target: String, value: String = "", sealed: String = "") {
      self.target = target
      self.value = value
      self.sealed = sealed
    }
  }

  /// One row of the further ports.
  public struct PortRow: Sendable, Hashable {
    public var number: String
    /// `TCP` or `UDP`.
    public var transport: String

    public init(number: String, transport: String) {
      self.number = number
      self.transport = transport
    }
  }

  /// One row of the files.
  public struct FileRow: Sendable, Hashable {
    public var path: String
    public var content: String

    public init(path: String, content: String) {
      self.path = path
      self.content = content
    }
  }

  /// One row of the volumes.
  public struct VolumeRow: Sendable, Hashable {
    public var path: String
    public var size: String

    public init(path: String, size: String) {
      self.path = path
      self.size = size
    }
  }

  public var name = ""
  public var image = ""
  /// The main port; the container listens on it with TCP.
  public var port = ""
  public var morePorts: [PortRow] = []
  /// One word a line.
  public var command = ""
  /// One word a line.
  public var arguments = ""
  public var replicas = "1"
  public var isAutoscaled = false
  public var minimumReplicas = "1"
  public var maximumReplicas = "5"
  public var targetCPU = "80"
  public var cpuRequest = "100m"
  public var cpuLimit = ""
  public var memoryRequest = "128Mi"
  public var memoryLimit = "256Mi"
  public var environment: [EnvironmentRow] = []
  public var secrets: [SecretRow] = []
  public var secretValues: [SecretValueRow] = []
  /// One of ``HealthCheckChoice``.
  public var healthCheck = HealthCheckChoice.connect.rawValue
  public var healthPath = "/"
  /// One word a line.
  public var healthCommand = ""
  public var restartsUnhealthy = false
  public var startSeconds = ""
  public var surge = "1"
  public var unavailable = "0"
  public var files: [FileRow] = []
  public var volumes: [VolumeRow] = []
  /// One of ``ExposureChoice``.
  public var exposure = ExposureChoice.cluster.rawValue
  /// The host name for an Ingress.
  public var host = ""
  /// Whether the Ingress takes HTTPS.
  public var isEncrypted = true
  /// The machine's name in the tailnet; "" takes the application's.
  public var tailnetName = ""
  public var pullSecret = ""
  /// Who to be to the image's registry.
  public var registryUser = ""
  /// The password that was typed a moment ago; "" once it is sealed, and for one
  /// that stays as it is.
  public var registryPassword = ""
  /// The password, sealed by ``Releases/sealing(_:in:as:)``.
  public var registrySealed = ""
  public var userID = ""
  /// Whether nothing runs for the time being.
  public var isStopped = false
  /// When it was last restarted, in seconds since 1970; "" for never. Carried
  /// along, so that a change makes new pods only where it must.
  public var restartedAt = ""
  public var undoesFailures = false
  /// The release that the person saw when they began to change it; nil when
  /// nobody can have changed it meanwhile.
  public var base: Int?

  /// The words of ``healthCheck``.
  public enum HealthCheckChoice: String, Sendable, CaseIterable {
    case connect, http, command, none
  }

  /// The words of ``exposure``.
  public enum ExposureChoice: String, Sendable, CaseIterable {
    case cluster, ingress, tailnet
  }

  public init() {}

  /// The draft that shows a specification again, for editing.
  public init(_ spec: ApplicationSpec) {
    name = spec.name
    image = spec.image.text
    show(spec.ports)
    command = spec.command.joined(separator: "\n")
    arguments = spec.arguments.joined(separator: "\n")
    switch spec.scaling {
    case .fixed(let count): replicas = String(count)
    case .automatic(let minimum, let maximum, let target):
      isAutoscaled = true
      minimumReplicas = String(minimum)
      maximumReplicas = String(maximum)
      targetCPU = String(target)
    }
    cpuRequest = spec.resources.cpuRequest
    cpuLimit = spec.resources.cpuLimit ?? ""
    memoryRequest = spec.resources.memoryRequest
    memoryLimit = spec.resources.memoryLimit
    environment = spec.environment.map { EnvironmentRow(name: $0.name, value: $0.value) }
    secrets = spec.secrets.map {
      SecretRow(name: $0.name, reference: "\($0.secret)/\($0.key)")
    }
    secretValues = (spec.secretValues?.entries ?? []).map { entry in
      var row = SecretValueRow(target: entry.target)
      (row.setAt, row.setBy) = (entry.setAt, entry.setBy)
      return row
    }
    registryUser = spec.registryLogin?.user ?? ""
    show(spec.healthCheck)
    surge = spec.update.surge
    unavailable = spec.update.unavailable
    files = spec.files.map { FileRow(path: $0.path, content: $0.content) }
    volumes = spec.volumes.map { VolumeRow(path: $0.path, size: $0.size) }
    show(spec.exposure)
    pullSecret = spec.pullSecret ?? ""
    userID = spec.userID.map(String.init) ?? ""
    isStopped = spec.isStopped
    restartedAt = spec.restartedAt.map { String(Int($0.timeIntervalSince1970)) } ?? ""
    undoesFailures = spec.undoesFailures
  }

  private mutating func show(_ ports: [ApplicationSpec.Port]) {
    var rest = ports[...]
    if let main = rest.first, main.transport == .tcp {
      port = String(main.number)
      rest = rest.dropFirst()
    }
    morePorts = rest.map {
      PortRow(number: String($0.number), transport: $0.transport.rawValue)
    }
  }

  private mutating func show(_ check: ApplicationSpec.HealthCheck) {
    switch check.probe {
    case .none: healthCheck = HealthCheckChoice.none.rawValue
    case .connect: healthCheck = HealthCheckChoice.connect.rawValue
    case .http(let path):
      healthCheck = HealthCheckChoice.http.rawValue
      healthPath = path
    case .command(let words):
      healthCheck = HealthCheckChoice.command.rawValue
      healthCommand = words.joined(separator: "\n")
    }
    restartsUnhealthy = check.restarts
    startSeconds = check.startSeconds == 0 ? "" : String(check.startSeconds)
  }

  private mutating func show(_ exposure: ApplicationSpec.Exposure) {
    switch exposure {
    case .cluster: self.exposure = ExposureChoice.cluster.rawValue
    case .ingress(let host, let isEncrypted):
      self.exposure = ExposureChoice.ingress.rawValue
      self.host = host
      self.isEncrypted = isEncrypted
    case .tailnet(let hostname):
      self.exposure = ExposureChoice.tailnet.rawValue
      tailnetName = hostname
    }
  }
}
