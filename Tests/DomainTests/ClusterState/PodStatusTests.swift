import Kubernetes
import Testing

@testable import Domain

struct PodStatusTests {
  @Test func `a pod that takes traffic is ready`() throws {
    let status = try LivePod("web-1-a") { $0.restarts = 3 }.status()

    #expect(status.stage == .ready)
    #expect(status.name == "web-1-a")
    #expect(status.restarts == 3)
    #expect(status.node == "node-1")
    #expect(status.image == "nginx:1.27")
    #expect(status.imageID == "sha256:abc")
    #expect(status.owner == "set-1")
    #expect(status.message.isEmpty)
    #expect(status.lastExitCode == nil)
  }

  @Test(
    arguments: [
      (
        "a node was not found yet", LivePod("a") { $0.apply("Pending", nil, node: "") },
        .unscheduled
      ),
      ("a node was found", LivePod("a") { $0.apply("Pending", nil) }, .starting),
      (
        "images are fetched",
        LivePod("a") { $0.apply("Pending", LivePod.waiting("ContainerCreating")) }, .starting
      ),
      (
        "init containers run",
        LivePod("a") { $0.apply("Pending", LivePod.waiting("PodInitializing")) }, .starting
      ),
      ("it isn't ready yet", LivePod("a") { $0.isReady = false }, .running),
      (
        "the image isn't there",
        LivePod("a") { $0.apply("Pending", LivePod.waiting("ErrImagePull")) },
        .failing(reason: "ErrImagePull")
      ),
      (
        "a Secret is missing",
        LivePod("a") { $0.apply("Pending", LivePod.waiting("CreateContainerConfigError")) },
        .failing(reason: "CreateContainerConfigError")
      ),
      (
        "it ends again and again",
        LivePod("a") { $0.apply("Running", LivePod.waiting("CrashLoopBackOff")) },
        .failing(reason: "CrashLoopBackOff")
      ),
      (
        "it ended with a mistake",
        LivePod("a") { $0.apply("Running", LivePod.ended(2, "Error")) }, .failing(reason: "Error")
      ),
      (
        "it ended without a word",
        LivePod("a") { $0.apply("Running", LivePod.ended(2, "")) }, .failing(reason: "Error")
      ),
      (
        "it used too much memory",
        LivePod("a") { $0.apply("Running", LivePod.ended(137, "OOMKilled")) },
        .failing(reason: "OOMKilled")
      ),
      (
        // The kubelet starts it again in a moment.
        "it ended well", LivePod("a") { $0.apply("Running", LivePod.ended(0, "Completed")) },
        .starting
      ),
      (
        "it is through",
        LivePod("a") { $0.apply("Succeeded", LivePod.ended(0, "Completed")) }, .finished
      ),
      (
        "it was evicted",
        LivePod("a") { pod in
          pod.apply("Failed", nil)
          pod.reason = "Evicted"
        }, .failing(reason: "Evicted")
      ),
      (
        "it failed without a word", LivePod("a") { $0.apply("Failed", nil) },
        .failing(reason: "Failed")
      ),
      ("it is asked to go", LivePod("a") { $0.isDeleted = true }, .terminating),
      (
        "it is asked to go while it fails",
        LivePod("a") { pod in
          pod.apply("Running", LivePod.waiting("CrashLoopBackOff"))
          pod.isDeleted = true
        }, .terminating
      ),
    ] as [(String, LivePod, PodStatus.Stage)])
  func `the stage follows from phase and containers`(
    what: String, pod: LivePod, stage: PodStatus.Stage
  ) throws {
    #expect(try pod.status().stage == stage, "\(what)")
  }

  @Test func `the message is what explains most`() throws {
    let waiting = LivePod("a") { pod in
      pod.apply("Pending", LivePod.waiting("ErrImagePull", "no such image"))
      pod.message = "about the pod"
    }
    let evicted = LivePod("a") { pod in
      pod.apply("Failed", nil)
      pod.message = "The node was low on memory."
    }
    let unscheduled = LivePod("a") { pod in
      pod.apply("Pending", nil, node: "")
      pod.unschedulable = "0/1 nodes are available"
    }

    #expect(try waiting.status().message == "no such image")
    #expect(try evicted.status().message == "The node was low on memory.")
    #expect(try unscheduled.status().message == "0/1 nodes are available")
  }

  @Test func `a message is cut to what a page can show`() throws {
    let pod = LivePod("a") { pod in
      pod.apply("Pending", LivePod.waiting("ErrImagePull", String(repeating: "é", count: 9_000)))
    }

    #expect(try pod.status().message == String(repeating: "é", count: 500))
  }

  @Test func `how the last run ended is known while the next one waits`() throws {
    let pod = LivePod("a") { pod in
      pod.apply("Running", LivePod.waiting("CrashLoopBackOff"))
      pod.lastState = LivePod.ended(137, "OOMKilled")
    }
    let now = LivePod("a") { $0.apply("Running", LivePod.ended(3, "Error")) }

    #expect(try pod.status().lastExitCode == 137)
    #expect(try pod.status().lastExitReason == "OOMKilled")
    #expect(try now.status().lastExitCode == 3)
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings)),
    arguments: [
      ("failing-pods", "pull-", .failing(reason: "ImagePullBackOff")),
      ("failing-pods", "crash-", .failing(reason: "CrashLoopBackOff")),
      ("failing-pods", "huge-", .unscheduled), ("deploy", "web-7c6fd7f6d8-", .ready),
      ("progress-deadline", "late-6bc8579d56-", .ready),
      ("progress-deadline", "late-6cf99d58c9-", .running),
    ] as [(String, String, PodStatus.Stage)])
  func `a real pod's stage is told`(file: String, prefix: String, stage: PodStatus.Stage) throws {
    let state = ClusterState(awaiting: [])
    for object in try SharedMaterial.objects(in: file) { try state.put(object.kind, object.json) }

    let application = String(prefix.split(separator: "-")[0])
    let pods = state.status(of: application, in: "shop").pods.filter { $0.name.hasPrefix(prefix) }

    #expect(!pods.isEmpty)
    for pod in pods {
      #expect(pod.stage == stage)
      #expect(pod.createdAt != nil)
      #expect(!pod.owner.isEmpty)
    }
  }
}

extension LivePod {
  /// A pod that isn't ready.
  fileprivate mutating func apply(_ phase: String, _ state: JSONValue?, node: String = "node-1") {
    self.phase = phase
    self.state = state
    self.node = node
    isReady = false
  }
}
