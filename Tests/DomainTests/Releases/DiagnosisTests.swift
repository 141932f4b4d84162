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

  private func diagnosis(
    failing reason: String, _ message: String = "", last: JSONValue = [:]
  ) throws -> Diagnosis? {
    try diagnosis { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting(reason, message)
      live.pods[1].lastState = last
    }
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

  @Test(arguments: ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"])
  func `an image that can't be pulled`(reason: String) throws {
    let found = try diagnosis(failing: reason, "manifest unknown")

    #expect(found?.sentence == "The image “nginx:1.27” can't be pulled.")
    #expect(found?.evidence == "manifest unknown")
    #expect(try diagnosis(failing: reason)?.evidence == "web-1-b: \(reason)")
  }

  @Test func `a program that ends again and again, with its exit code`() throws {
    let crash = try diagnosis(failing: "CrashLoopBackOff", last: LivePod.ended(3, "Error"))
    let unknown = try diagnosis(failing: "CrashLoopBackOff")
    let just = try diagnosis { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.ended(1, "Error")
    }

    #expect(
      crash?.sentence == "The program in the container starts and ends again with exit code 3.")
    #expect(unknown?.sentence == "The program in the container starts and ends again.")
    #expect(
      just?.sentence == "The program in the container starts and ends again with exit code 1.")
  }

  @Test func `a program that used too much memory`() throws {
    let ended = try diagnosis { live in
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.ended(137, "OOMKilled")
    }
    let waiting = try diagnosis(
      failing: "CrashLoopBackOff", last: LivePod.ended(137, "OOMKilled"))

    for found in [ended, waiting] {
      #expect(found?.sentence == "The program used more memory than its limit and was ended.")
      #expect(found?.advice.contains("memory limit") == true)
    }
  }

  @Test func `configuration that is missing`() throws {
    let found = try diagnosis(
      failing: "CreateContainerConfigError", "secret \"db\" not found")

    #expect(found?.sentence.contains("configuration") == true)
    #expect(found?.evidence == "secret \"db\" not found")
  }

  @Test func `a reason we don't know is told as it is`() throws {
    let found = try diagnosis(failing: "SomethingNew", "a word from the future")

    #expect(found?.sentence == "We don't know this one. Kubernetes says:")
    #expect(found?.evidence == "a word from the future")
  }

  @Test func `no room on any node`() throws {
    let found = try diagnosis { live in
      live.pods[1] = LivePod("web-1-b") { pod in
        pod.phase = "Pending"
        pod.node = ""
        pod.state = nil
        pod.isReady = false
        pod.unschedulable = "0/1 nodes are available: 1 Insufficient cpu."
      }
    }

    #expect(found?.sentence == "No node of the cluster has room for a replica.")
    #expect(found?.evidence == "0/1 nodes are available: 1 Insufficient cpu.")
  }

  @Test(arguments: [
    ("pods \"a\" is forbidden: exceeded quota: project, requested: pods=1", "quota"),
    ("pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\"", "Pod Security"),
    ("maximum memory usage per Container is 256Mi, but limit is 1Gi", "limits"),
    ("the webhook said no", "don't know"),
  ])
  func `pods that may not be made`(message: String, word: String) throws {
    let found = try diagnosis { live in
      live.conditions.append(("ReplicaFailure", "True", "FailedCreate", message))
      // The reason comes before what some pod does.
      live.pods[1].state = LivePod.waiting("CrashLoopBackOff")
    }

    #expect(found?.sentence.contains(word) == true)
    #expect(found?.evidence == message)
  }

  @Test func `a replica that doesn't answer on its port`() throws {
    let silent: (inout LiveApplication) -> Void = { live in
      live.pods[1].isReady = false
      live.warnings = [
        ("web-1-b", "Unhealthy", "dial tcp 10.1.0.1:80: connection refused"),
        ("web-1-b", "BackOff", "later"),
      ]
    }
    let found = try diagnosis(silent)
    let ready = try diagnosis { live in
      silent(&live)
      live.pods[1].isReady = true
    }

    #expect(found?.sentence == "A replica runs but doesn't answer on its port yet.")
    #expect(found?.evidence == "dial tcp 10.1.0.1:80: connection refused")
    #expect(ready == nil)
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

  @Test func `a deadline that passed without another reason`() throws {
    let found = try diagnosis { live in
      live.conditions = [("Progressing", "False", "ProgressDeadlineExceeded", "has timed out")]
    }

    #expect(found?.sentence == "The new pods didn't become ready in time.")
    #expect(found?.evidence == "has timed out")
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)),
    arguments: [
      (
        "failing-pods", "pull", "shop", "The image “registry.invalid/broken:1” can't be pulled.",
        "Back-off pulling image"
      ),
      (
        "failing-pods", "crash", "shop",
        "The program in the container starts and ends again with exit code 1.",
        "restarting failed container"
      ),
      (
        "failing-pods", "huge", "shop", "No node of the cluster has room for a replica.",
        "1 Insufficient cpu"
      ),
      (
        "failing-pods", "priv", "shop", "The project's Pod Security level forbids these pods.",
        "allowPrivilegeEscalation"
      ),
      (
        "quota-and-limits", "big", "tiny", "The project's quota has no room for another replica.",
        "limited: requests.cpu=250m"
      ),
      (
        "progress-deadline", "late", "shop", "The new pods didn't become ready in time.",
        "has timed out progressing"
      ),
    ])
  func `a real failure is explained`(
    file: String, name: String, namespace: String, sentence: String, evidence: String
  ) throws {
    let state = ClusterState(awaiting: [])
    for object in try SharedMaterial.objects(in: file) { try state.put(object.kind, object.json) }

    let found = try #require(Diagnosis.of(state.status(of: name, in: namespace)))

    #expect(found.sentence == sentence)
    #expect(found.evidence.contains(evidence))
    #expect(found.advice.hasSuffix("."))
  }
}
