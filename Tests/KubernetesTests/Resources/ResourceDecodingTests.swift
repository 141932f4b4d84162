import Kubernetes
import Testing

struct ResourceDecodingTests {
  @Test func `missing and null fields are empty`() throws {
    let pod = try CoreV1.Pod(json: [
      "metadata": ["name": "a", "labels": nil, "creationTimestamp": nil, "finalizers": nil],
      "spec": ["containers": nil, "unknown": [1, 2]], "status": nil, "more": true,
    ])

    #expect(pod.metadata == ObjectMeta(name: "a"))
    #expect(pod.spec.containers.isEmpty)
    #expect(pod.status.phase.isEmpty)
  }

  private static let mistakes: [(JSONValue, String, String)] = [
    (["metadata": ["name": 1]] as JSONValue, "metadata.name", "a string"),
    (["metadata": nil], "metadata", "an object"), (["spec": [:]], "metadata", "an object"),
    (["metadata": [:]], "metadata.name", "a string"),
    (
      ["metadata": ["name": "a", "creationTimestamp": "now"]], "metadata.creationTimestamp",
      "an RFC 3339 time"
    ),
    (
      ["metadata": ["name": "a"], "spec": ["containers": [["name": "x"], ["name": 2]]]],
      "spec.containers[1].name", "a string"
    ),
    (
      [
        "metadata": ["name": "a"],
        "spec": ["containers": [["resources": ["limits": ["cpu": "lots"]]]]],
      ],
      "spec.containers[0].resources.limits.cpu", "a quantity"
    ),
    (
      ["metadata": ["name": "a"], "status": ["containerStatuses": [["restartCount": "3"]]]],
      "status.containerStatuses[0].restartCount", "a whole number"
    ),
    (
      ["metadata": ["name": "a"], "status": ["containerStatuses": [["ready": 1]]]],
      "status.containerStatuses[0].ready", "true or false"
    ),
    (["metadata": ["name": "a", "labels": ["x": 1]]], "metadata.labels.x", "a string"),
    (["metadata": ["name": "a", "finalizers": ["x", 1]]], "metadata.finalizers[1]", "a string"),
    (["metadata": ["name": "a"], "spec": []], "spec", "an object"),
    ([1], "", "an object"),
  ]

  @Test(arguments: mistakes)
  func `a field of the wrong type is named`(json: JSONValue, path: String, expected: String) {
    let error = #expect(throws: ResourceDecodingError.self) { try CoreV1.Pod(json: json) }

    #expect(error == ResourceDecodingError(path: path, expected: expected))
  }

  @Test func `a container has one state`() throws {
    func state(_ json: JSONValue) throws -> CoreV1.ContainerState? {
      try CoreV1.Pod(json: [
        "metadata": ["name": "a"], "status": ["containerStatuses": [["name": "x", "state": json]]],
      ]).status.containerStatuses.first?.state
    }

    #expect(try state([:]) == nil)
    #expect(try state(["running": [:]]) == .running(since: nil))
    #expect(
      try state(["waiting": ["reason": "ImagePullBackOff", "message": "no"]])
        == .waiting(reason: "ImagePullBackOff", message: "no"))
    guard
      case .terminated(let end)? = try state([
        "terminated": ["exitCode": 137, "reason": "OOMKilled", "signal": 9]
      ])
    else {
      Issue.record("it isn't terminated")
      return
    }
    #expect(end.exitCode == 137)
    #expect(end.reason == "OOMKilled")
    #expect(end.signal == 9)
  }

  @Test func `a service's ports may name the pods' ports`() throws {
    let service = try CoreV1.Service(json: [
      "metadata": ["name": "web"],
      "spec": [
        "ports": [
          ["port": 80, "targetPort": "http"], ["port": 81, "targetPort": 8081], ["port": 82],
        ]
      ],
      "status": ["loadBalancer": ["ingress": [["ip": "10.0.0.1"], ["hostname": "a.example"]]]],
    ])

    #expect(service.spec.ports.map(\.targetPort) == ["http", "8081", "82"])
    #expect(service.loadBalancerAddresses == ["10.0.0.1", "a.example"])
  }

  @Test func `an event of the newer API tells when and how often, too`() throws {
    let event = try CoreV1.Event(json: [
      "metadata": ["name": "e"], "eventTime": "2026-01-01T00:00:00.123456Z",
      "series": ["count": 7, "lastObservedTime": "2026-01-01T00:10:00.000000Z"],
      "reportingComponent": "scheduler",
    ])

    #expect(event.count == 7)
    #expect(event.lastSeen == Timestamp.date("2026-01-01T00:10:00Z"))
    #expect(event.source == "scheduler")
  }

  @Test func `a secret forgets what kubectl apply left behind`() throws {
    let secret = try CoreV1.Secret(json: [
      "metadata": [
        "name": "s",
        "annotations": [
          "kubectl.kubernetes.io/last-applied-configuration": "{password}", "a": "b",
        ],
      ],
      "data": ["password": "aHVudGVyMg=="],
    ])

    #expect(secret.keys == ["password"])
    #expect(secret.metadata.annotations == ["a": "b"])
  }
}
