import Foundation
import Kubernetes
import Testing

@testable import Domain

struct SpecificationJSONTests {
  private func draft(
    _ json: String, named name: String = "web", replacing previous: ApplicationSpec? = nil
  ) throws(DomainError) -> ApplicationDraft {
    try SpecificationFile.draft(json: Array(json.utf8), named: name, replacing: previous)
  }

  private func merged(
    _ patch: String, into spec: ApplicationSpec
  ) throws(DomainError) -> ApplicationSpec {
    let json = try SpecificationFile.merging(Array(patch.utf8), into: spec)
    return try SpecificationFile.draft(json: json, named: spec.name, replacing: spec).validated()
  }

  private func fields(_ work: () throws(DomainError) -> Void) -> [String] {
    do throws(DomainError) {
      try work()
      return []
    } catch {
      return error.fields.isEmpty ? [error.reason.rawValue] : error.fields.map(\.field)
    }
  }

  private static let full = """
    {"name": "web", "image": "nginx:1.27", "ports": [80, "53/UDP"], "command": ["a"],
     "arguments": ["b", "c"], "replicas": 3,
     "resources": {"cpuRequest": "100m", "memoryRequest": "64Mi", "memoryLimit": "128Mi"},
     "environment": {"B": "2", "A": "1"}, "secrets": {"P": "database/password"},
     "healthCheck": {"http": "/healthz", "restarts": true, "startSeconds": 30},
     "update": {"surge": "25%", "unavailable": "0"}, "files": {"/etc/a": "x"},
     "exposure": {"ingress": "web.example.com", "encrypted": true}, "pullSecret": "login",
     "userID": 1000, "undoesFailures": true}
    """

  @Test func `a specification comes back from its JSON as it was`() throws {
    let spec = try draft(Self.full).validated()
    #expect(spec.undoesFailures && spec.scaling == .fixed(replicas: 3))

    let again = try SpecificationFile.draft(
      json: SpecificationFile.bytes(of: spec), named: "web", replacing: spec
    ).validated()

    #expect(again == spec)
  }

  @Test func `of secret values only the names are told, and null keeps them`() throws {
    let read = try draft(#"{"image": "nginx", "secretValues": {"TOKEN": null, "KEY": "new"}}"#)
    #expect(read.secretValues.map(\.target) == ["KEY", "TOKEN"])
    #expect(read.secretValues.map(\.value) == ["new", ""])
    let empty = fields { () throws(DomainError) in
      _ = try draft(#"{"image": "nginx", "secretValues": {"TOKEN": ""}}"#)
    }
    #expect(empty == ["secretValues.TOKEN"])
  }

  @Test(arguments: [
    (#"{"image": "nginx", "nonsense": 1}"#, "nonsense"),
    (#"{"image": ["x"]}"#, "image"), (#"{"image": "nginx", "replicas": "x y"}"#, "replicas"),
    (#"{"image": "nginx", "environment": ["A"]}"#, "environment"),
    (#"{"image": "nginx", "name": "other"}"#, "name"),
    (
      #"{"image": "nginx", "replicas": 2, "autoscaling": {"minimum": 1, "maximum": 2}}"#,
      "replicas"
    ),
    (#"{"image": "nginx", "podSecurity": "baseline"}"#, "podSecurity"), ("[]", "invalid"),
    ("{", "invalid"), ("", "invalid"),
  ])
  func `a mistake is told at its key`(json: String, field: String) {
    let found = fields { () throws(DomainError) in _ = try draft(json).validated() }
    #expect(found.contains(field) || field == "invalid" && !found.isEmpty, "\(found)")
  }

  @Test func `a merge patch changes what it names, and null takes away`() throws {
    let spec = try draft(Self.full).validated()

    let changed = try merged(
      #"{"image": "nginx:1.28", "environment": {"A": null, "C": "3"}, "pullSecret": null}"#,
      into: spec)

    #expect(changed.image.text == "nginx:1.28" && changed.pullSecret == nil)
    #expect(changed.environment.map(\.name) == ["B", "C"])
    var expected = spec
    (expected.image, expected.pullSecret, expected.environment) = (
      changed.image, nil, changed.environment
    )
    #expect(changed == expected, "nothing else is touched")
  }

  @Test func `turning an autoscaler on takes the replicas away, and off needs saying so`() throws {
    let spec = try draft(Self.full).validated()
    let scaled = try merged(
      #"{"autoscaling": {"minimum": 2, "maximum": 5, "targetCPU": 70}}"#, into: spec)
    #expect(scaled.scaling == .automatic(minimum: 2, maximum: 5, targetCPU: 70))

    let refused = fields { () throws(DomainError) in
      _ = try merged(#"{"replicas": 3}"#, into: scaled)
    }
    #expect(refused == ["replicas"])
    let off = try merged(#"{"replicas": 3, "autoscaling": null}"#, into: scaled)
    #expect(off.scaling == .fixed(replicas: 3))
  }

  @Test func `what a file doesn't say stays: that it is stopped`() throws {
    var spec = try draft(Self.full).validated()
    spec.isStopped = true
    #expect(try draft(Self.full, replacing: spec).validated().isStopped)
  }

  @Test(arguments: [
    ("host", "exposure.ingress"), ("environment.1.value", "environment.B"),
    ("environment.9.name", "environment"), ("cpuRequest", "resources.cpuRequest"),
    ("registryPassword", "registryLogin.password"), ("image", "image"),
    ("files.0.path", "files./etc/a"),
  ])
  func `a field of the form is found in the JSON`(field: String, path: String) throws {
    let draft = try draft(Self.full)
    #expect(SpecificationFile.path(of: field, in: draft) == path)
  }
}
