import Kubernetes
import Testing

@testable import Domain

@Suite(
  .enabled(if: OpenAPISchemas.folder != nil, Comment(rawValue: SharedMaterial.withoutSchemas)))
struct ManifestSchemaTests {
  private func mistakes(in object: JSONValue) throws -> [String] {
    try OpenAPISchemas.of(object["apiVersion"]?.string ?? "").mistakes(in: object)
  }

  @Test(arguments: SampleManifests.specs)
  func `an application's manifests are valid under Kubernetes' schemas`(
    spec: ApplicationSpec
  ) throws {
    for manifest in try SampleManifests.application(spec) {
      #expect(try mistakes(in: manifest.object) == [], "\(manifest.kind)")
    }
  }

  @Test func `manifests of generated specifications are valid, whatever the level`() throws {
    for (index, spec) in GeneratedSpecs.all.enumerated() {
      let level = index.isMultiple(of: 2) ? PodSecurityLevel.baseline : .restricted
      for manifest in try SampleManifests.application(spec, podSecurity: level) {
        let found = try mistakes(in: manifest.object)
        #expect(found == [], "\(manifest.kind) of \(spec.name)")
      }
    }
  }

  @Test(arguments: [SecretVersion.Purpose.values, .registryLogin])
  func `a Secret's manifest is valid under Kubernetes' schemas`(
    purpose: SecretVersion.Purpose
  ) throws {
    let data =
      purpose == .values
      ? ["KEY": Array("a \"value\": {{x}}\n".utf8), "file-0123456789": [0xff, 0x00]]
      : SecretVersion.loginData(server: "example.com:5000", user: "ann", password: "\"{:}\n")
    let version = SecretVersion(name: "web-secrets-1", purpose: purpose, data: data)
    for isMasked in [false, true] {
      let manifest = try ManifestBuilder().secret(
        version, of: "web", in: "shop", stamp: ReleaseStamp(number: 1, author: "ann@example.org"),
        isMasked: isMasked)
      #expect(try mistakes(in: manifest.object) == [])
      #expect(manifest.yaml.contains(SecretVersion.mask) == isMasked)
    }
  }

  @Test(arguments: [
    ManifestSettings(), SampleManifests.closedEgress([]),
    SampleManifests.closedEgress(["10.0.0.0/8", "fd00::/8"]),
  ])
  func `a project's manifests are valid under Kubernetes' schemas`(
    settings: ManifestSettings
  ) throws {
    for manifest in try SampleManifests.ofProject(settings: settings) {
      #expect(try mistakes(in: manifest.object) == [], "\(manifest.kind)")
    }
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)),
    arguments: ["deploy", "whole-application", "namespace-lifecycle", "quota-and-limits"])
  func `what a real API server sends is valid`(file: String) throws {
    let known: Set<String> = ["v1", "apps/v1", "autoscaling/v2", "networking.k8s.io/v1"]
    var count = 0
    for object in try SharedMaterial.objects(in: file) {
      guard let version = object.json["apiVersion"]?.string, known.contains(version) else {
        continue
      }
      let found = try mistakes(in: object.json)
      #expect(found == [], "\(object.kind): \(found)")
      count += 1
    }
    #expect(count > 0)
  }

  @Test(
    arguments: [
      (["spec", "replicas"], "3", ".spec.replicas: it isn't of type integer"),
      (["spec", "replicas"], 3_000_000_000, ".spec.replicas: it is out of range"),
      (["spec", "replicas"], 1.5, ".spec.replicas: it isn't of type integer"),
      (["spec", "replicas"], nil, ".spec.replicas: it isn't of type integer"),
      (["spec", "replcas"], 3, ".spec.replcas: there is no such field"),
      (["spec", "paused"], "true", ".spec.paused: it isn't of type boolean"),
      (["spec", "selector"], [], ".spec.selector: it isn't of type object"),
      (["spec", "template", "spec"], [:], ".spec.template.spec.containers: it is missing"),
      (
        ["spec", "template", "spec", "containers"], [["image": "a"]],
        ".spec.template.spec.containers[0].name: it is missing"
      ),
      (
        ["spec", "template", "spec", "containers"],
        [["name": "a", "resources": ["limits": ["cpu": true]]]],
        ".spec.template.spec.containers[0].resources.limits.cpu: it is none of the allowed types"
      ),
      (
        ["spec", "strategy", "rollingUpdate", "maxSurge"], [:],
        ".spec.strategy.rollingUpdate.maxSurge: it is none of the allowed types"
      ),
      (["metadata", "labels", "a"], 1, ".metadata.labels.a: it isn't of type string"),
      (
        ["metadata", "creationTimestamp"], 1, ".metadata.creationTimestamp: it isn't of type string"
      ),
      (["spec"], [:], ".spec.selector: it is missing"),
    ] as [([String], JSONValue, String)])
  func `a mistake in a manifest is found`(
    path: [String], value: JSONValue, mistake: String
  ) throws {
    let deployment = try #require(try SampleManifests.application(.sample()).deployment).object

    let wrong = deployment.setting(path, to: value)

    #expect(try mistakes(in: wrong).contains(mistake))
  }

  @Test func `an unknown kind has no schema`() throws {
    let object: JSONValue = ["apiVersion": "v1", "kind": "Deployment"]

    #expect(try mistakes(in: object) == [": there is no schema of its kind"])
  }

  @Test func `a percentage and a number are both an int-or-string`() throws {
    let deployment = try #require(try SampleManifests.application(.sample()).deployment).object
    let path = ["spec", "strategy", "rollingUpdate", "maxSurge"]

    #expect(try mistakes(in: deployment.setting(path, to: "25%")) == [])
    #expect(try mistakes(in: deployment.setting(path, to: 2)) == [])
  }
}

extension JSONValue {
  /// The value with another one at a path of keys.
  fileprivate func setting(_ path: [String], to value: JSONValue) -> JSONValue {
    guard let key = path.first else { return value }
    var copy = self
    copy[key] = (self[key] ?? [:]).setting(Array(path.dropFirst()), to: value)
    return copy
  }
}
