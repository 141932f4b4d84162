import Kubernetes
import Testing

@testable import Domain

struct ObjectDifferenceTests {
  private func changes(_ live: JSONValue, _ planned: JSONValue) -> [FieldChange] {
    ObjectDifference.changes(from: live, to: planned)
  }

  private func change(_ path: String, _ old: String?, _ new: String?) -> FieldChange {
    FieldChange(path: path, old: old, new: new)
  }

  @Test func `equal objects don't differ`() {
    let object: JSONValue = ["spec": ["replicas": 2, "list": [1, ["a": nil]]]]

    #expect(changes(object, object).isEmpty)
    #expect(changes([:], [:]).isEmpty)
  }

  @Test func `a field that is changed, new or gone is told with its path`() {
    let live: JSONValue = ["spec": ["a": 1, "gone": "x", "same": true], "kind": "A"]
    let planned: JSONValue = ["spec": ["a": 2, "new": false, "same": true], "kind": "A"]

    #expect(
      changes(live, planned) == [
        change("spec.a", "1", "2"), change("spec.gone", "x", nil), change("spec.new", nil, "false"),
      ])
  }

  @Test func `what the server keeps for itself is left out`() {
    let live: JSONValue = [
      "metadata": [
        "uid": "1", "resourceVersion": "1", "generation": 1, "creationTimestamp": "a",
        "managedFields": [["manager": "a"]],
        "annotations": [
          "babyhelm.io/release": "1", "babyhelm.io/author": "ann@example.org",
          "deployment.kubernetes.io/revision": "1",
        ],
      ], "status": ["replicas": 1],
    ]
    let planned: JSONValue = [
      "metadata": [
        "uid": "2", "resourceVersion": "2", "generation": 2, "creationTimestamp": "b",
        "managedFields": [["manager": "b"]],
        "annotations": [
          "babyhelm.io/release": "2", "babyhelm.io/author": "bob@example.org",
          "deployment.kubernetes.io/revision": "2",
        ],
      ], "status": ["replicas": 2],
    ]

    #expect(changes(live, planned).isEmpty)
    #expect(changes(["metadata": [:]], planned["metadata"].map { ["metadata": $0] } ?? []).isEmpty)
    #expect(changes(live, [:]).isEmpty)
  }

  @Test func `another annotation, and fields of such names elsewhere, are told`() {
    let live: JSONValue = [
      "metadata": ["annotations": ["a/b": "1"]], "spec": ["status": 1, "uid": 1],
    ]
    let planned: JSONValue = ["metadata": ["annotations": [:]], "spec": ["status": 2, "uid": 2]]

    #expect(
      changes(live, planned) == [
        change("metadata.annotations.a/b", "1", nil), change("spec.status", "1", "2"),
        change("spec.uid", "1", "2"),
      ])
  }

  @Test func `named things in a list are compared by name`() {
    let live: JSONValue = [
      "env": [
        ["name": "A", "value": "1"], ["name": "B", "value": "2"], ["name": "C", "value": "3"],
      ]
    ]
    let planned: JSONValue = [
      "env": [
        ["name": "N", "value": "9"], ["name": "A", "value": "1"], ["name": "C", "value": "4"],
      ]
    ]

    #expect(
      changes(live, planned) == [
        change("env[B].name", "B", nil), change("env[B].value", "2", nil),
        change("env[C].value", "3", "4"), change("env[N].name", nil, "N"),
        change("env[N].value", nil, "9"),
      ])
  }

  @Test func `another order of named things is a change`() {
    let live: JSONValue = ["env": [["name": "A", "value": "1"], ["name": "B", "value": "$(A)"]]]
    let planned: JSONValue = [
      "env": [["name": "B", "value": "$(A)"], ["name": "A", "value": "1"]]
    ]

    // It makes a new pod template, so a plan may not say that nothing changes.
    #expect(changes(live, planned) == [change("env", "A, B", "B, A")])
  }

  @Test func `other lists are compared by position`() {
    #expect(
      changes(["a": [1, 2, 3]], ["a": [1, 4]]) == [
        change("a[1]", "2", "4"), change("a[2]", "3", nil),
      ])
    // Names that stand twice say nothing.
    let live: JSONValue = ["a": [["name": "x", "v": 1], ["name": "x", "v": 2]]]
    let planned: JSONValue = ["a": [["name": "x", "v": 1], ["name": "x", "v": 3]]]
    #expect(changes(live, planned) == [change("a[1].v", "2", "3")])
    #expect(changes(["a": []], ["a": [["name": "x"]]]) == [change("a[x].name", nil, "x")])
  }

  @Test func `a value of another type is told as JSON`() {
    #expect(changes(["a": 1], ["a": ["b": 2]]) == [change("a", "1", #"{"b":2}"#)])
    #expect(changes(["a": "1"], ["a": 1]) == [change("a", "1", "1")])
    #expect(changes(["a": nil], ["a": "x"]) == [change("a", "null", "x")])
    #expect(changes([:], ["a": [:]]) == [change("a", nil, "{}")])
    #expect(changes(["a": []], [:]) == [change("a", "[]", nil)])
  }

  @Test func `a new object is told field by field`() {
    let planned: JSONValue = ["spec": ["limits": ["cpu": "1", "memory": "1Gi"]]]

    #expect(
      changes(["spec": [:]], planned) == [
        change("spec.limits.cpu", nil, "1"), change("spec.limits.memory", nil, "1Gi"),
      ])
    #expect(
      changes(planned, ["spec": [:]]) == [
        change("spec.limits.cpu", "1", nil), change("spec.limits.memory", "1Gi", nil),
      ])
  }

  @Test func `every changed value of a Deployment is found`() throws {
    let live = try #require(
      try SampleManifests.application(.sample(environment: [("A", "1")])).deployment)
    let other = try #require(
      try SampleManifests.application(
        .sample(
          image: "nginx:1.28", port: nil, scaling: .fixed(replicas: 3), cpu: "200m",
          cpuLimit: "1", environment: [("A", "2")])
      ).deployment)
    let container = "spec.template.spec.containers[app]"

    let found = changes(live.object, other.object)

    #expect(
      found.map(\.path) == [
        "spec.replicas", "\(container).env[A].value", "\(container).image",
        "\(container).ports", "\(container).readinessProbe.failureThreshold",
        "\(container).readinessProbe.periodSeconds",
        "\(container).readinessProbe.tcpSocket.port",
        "\(container).readinessProbe.timeoutSeconds", "\(container).resources.limits.cpu",
        "\(container).resources.requests.cpu",
      ])
    #expect(found.map(\.path) == found.map(\.path).sorted())
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings))
  )
  func `somebody's change on a real cluster is one field`() throws {
    let path = "/apis/apps/v1/namespaces/shop/deployments/drift?fieldManager="
    let ours = try SharedMaterial.answer(
      in: "apply-conflict", "PATCH", path + "babyhelm", status: 201)
    let theirs = try SharedMaterial.answer(
      in: "apply-conflict", "PATCH", path + "kubectl-edit", status: 200)

    let found = changes(ours, theirs)

    #expect(found.count == 1, "\(found)")
    #expect(changes(ours, ours).isEmpty)
  }
}
