/// Renders an application's manifests without any cluster.
public struct ManifestPreview: Sendable {
  private let spec: ApplicationSpec
  private let settings: ManifestSettings

  /// - Throws: `invalid` with a ``FieldError`` for each wrong field.
  public init(
    _ draft: ApplicationDraft, settings: ManifestSettings = ManifestSettings()
  ) throws(DomainError) {
    spec = try draft.validated()
    self.settings = settings
  }

  /// The manifests as the first release would apply them, in that order, each
  /// rendered, parsed again and checked.
  ///
  /// - Throws: `internalError` when a rendered manifest isn't what the
  ///   specification asks for.
  public func render(
    project: String, podSecurity: PodSecurityLevel = .baseline
  ) throws(DomainError) -> [ReleaseManifest] {
    try manifests(project, podSecurity).map {
      ReleaseManifest(kind: $0.kind, name: $0.name, yaml: $0.yaml)
    }
  }

  /// The same manifests as an export.
  ///
  /// - Throws: as ``render(project:podSecurity:)``.
  public func export(
    project: String, podSecurity: PodSecurityLevel = .baseline
  ) throws(DomainError) -> Export {
    let manifests = try manifests(project, podSecurity)
    return Export(
      name: spec.name, yaml: Export.yaml(manifests),
      chart: HelmChart(
        of: HelmChart.Part(name: spec.name, manifests: manifests), release: 1,
        appVersion: spec.image.version))
  }

  private func manifests(
    _ project: String, _ podSecurity: PodSecurityLevel
  ) throws(DomainError) -> [Manifest] {
    try ManifestBuilder(settings: settings).application(
      spec, in: project, podSecurity: podSecurity,
      stamp: ReleaseStamp(number: 1, author: "babyhelm render"))
  }
}
