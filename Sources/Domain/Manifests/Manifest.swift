internal import Kubernetes

/// One Kubernetes object as BabyHelm wants it: rendered from a template,
/// parsed again and checked (docs/design.md §2, Templates).
public struct Manifest: Sendable, Hashable {
  /// The kind, for example `Deployment`.
  public var kind: String { type.kind }
  /// The object's `metadata.name`.
  public let name: String
  /// The manifest as YAML.
  public let yaml: String

  let type: ResourceType
  let object: JSONValue
}
