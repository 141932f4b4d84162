internal import Foundation
internal import Kubernetes

extension ManifestBuilder {
  /// The manifests of an application, in the order they are applied: what pods
  /// need before them, what needs pods after them.
  ///
  /// - Parameter secretVersions: the `resourceVersion` of each Secret that it
  ///   uses, so that a changed one makes new pods.
  /// - Throws: `internalError` when a rendered manifest isn't what the
  ///   specification asks for; nothing of it has gone anywhere then.
  func application(
    _ spec: ApplicationSpec, in namespace: String, podSecurity: PodSecurityLevel,
    stamp: ReleaseStamp, secretVersions: [String: String] = [:]
  ) throws(DomainError) -> [Manifest] {
    let parts = Parts(
      builder: self, spec: spec, namespace: namespace, stamp: stamp,
      secretVersions: secretVersions)
    var manifests = try parts.claims()
    manifests += try parts.files()
    manifests += try parts.service()
    manifests.append(try parts.deployment(isRestricted: podSecurity == .restricted))
    manifests += try parts.autoscaler()
    manifests += try parts.disruptionBudget()
    manifests += try parts.ingress()
    return manifests
  }

  /// How long a rollout may stand still, in seconds: five minutes beyond what a
  /// replica may take to start.
  static func progressDeadline(of spec: ApplicationSpec) -> Int {
    300 + spec.healthCheck.startSeconds
  }

  /// One application's manifests, kind by kind; an empty list for a kind it
  /// doesn't have.
  private struct Parts {
    let builder: ManifestBuilder
    let spec: ApplicationSpec
    let namespace: String
    let stamp: ReleaseStamp
    let secretVersions: [String: String]

    func claims() throws(DomainError) -> [Manifest] {
      var manifests: [Manifest] = []
      for volume in spec.volumes {
        let name = spec.claimName(of: volume)
        let view = PersistentVolumeClaimManifest(
          name: name, application: spec.name, namespace: namespace, stamp: stamp,
          className: builder.settings.storageClass, size: volume.size)
        manifests.append(
          try builder.check(
            Template.Manifests.persistentVolumeClaim(view), .persistentVolumeClaim, name: name,
            namespace: namespace, shape: .persistentVolumeClaim))
      }
      return manifests
    }

    func files() throws(DomainError) -> [Manifest] {
      guard let name = spec.filesName else { return [] }
      let view = ConfigMapManifest(
        name: name, application: spec.name, namespace: namespace, stamp: stamp,
        files: spec.fileManifests)
      let manifest = try builder.check(
        Template.Manifests.configMap(view), .configMap, name: name, namespace: namespace,
        shape: .configMap)
      let data = manifest.object["data"]
      guard view.files.allSatisfy({ data?[$0.key]?.string == $0.content }) else {
        throw ManifestBuilder.wrongShape(manifest.kind, "a file didn't survive rendering")
      }
      return [manifest]
    }

    func service() throws(DomainError) -> [Manifest] {
      guard !spec.ports.isEmpty else { return [] }
      var tailnetName: String?
      if case .tailnet(let hostname) = spec.exposure { tailnetName = hostname }
      let view = ServiceManifest(
        name: spec.name, namespace: namespace, stamp: stamp, ports: spec.portManifests,
        tailnetName: tailnetName)
      return [try check(Template.Manifests.service(view), .service, .service)]
    }

    func autoscaler() throws(DomainError) -> [Manifest] {
      guard !spec.isStopped,
        case .automatic(let minimum, let maximum, let targetCPU) = spec.scaling
      else { return [] }
      let view = HorizontalPodAutoscalerManifest(
        name: spec.name, namespace: namespace, stamp: stamp, minimum: minimum, maximum: maximum,
        targetCPU: targetCPU)
      return [
        try check(
          Template.Manifests.horizontalPodAutoscaler(view), .horizontalPodAutoscaler,
          .horizontalPodAutoscaler)
      ]
    }

