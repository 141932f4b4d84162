internal import Kubernetes

/// Turns projects and specifications into manifests, through the templates.
struct ManifestBuilder: Sendable {
  /// Marks the namespace as a project's, by the project's id.
  static let projectLabel = "babyhelm.io/project-id"
  /// Says which release applied an object.
  static let releaseAnnotation = "babyhelm.io/release"
  static let authorAnnotation = "babyhelm.io/author"
  /// The recommended label that says who manages an object.
  static let managedByLabel = "app.kubernetes.io/managed-by"
  static let managedByValue = "babyhelm"
  static let nameLabel = "app.kubernetes.io/name"

  /// Every type that an application may have one object of, by its name.
  static let applicationTypes = [
    CoreV1.Service.type, AppsV1.Deployment.type, AutoscalingV2.HorizontalPodAutoscaler.type,
  ]

  /// Namespaces whose pods may reach every project's: ingress controller,
  /// tailnet operator and monitoring.
  var admittedNamespaces = ["ingress-nginx", "tailscale", "monitoring"]

  func namespace(of project: Project) throws(DomainError) -> Manifest {
    let view = NamespaceManifest(name: project.name, projectID: project.id.rawValue)
    return try check(
      Template.Manifests.namespace(view), CoreV1.Namespace.type, name: project.name,
      namespace: nil, shape: .namespace)
  }

  /// The guards of a project's namespace, in the order they are applied.
  func guards(of project: Project) throws(DomainError) -> [Manifest] {
    let namespace = project.name
    let quota = ResourceQuotaManifest(
      namespace: namespace, cpu: project.quota.cpu, memory: project.quota.memory,
      pods: String(project.quota.pods))
    let plain = ProjectGuardManifest(
      namespace: namespace, admittedNamespaces: admittedNamespaces)
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

  /// The manifests of an application, in the order they are applied.
  ///
  /// - Throws: `internalError` when a rendered manifest isn't what the
  ///   specification asks for; nothing of it has gone anywhere then.
  func application(
    _ spec: ApplicationSpec, in namespace: String, stamp: ReleaseStamp
  ) throws(DomainError) -> [Manifest] {
    var manifests: [Manifest] = []
    if let port = spec.port {
      let view = ServiceManifest(name: spec.name, namespace: namespace, stamp: stamp, port: port)
      manifests.append(
        try check(
          Template.Manifests.service(view), CoreV1.Service.type, name: spec.name,
          namespace: namespace, shape: .service))
    }
    manifests.append(try deployment(spec, in: namespace, stamp: stamp))
    if case .automatic(let minimum, let maximum, let targetCPU) = spec.scaling {
      let view = HorizontalPodAutoscalerManifest(
        name: spec.name, namespace: namespace, stamp: stamp, minimum: minimum, maximum: maximum,
        targetCPU: targetCPU)
      manifests.append(
        try check(
          Template.Manifests.horizontalPodAutoscaler(view),
          AutoscalingV2.HorizontalPodAutoscaler.type, name: spec.name, namespace: namespace,
          shape: .horizontalPodAutoscaler))
    }
    return manifests
  }

  private func deployment(
    _ spec: ApplicationSpec, in namespace: String, stamp: ReleaseStamp
  ) throws(DomainError) -> Manifest {
    var replicas: Int?
    if case .fixed(let count) = spec.scaling { replicas = count }
    let view = DeploymentManifest(
      name: spec.name, namespace: namespace, stamp: stamp, replicas: replicas,
      image: spec.image.text, port: spec.port, environment: spec.environment,
      resources: spec.resources)
    let manifest = try check(
      Template.Manifests.deployment(view), AppsV1.Deployment.type, name: spec.name,
      namespace: namespace, shape: .deployment)
    try requireSameValues(manifest, spec)
    return manifest
  }

  /// What a person typed must come out of the parser as it went in: exactly
  /// one container, its image, and each variable.
  private func requireSameValues(
    _ manifest: Manifest, _ spec: ApplicationSpec
  ) throws(DomainError) {
    let containers = manifest.object.at("spec", "template", "spec", "containers")?.array ?? []
    let container = containers.first
    let environment = container?["env"]?.array ?? []
    let isSame =
      containers.count == 1 && container?["image"]?.string == spec.image.text
      && environment.count == spec.environment.count
      && zip(environment, spec.environment).allSatisfy { entry, variable in
        entry["name"]?.string == variable.name && entry["value"]?.string == variable.value
      }
    guard isSame else { throw Self.wrongShape(manifest.kind, "a value didn't survive rendering") }
  }

  private func check(
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
    return Manifest(
      name: name, yaml: String(decoding: rendered, as: UTF8.self), type: type, object: object)
  }

  private static func wrongShape(_ kind: String, _ why: String) -> DomainError {
    DomainError(
      .internalError, "BabyHelm rendered a \(kind) it doesn't trust, so nothing was sent.",
      advice: "This is a mistake in BabyHelm. Tell its operator.", underlying: why)
  }
}
