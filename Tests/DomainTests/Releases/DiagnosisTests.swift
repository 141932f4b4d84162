import Foundation
import Kubernetes
import Testing

@testable import Domain

struct DiagnosisTests {
  /// An application that is on its way, so that something may be wrong.
  private func diagnosis(_ change: (inout LiveApplication) -> Void) throws -> Diagnosis? {
    var live = LiveApplication()
    live.available = 1
    live.ready = 1
    change(&live)
    return Diagnosis.of(try live.status())
  }

  @Test func `nothing is wrong with what serves or is on its way`() throws {
    #expect(Diagnosis.of(try LiveApplication().status()) == nil)
    #expect(try diagnosis { _ in } == nil)
    #expect(try diagnosis { $0.pods[1].isReady = false } == nil)
    #expect(Diagnosis.of(ClusterState(awaiting: []).status(of: "web", in: "shop")) == nil)
  }

  @Test func `what an evicted pod left behind isn't wrong while all replicas serve`() throws {
    var live = LiveApplication()
    live.pods.append(
      LivePod("web-1-c") { pod in
        pod.phase = "Failed"
        pod.reason = "Evicted"
        pod.isReady = false
        pod.state = nil
      })

    #expect(Diagnosis.of(try live.status()) == nil)
    live.available = 1
    let lasting = Diagnosis.of(try live.status())
    #expect(lasting?.evidence == "web-1-c: Evicted")
  }

  @Test func `an application that was stopped has nothing wrong with it`() throws {
    let stopped = try diagnosis { live in
      live.desired = 0
      live.pods[0].state = LivePod.ended(137, "Error")
      live.pods[0].isReady = false
    }

    #expect(stopped == nil)
  }

  @Test(arguments: DiagnosisCase.all)
  func `a cause is told in plain words, with its evidence and its cure`(
    known: DiagnosisCase
  ) throws {
    let status = try known.status()

    let found = try #require(Diagnosis.of(status, lastLines: known.lastLines))

    #expect(found.id == known.id)
    #expect(found.sentence == known.sentence)
    #expect(found.evidence == known.evidence)
    #expect(found.field == known.field)
    #expect(found.advice.hasSuffix("."))
  }

  @Test func `every rule has a case, and no two rules share an id`() {
    let ids = DiagnosisRule.all.map(\.id)

    #expect(Set(ids).count == ids.count)
    #expect(Set(ids) == Set(DiagnosisCase.all.map(\.id)))
  }

  @Test func `every rule is explained in docs/diagnosis.md`() throws {
    var root = URL(filePath: #filePath).resolvingSymlinksInPath()
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let page = try String(
      contentsOf: root.appending(path: "docs/diagnosis.md"), encoding: .utf8)

    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let ids = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }

    #expect(ids == DiagnosisRule.all.map(\.id))
  }

  @Test func `of several causes the first is told`() throws {
    let found = try diagnosis { live in
      live.conditions = [
        ("ReplicaFailure", "True", "FailedCreate", "exceeded quota: project"),
        ("Progressing", "False", "ProgressDeadlineExceeded", "has timed out"),
      ]
      live.pods[1].state = LivePod.waiting("CrashLoopBackOff")
    }

    #expect(found?.id == "quota")
  }

  @Test func `the newest release's pods tell more than those before`() throws {
    let found = try diagnosis { live in
      live.revision = "2"
      live.replicaSets = [("1", 1), ("2", 0)]
      live.pods[0].state = LivePod.waiting("ImagePullBackOff", "from the old release")
      live.pods[1] = LivePod("web-2-a") { pod in
        pod.revision = "2"
        pod.isReady = false
        pod.state = LivePod.waiting("ImagePullBackOff", "from the new release")
      }
    }

    #expect(found?.evidence == "from the new release")
  }

  @Test func `evidence is cut to what a page can show`() throws {
    let message = "exceeded quota: " + String(repeating: "x", count: 5000)
    let found = try diagnosis { live in
      live.conditions.append(("ReplicaFailure", "True", "FailedCreate", message))
    }

    #expect(found?.evidence.count == Diagnosis.evidenceLimit)
  }

  @Test func `a pull that waits tells what its event says`() throws {
    let found = try diagnosis { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting(
        "ImagePullBackOff", "Back-off pulling image \"nginx:1.27\"")
      live.warnings = [
        ("web-1-b", "Failed", "Failed to pull image \"nginx:1.27\": 401 Unauthorized"),
        ("web-1-b", "Failed", "Error: ImagePullBackOff"),
      ]
    }

    #expect(found?.id == "registry-login")
    #expect(found?.evidence == "Failed to pull image \"nginx:1.27\": 401 Unauthorized")
  }

