/// An application or a project as files, for a life without BabyHelm.
public struct Export: Sendable, Hashable {
  /// The application's or the project's name.
  public let name: String
  /// All manifests in apply order, as one YAML text of several documents.
  public let yaml: String
  public let chart: HelmChart

  static func yaml(_ manifests: [Manifest]) -> String {
    manifests.map { "---\n" + $0.yaml }.joined()
  }
}
