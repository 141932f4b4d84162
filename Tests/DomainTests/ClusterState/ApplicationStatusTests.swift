import Kubernetes
import Testing

@testable import Domain

struct ApplicationStatusTests {
  private func health(_ change: (inout LiveApplication) -> Void) throws -> Health {
    var live = LiveApplication()
    change(&live)
    return try live.status().health
  }

  @Test func `all replicas serve: healthy`() throws {
    let status = try LiveApplication().status()

    #expect(status.health == .healthy)
    #expect(status.desired == 2)
    #expect(status.ready == 2)
    #expect(status.updated == 2)
    #expect(status.release == 1)
    #expect(status.pods.map(\.name) == ["web-1-a", "web-1-b"])
    #expect(status.address == "web.shop.svc:8080")
    #expect(status.clusterIP == "10.0.0.7")
    #expect(status.servingPods == ["web-1-a", "web-1-b"])
    #expect(status.autoscaler == nil)
    #expect(status.newReplicaSet?.uid == "set-1")
  }

  @Test func `what isn't on the cluster is unknown`() {
    let status = ClusterState(awaiting: []).status(of: "web", in: "shop")

    #expect(status.health == .unknown)
    #expect(status.pods.isEmpty)
    #expect(status.address == nil)
    #expect(status.servingPods == nil)
    #expect(status.release == nil)
  }

  @Test func `scaled to nothing is stopped, whatever its pods do`() throws {
    let health = try health { live in
      live.desired = 0
      live.pods = [LivePod("web-1-a") { $0.isDeleted = true }]
    }

    #expect(health == .stopped)
  }

  @Test func `anything that hasn't settled is progressing`() throws {
    #expect(try health { $0.generation = 2 } == .progressing)
    #expect(try health { $0.updated = 1 } == .progressing)
    #expect(try health { $0.available = 1 } == .progressing)
    #expect(try health { $0.replicas = 3 } == .progressing)
    #expect(try health { $0.desired = 3 } == .progressing)
  }

  @Test func `a pod that fails makes it failing`() throws {
    let failing = LivePod("web-2-c") { pod in
      pod.isReady = false
      pod.state = LivePod.waiting("ImagePullBackOff")
    }

    let updating = try health { live in
      live.updated = 1
      live.pods.append(failing)
    }
    let settled = try health { $0.pods.append(failing) }

    #expect(updating == .failing)
    // What an older pod left behind harms nobody.
    #expect(settled == .healthy)
  }

  @Test func `refused pods and a passed deadline make it failing`() throws {
    let refused = try health { live in
      live.available = 1
      live.conditions.append(("ReplicaFailure", "True", "FailedCreate", "exceeded quota"))
    }
    let late = try health { live in
      live.available = 1
      live.conditions = [("Progressing", "False", "ProgressDeadlineExceeded", "")]
    }
    let recovered = try health { live in
      live.available = 1
      live.conditions.append(("ReplicaFailure", "False", "", ""))
    }

    #expect(refused == .failing)
    #expect(late == .failing)
    #expect(recovered == .progressing)
  }

  @Test func `applications with similar names don't mix`() throws {
    let state = ClusterState(awaiting: [])
    var api = LiveApplication()
    api.name = "web-api"
    api.pods = [LivePod("web-api-1-a")]
    api.serving = nil
    try LiveApplication().put(into: state)
    try api.put(into: state)

    let web = state.status(of: "web", in: "shop")
    let other = state.status(of: "web-api", in: "shop")

    #expect(web.pods.map(\.name) == ["web-1-a", "web-1-b"])
    #expect(other.pods.map(\.name) == ["web-api-1-a"])
    #expect(other.address == nil)
    #expect(other.servingPods == nil)
    #expect(state.status(of: "web", in: "shop-2").health == .unknown)
    #expect(
      state.health(of: ["web", "web-api", "none"], in: "shop") == [
        "web": .healthy, "web-api": .healthy, "none": .unknown,
      ])
  }

  @Test func `warnings are those about its own objects`() throws {
    let state = ClusterState(awaiting: [])
    var api = LiveApplication()
    api.name = "web-api"
    try api.put(into: state)
    var web = LiveApplication()
    web.warnings = [
      ("web", "A", ""), ("web-1", "B", ""), ("web-1-a", "C", ""), ("web-api", "D", ""),
      ("web-api-1-a", "E", ""), ("website-1-a", "F", ""), ("shop-web-1", "G", ""),
    ]
    try web.put(into: state)

    #expect(state.status(of: "web", in: "shop").warnings.map(\.reason) == ["A", "B", "C"])
    #expect(state.status(of: "web-api", in: "shop").warnings.map(\.reason) == ["D", "E"])
    #expect(state.status(of: "web", in: "other").warnings.isEmpty)
  }

  @Test func `the new ReplicaSet is that of the Deployment's revision`() throws {
    var live = LiveApplication()
    live.revision = "2"
    live.replicaSets = [(revision: "1", ready: 2), (revision: "2", ready: 1)]

    #expect(try live.status().newReplicaSet?.uid == "set-2")
    live.replicaSets.removeLast()
    #expect(try live.status().newReplicaSet == nil)
  }

  @Test func `an autoscaler's numbers are shown`() throws {
    let state = ClusterState(awaiting: [])
    try state.put(
      "HorizontalPodAutoscaler",
      [
        "metadata": ["name": "web", "namespace": "shop"],
        "spec": ["minReplicas": 2, "maxReplicas": 9],
        "status": ["currentReplicas": 3, "desiredReplicas": 4],
      ])

    let scaler = try #require(state.status(of: "web", in: "shop").autoscaler)

    #expect(scaler == .init(minimum: 2, maximum: 9, desired: 4))
  }

  @Test func `a Deployment that BabyHelm's release isn't on has none`() throws {
    var live = LiveApplication()
    live.release = nil

    #expect(try live.status().release == nil)
  }

  @Test func `the worst health is the greatest`() {
    let sorted: [Health] = [.stopped, .healthy, .progressing, .unknown, .failing]

    #expect(Health.allCases.shuffled().sorted() == sorted)
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)),
    arguments: [
      ("failing-pods", "pull", "shop", .failing), ("failing-pods", "crash", "shop", .failing),
      ("failing-pods", "huge", "shop", .progressing), ("failing-pods", "priv", "shop", .failing),
      ("quota-and-limits", "big", "tiny", .failing),
      ("progress-deadline", "late", "shop", .failing), ("deploy", "web", "shop", .healthy),
    ] as [(String, String, String, Health)])
  func `a real application's health is told`(
    file: String, name: String, namespace: String, health: Health
  ) throws {
    let state = ClusterState(awaiting: [])
    for object in try SharedMaterial.objects(in: file) { try state.put(object.kind, object.json) }

    #expect(state.status(of: name, in: namespace).health == health)
  }
}
