internal import Kubernetes

/// Turns projects and specifications into manifests, through the templates.
struct ManifestBuilder: Sendable {
  /// Marks the namespace as a project's, by the project's id.
  static let projectLabel = "babyhelm.io/project-id"
  /// Marks what belongs to a member, by the short form of their id.
  static let memberLabel = "babyhelm.io/member"
  /// Says which release applied an object.
  static let releaseAnnotation = "babyhelm.io/release"
  static let authorAnnotation = "babyhelm.io/author"
  /// The recommended label that says who manages an object.
  static let managedByLabel = "app.kubernetes.io/managed-by"
  static let managedByValue = "babyhelm"
  static let nameLabel = "app.kubernetes.io/name"

  /// Every type that an application may have one object of, by its name.
  static let singleTypes: [ResourceType] = [
    .service, .deployment, .horizontalPodAutoscaler, .podDisruptionBudget, .ingress,
  ]
  /// Every type that an application may have objects of.
  static let applicationTypes = [.persistentVolumeClaim, .configMap] + singleTypes

  var settings = ManifestSettings()

  func namespace(of project: Project) throws(DomainError) -> Manifest {
    let view = NamespaceManifest(
      name: project.name, projectID: project.id.rawValue,
      podSecurity: project.podSecurity.rawValue)
    return try check(
      Template.Manifests.namespace(view), CoreV1.Namespace.type, name: project.name,
      namespace: nil, shape: .namespace)
  }

  /// The guards of a project's namespace, in the order they are applied.
  func guards(of project: Project) throws(DomainError) -> [Manifest] {
    let namespace = project.name
    let quota = ResourceQuotaManifest(
      namespace: namespace, cpu: project.quota.cpu, memory: project.quota.memory,
      pods: String(project.quota.pods), storage: project.quota.storage)
    let plain = ProjectGuardManifest(
      namespace: namespace, admittedNamespaces: settings.admittedNamespaces,
      egress: settings.egress)
    return [
      try check(
        Template.Manifests.resourceQuota(quota), CoreV1.ResourceQuota.type, name: "project",
        namespace: namespace, shape: .resourceQuota),
      try check(
        Template.Manifests.limitRange(plain), CoreV1.LimitRange.type, name: "project",
        namespace: namespace, shape: .limitRange),
      try check(
        Template.Manifests.networkPolicy(plain), NetworkingV1.NetworkPolicy.type, name: "project",
        namespace: namespace, shape: .networkPolicy),
      try check(
        Template.Manifests.serviceAccount(plain), CoreV1.ServiceAccount.type, name: "project",
        namespace: namespace, shape: .serviceAccount),
    ]
  }

  /// A member's service account and what binds it, and their e-mail address, to
  /// a role in the project's namespace.
  func rights(of member: MemberManifest) throws(DomainError) -> [Manifest] {
    [
      try check(
        Template.Manifests.memberServiceAccount(MemberAccountManifest(member: member)),
        CoreV1.ServiceAccount.type, name: member.name, namespace: member.namespace,
        shape: .memberAccount),
      try check(
        Template.Manifests.roleBinding(RoleBindingManifest(member: member)), .roleBinding,
        name: member.name, namespace: member.namespace, shape: .roleBinding),
    ]
  }

  func check(
    _ rendered: [UInt8], _ type: ResourceType, name: String, namespace: String?,
    shape: ManifestShape
  ) throws(DomainError) -> Manifest {
    let object: JSONValue
    do throws(ManifestParser.Mistake) {
      object = try ManifestParser.parse(rendered)
    } catch {
      throw Self.wrongShape(type.kind, "line \(error.line): \(error.reason)")
    }
    if let mismatch = shape.mismatch(of: object) {
      throw Self.wrongShape(type.kind, mismatch)
    }
    guard object["apiVersion"]?.string == type.apiVersion, object["kind"]?.string == type.kind,
      object.at("metadata", "name")?.string == name,
      object.at("metadata", "namespace")?.string == namespace
    else { throw Self.wrongShape(type.kind, "it names another object") }
    guard !settings.additions.isEmpty else {
      return Manifest(
        name: name, yaml: String(decoding: rendered, as: UTF8.self), type: type, object: object)
    }
    let extended = settings.additions.added(to: object)
    return Manifest(name: name, yaml: YAMLText.of(extended), type: type, object: extended)
  }

  static func wrongShape(_ kind: String, _ why: String) -> DomainError {
    DomainError(
      .internalError, "BabyHelm rendered a \(kind) it doesn't trust, so nothing was sent.",
      advice: "This is a mistake in BabyHelm. Tell its operator.", underlying: why)
  }
}