  @Test func `words in an image's name don't count`() throws {
    let known = DiagnosisCase.waiting(
      "", "", nil, "ErrImagePull", "pulling nginx:1.27: something odd")
    var live = LiveApplication()
    live.available = 1
    known.change(&live)
    for name in ["denied", "unauthorized/not-found", "x509"] {
      #expect(PullFailure("ErrImagePull", "pulling \(name): odd", image: name) == .unclear)
    }
    #expect(Diagnosis.of(try live.status())?.id == "image-pull")
  }

  @Test func `what the scheduler can't tell about a volume the claim's event does`() throws {
    let found = try diagnosis { live in
      live.pods[1] = LivePod("web-1-b") { pod in
        pod.phase = "Pending"
        pod.node = ""
        pod.state = nil
        pod.isReady = false
        pod.unschedulable =
          "0/3 nodes are available: pod has unbound immediate "
          + "PersistentVolumeClaims."
      }
      live.warnings = [
        ("web-data", "ProvisioningFailed", "storageclass.storage.k8s.io \"fast\" not found")
      ]
    }

    #expect(
      found?.evidence.hasPrefix("storageclass.storage.k8s.io \"fast\" not found\n0/3") == true)
  }

  @Test func `an autoscaler without metrics and a clash are told while all replicas serve`() throws
  {
    var live = LiveApplication()
    live.scaling = [("ScalingActive", "False", "FailedGetResourceMetric", "no metrics")]
    #expect(Diagnosis.of(try live.status())?.id == "autoscaler-no-metrics")

    live = LiveApplication()
    live.foreignReplicaSets = ["set-theirs"]
    live.pods.append(LivePod("theirs-x") { $0.owner = ("ReplicaSet", "set-theirs") })
    let found = Diagnosis.of(try live.status())
    #expect(found?.id == "selector-clash")

    live.pods[2].isDeleted = true
    #expect(Diagnosis.of(try live.status()) == nil)
  }

  @Test func `a check that failed before the replica was ready is no news`() throws {
    let found = try diagnosis { live in
      live.warnings = [("web-1-b", "Unhealthy", "Readiness probe failed: connection refused")]
    }

    #expect(found == nil)
  }

  @Test func `another application's probe isn't evidence`() throws {
    let state = ClusterState(awaiting: [])
    var api = LiveApplication()
    api.name = "web-api"
    try api.put(into: state)
    var web = LiveApplication()
    web.available = 1
    web.pods[1].isReady = false
    web.warnings = [("web-api-1-a", "Unhealthy", "theirs")]
    try web.put(into: state)

    #expect(Diagnosis.of(state.status(of: "web", in: "shop")) == nil)
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)),
    arguments: [
      (
        "failing-pods", "pull", "shop", "image-not-found",
        "\"registry.invalid/broken:1\": not found"
      ),
      ("failing-pods", "crash", "shop", "crash-loop", "restarting failed container"),
      ("failing-pods", "huge", "shop", "no-room", "1 Insufficient cpu"),
      ("failing-pods", "priv", "shop", "pod-security", "allowPrivilegeEscalation"),
      ("quota-and-limits", "big", "tiny", "quota", "limited: requests.cpu=250m"),
      ("progress-deadline", "late", "shop", "progress-deadline", "has timed out progressing"),
    ])
  func `a real failure is explained`(
    file: String, name: String, namespace: String, id: String, evidence: String
  ) throws {
    let state = ClusterState(awaiting: [])
    for object in try SharedMaterial.objects(in: file) { try state.put(object.kind, object.json) }

    let found = try #require(Diagnosis.of(state.status(of: name, in: namespace)))

    #expect(found.id == id)
    #expect(found.evidence.contains(evidence))
    #expect(found.advice.hasSuffix("."))
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)))
  func `nothing is wrong with any real application that is healthy`() throws {
    var healthy = 0
    for file in try SharedMaterial.files() {
      let state = ClusterState(awaiting: [])
      let objects = try SharedMaterial.objects(in: file)
      for object in objects { try state.put(object.kind, object.json) }
      for object in objects where object.kind == "Deployment" {
        let name = object.json.at("metadata", "name")?.string ?? ""
        let namespace = object.json.at("metadata", "namespace")?.string ?? ""
        let status = state.status(of: name, in: namespace)
        guard status.health == .healthy else { continue }
        healthy += 1
        #expect(Diagnosis.of(status) == nil, "\(file): \(namespace)/\(name)")
      }
    }
    #expect(healthy > 0)
  }
}
