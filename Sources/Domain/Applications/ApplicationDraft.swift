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

  public var name = ""
  public var image = ""
  public var port = ""
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

  public init() {}

  /// The draft that shows a specification again, for editing.
  public init(_ spec: ApplicationSpec) {
    name = spec.name
    image = spec.image.text
    port = spec.port.map(String.init) ?? ""
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
  }
}
