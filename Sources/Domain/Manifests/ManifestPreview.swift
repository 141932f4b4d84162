/// Renders an application's manifests without any cluster.
public struct ManifestPreview: Sendable {
  private let spec: ApplicationSpec

  /// - Throws: `invalid` with a ``FieldError`` for each wrong field.
  public init(_ draft: ApplicationDraft) throws(DomainError) {
    spec = try draft.validated()
  }

  /// The manifests as the first release would apply them, in that order, each
  /// rendered, parsed again and checked.
  ///
  /// - Throws: `internalError` when a rendered manifest isn't what the
  ///   specification asks for.
  public func render(project: String) throws(DomainError) -> [ReleaseManifest] {
    try ManifestBuilder().application(
      spec, in: project, podSecurity: .baseline,
      stamp: ReleaseStamp(number: 1, author: "babyhelm render")
    ).map { ReleaseManifest(kind: $0.kind, name: $0.name, yaml: $0.yaml) }
  }
}
