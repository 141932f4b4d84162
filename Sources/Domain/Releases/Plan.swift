/// What a deploy would do, as the cluster itself answered a dry run
/// (docs/design.md §1).
public struct Plan: Sendable {
  /// What happens to one object.
  public struct Step: Sendable, Hashable {
    /// What a deploy does to an object.
    public enum Action: Sendable, Hashable {
      case create
      case change([FieldChange])
      /// It is already as wanted.
      case nothing
      /// It belonged to the release before and isn't wanted any more.
      case delete
    }

    public let kind: String
    public let name: String
    public let action: Action
    /// As it would be applied; empty for a deletion.
    public let yaml: String
  }

  /// What one quota line comes to.
  public struct QuotaLine: Sendable, Hashable {
    public let resource: QuotaUsage.Resource
    /// Used in the whole project now.
    public let used: String
    /// What this application can need at most, while it rolls out.
    public let needed: String
    public let hard: String
    public let fits: Bool
    /// The arithmetic as a sentence.
    public let sentence: String
  }

  public let spec: ApplicationSpec
  /// Whether the application has no release yet.
  public let isFirst: Bool
  /// The number the release would get.
  public let releaseNumber: Int
  public let steps: [Step]
  public let warnings: [String]
  public let quota: [QuotaLine]
  /// Whether the newest release asks for something else, on its way to the
  /// cluster though it may still be.
  public internal(set) var changesSpecification = true
  /// The Secrets that must be on the cluster before the rest.
  var secretVersions: [SecretVersion] = []
  /// Stands for what is applied: the project, the release number and the steps.
  /// Confirming it deploys exactly these. What other applications use meanwhile
  /// changes the quota's lines, but not what this deploy does.
  public let hash: String

  /// Whether a deploy would change nothing on the cluster.
  public var isEmpty: Bool { steps.allSatisfy { $0.action == .nothing } }
}
