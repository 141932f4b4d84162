internal import Kubernetes

/// Everything the deploy form asks about an application (docs/design.md §1).
/// A value of this type has passed validation: ``ApplicationDraft/validated()``
/// makes them, and so does decoding what was stored.
public struct ApplicationSpec: Sendable, Hashable, Codable {
  /// How many replicas run.
  public enum Scaling: Sendable, Hashable, Codable {
    /// Always this many, 0 to 100.
    case fixed(replicas: Int)
    /// Between two numbers, by the use of CPU in percent of what was requested.
    case automatic(minimum: Int, maximum: Int, targetCPU: Int)
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
  /// The TCP port the container listens on, 1 to 65,535; nil for an
  /// application that takes no connections.
  public var port: Int?
  public var scaling: Scaling
  public var resources: Resources
  public var environment: [EnvironmentVariable]

  /// The most replicas that can run at once, without the ones a rolling
  /// update adds.
  public var maximumReplicas: Int {
    switch scaling {
    case .fixed(let replicas): replicas
    case .automatic(_, let maximum, _): maximum
    }
  }
  /// The fewest replicas that run once a release is through.
  public var minimumReplicas: Int {
    switch scaling {
    case .fixed(let replicas): replicas
    case .automatic(let minimum, _, _): minimum
    }
  }
}