    /// With a single replica a budget would keep a node from being emptied.
    func disruptionBudget() throws(DomainError) -> [Manifest] {
      guard spec.minimumReplicas > 1 else { return [] }
      let view = PodDisruptionBudgetManifest(name: spec.name, namespace: namespace, stamp: stamp)
      return [
        try check(
          Template.Manifests.podDisruptionBudget(view), .podDisruptionBudget, .podDisruptionBudget)
      ]
    }

    func ingress() throws(DomainError) -> [Manifest] {
      guard case .ingress(let host, let isEncrypted) = spec.exposure else { return [] }
      let view = IngressManifest(
        name: spec.name, namespace: namespace, stamp: stamp,
        className: builder.settings.ingressClass,
        host: host, certificate: isEncrypted ? "\(spec.name)-tls" : nil,
        portName: ApplicationSpec.mainPortName)
      return [try check(Template.Manifests.ingress(view), .ingress, .ingress)]
    }

    func deployment(isRestricted: Bool) throws(DomainError) -> Manifest {
      var replicas: Int?
      if case .fixed(let count) = spec.scaling { replicas = count }
      if spec.isStopped { replicas = 0 }
      let checks = spec.healthCheck
      let probe = ProbeManifest(checks.probe, port: spec.mainPort)
      let view = DeploymentManifest(
        name: spec.name, namespace: namespace, stamp: stamp, replicas: replicas,
        progressDeadlineSeconds: ManifestBuilder.progressDeadline(of: spec),
        rolling: spec.replacesAllAtOnce
          ? nil
          : RollingUpdateManifest(
            surge: spec.update.surge, unavailable: spec.update.unavailable),
        image: spec.image.text, pullSecret: spec.imagePullSecret, command: spec.command,
        arguments: spec.arguments, ports: spec.portManifests, readiness: probe,
        liveness: checks.restarts ? probe?.every(10, failures: 6) : nil,
        startup: checks.startSeconds > 0
          ? probe?.every(5, failures: (checks.startSeconds + 4) / 5) : nil,
        environment: spec.environment, secrets: spec.secretVariables, resources: spec.resources,
        isRestricted: isRestricted,
        userID: spec.userID, filesName: spec.filesName,
        configChecksum: spec.configChecksum(secretVersions: secretVersions),
        restartedAt: spec.restartedAt?.ISO8601Format(),
        files: spec.fileManifests,
        secretFilesName: spec.secretFileManifests.isEmpty ? nil : spec.secretValues?.secret,
        secretFiles: spec.secretFileManifests,
        volumes: spec.volumes.map {
          VolumeManifest(name: $0.name, path: $0.path, claim: spec.claimName(of: $0))
        })
      let manifest = try check(Template.Manifests.deployment(view), .deployment, .deployment)
      try requireSameValues(manifest)
      return manifest
    }

    private func check(
      _ rendered: [UInt8], _ type: ResourceType, _ shape: ManifestShape
    ) throws(DomainError) -> Manifest {
      try builder.check(rendered, type, name: spec.name, namespace: namespace, shape: shape)
    }

    /// What a person typed must come out of the parser as it went in: exactly
    /// one container, its image, its command, and each variable.
    private func requireSameValues(_ manifest: Manifest) throws(DomainError) {
      let containers = manifest.object.at("spec", "template", "spec", "containers")?.array ?? []
      let container = containers.first
      let environment = container?["env"]?.array ?? []
      let isSame =
        containers.count == 1 && container?["image"]?.string == spec.image.text
        && words(container?["command"]) == spec.command
        && words(container?["args"]) == spec.arguments
        && environment.count == spec.environment.count + spec.secretVariables.count
        && zip(environment, spec.environment).allSatisfy { entry, variable in
          entry["name"]?.string == variable.name && entry["value"]?.string == variable.value
        }
      guard isSame else {
        throw ManifestBuilder.wrongShape(manifest.kind, "a value didn't survive rendering")
      }
    }

    private func words(_ list: JSONValue?) -> [String] {
      (list?.array ?? []).compactMap(\.string)
    }
  }
}
