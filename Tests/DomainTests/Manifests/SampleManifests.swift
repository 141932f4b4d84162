import Foundation
import Kubernetes

import TestSupport

@testable import Domain

/// Manifests of many different specifications.
enum SampleManifests {
  static let stamp = ReleaseStamp(number: 7, author: "ann@example.org")

  static let project = Project(
    id: Project.ID(rawValue: "0f9a4c1e-7d0b-4c5e-9a51-2f7f6f0c9d11"), name: "shop",
    quota: ProjectQuota(cpu: "4", memory: "8Gi", pods: 50, storage: "50Gi"),
    podSecurity: .baseline, state: .creating, namespaceUID: nil,
    createdBy: User.ID(rawValue: "ann"), createdAt: Date(timeIntervalSince1970: 1_800_000_000))

  /// Every variant of every field, and values that break bad quoting.
  static let specs: [ApplicationSpec] = {
    let scalings: [ApplicationSpec.Scaling] = [
      .fixed(replicas: 0), .fixed(replicas: 100), .automatic(minimum: 1, maximum: 9, targetCPU: 75),
    ]
    var specs: [ApplicationSpec?] = []
    for scaling in scalings {
      for port in [nil, 1, 65_535] as [Int?] {
        for limit in [nil, "2"] as [String?] {
          specs.append(
            try? ApplicationSpec.sample(
              port: port, scaling: scaling, cpuLimit: limit,
              environment: limit == nil ? [] : [("MODE", "fast"), ("A.b-c", "")]))
        }
      }
    }
    specs.append(
      try? ApplicationSpec.sample(
        name: "x" + String(repeating: "0", count: 62),
        image: "registry.example.com:5000/a/b:1@sha256:" + String(repeating: "0a", count: 32),
        cpu: "1e3", cpuLimit: "9223372036854775807", memory: "1e9", memoryLimit: "8Ei"))
    // All hostile values in one, and words that YAML reads as something else
    // wherever a person may name things.
    specs.append(
      try? ApplicationSpec.sample(
        environment: HostileText.all.enumerated().map { ("V\($0.offset)", $0.element) }))
    for word in ["null", "yes", "on", "n", "true", "e1"] {
      specs.append(
        try? ApplicationSpec.sample(name: word, image: word, environment: [(word, word)]))
    }
    return specs.compactMap(\.self)
  }()

  static func application(
    _ spec: ApplicationSpec, podSecurity: PodSecurityLevel = .baseline,
    settings: ManifestSettings = ManifestSettings(), stamp: ReleaseStamp = stamp
  ) throws -> [Manifest] {
    try ManifestBuilder(settings: settings).application(
      spec, in: project.name, podSecurity: podSecurity, stamp: stamp)
  }

  static func ofProject(settings: ManifestSettings = ManifestSettings()) throws -> [Manifest] {
    let builder = ManifestBuilder(settings: settings)
    return [try builder.namespace(of: project)] + (try builder.guards(of: project))
  }

  /// Settings that close egress but for some networks.
  static func closedEgress(_ allowed: [String]) -> ManifestSettings {
    var settings = ManifestSettings()
    settings.egress = .closed(allowed: allowed)
    return settings
  }
}

extension [Manifest] {
  /// The Deployment among an application's manifests.
  var deployment: Manifest? { first { $0.kind == "Deployment" } }
}

extension Manifest {
  /// The pod's one container, of a Deployment.
  var container: JSONValue? { object.at("spec", "template", "spec", "containers")?[0] }
}
