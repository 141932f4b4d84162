import Kubernetes
import Testing

@testable import Domain

struct ManifestShapeTests {
  private let shape = ManifestShape.map([
    "name": .scalar, "list": .list(.map(["value": .scalar])), "none": .map([:]),
  ])

  @Test(
    arguments: [
      [:], ["name": "web"], ["name": 1], ["name": true], ["list": []], ["none": [:]],
      ["list": [["value": "a"], [:], ["value": 2]]],
    ] as [JSONValue])
  func `an object with no other keys has the shape`(object: JSONValue) {
    #expect(shape.mismatch(of: object) == nil)
  }

  @Test(
    arguments: [
      (["names": "web"], ".names isn't expected"), (["name": ["a": 1]], ".name isn't a scalar"),
      (["name": ["a"]], ".name isn't a scalar"), (["name": nil], ".name isn't a scalar"),
      (["list": [:]], ".list has another type"), (["list": "a"], ".list has another type"),
      (["list": [["value": [1]]]], ".list[].value isn't a scalar"),
      (["list": [["value": 1], ["other": 1]]], ".list[].other isn't expected"),
      (["none": ["a": 1]], ".none.a isn't expected"), (["none": []], ".none has another type"),
      ([], " has another type"), ("text", " has another type"), (nil, " has another type"),
    ] as [(JSONValue, String)])
  func `anything else doesn't, and it says where`(object: JSONValue, mismatch: String) {
    #expect(shape.mismatch(of: object) == mismatch)
  }

  @Test(arguments: [
    ["hostNetwork"], ["hostPID"], ["volumes", "hostPath"], ["nodeName"], ["initContainers"],
    ["securityContext", "runAsGroup"], ["securityContext", "seccompProfile", "localhostProfile"],
    ["volumes", "projected"], ["containers", "envFrom"], ["containers", "volumeDevices"],
    ["containers", "securityContext", "privileged"], ["containers", "ports", "hostPort"],
    ["containers", "env", "valueFrom", "fieldRef"], ["containers", "resources", "claims"],
  ])
  func `a Deployment can't grow a dangerous key`(path: [String]) throws {
    let spec = try ApplicationDraft.sample {
      $0.environment = [.init(name: "A", value: "1")]
      $0.files = [.init(path: "/etc/app.conf", content: "a")]
    }.validated()
    let deployment = try #require(try SampleManifests.application(spec).deployment).object
    #expect(ManifestShape.deployment.mismatch(of: deployment) == nil)

    let grown = deployment.growing(["spec", "template", "spec"] + path)

    #expect(grown != deployment)
    let mismatch = try #require(ManifestShape.deployment.mismatch(of: grown))
    #expect(mismatch.hasSuffix(".\(path.last ?? "") isn't expected"))
  }
}

extension JSONValue {
  /// The value with `true` at a path; in lists, in the first element.
  fileprivate func growing(_ path: [String]) -> JSONValue {
    guard let key = path.first else { return true }
    if case .array(let elements) = self {
      return .array([elements.first?.growing(path) ?? .null] + elements.dropFirst())
    }
    var copy = self
    copy[key] = (self[key] ?? [:]).growing(Array(path.dropFirst()))
    return copy
  }
}
