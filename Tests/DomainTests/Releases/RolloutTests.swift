import Foundation
import Kubernetes
import Testing

@testable import Domain

struct RolloutTests {
  private func judge(
    release: Int = 1, minimum: Int = 2, hasService: Bool = true,
    ignoring old: ConditionRecord? = nil, _ change: (inout LiveApplication) -> Void = { _ in }
  ) throws -> Rollout {
    var live = LiveApplication()
    change(&live)
    return Rollout.judge(
      release: release, minimum: minimum, hasService: hasService, ignoring: old,
      by: try live.status())
  }

  @Test func `it serves when Deployment, ReplicaSet, pods and endpoints agree`() throws {
    #expect(try judge() == .serving)
  }

  @Test func `as long as one of them lags behind it is under way`() throws {
    #expect(try judge { $0.updated = 1 } == .underWay)
    #expect(try judge { $0.available = 1 } == .underWay)
    #expect(try judge { $0.replicas = 3 } == .underWay)
    #expect(try judge { $0.replicaSets = [] } == .underWay)
    #expect(try judge { $0.replicaSets = [(revision: "1", ready: 1)] } == .underWay)
    #expect(try judge { $0.pods = [LivePod("web-1-a")] } == .underWay)
    #expect(try judge { $0.pods[0].isReady = false } == .underWay)
    #expect(try judge { $0.pods[0].isDeleted = true } == .underWay)
    #expect(try judge { $0.serving = ["web-1-a"] } == .underWay)
    #expect(try judge { $0.serving = [] } == .underWay)
    #expect(try judge { $0.serving = ["web-1-a", "web-0-z"] } == .underWay)
  }

  @Test func `what the cluster hasn't seen yet isn't judged`() throws {
    #expect(try judge { $0.generation = 2 } == .underWay)
    #expect(try judge(release: 2) == .underWay)
    #expect(try judge { $0.release = nil } == .underWay)
    #expect(
      Rollout.judge(
        release: 1, minimum: 1, by: ClusterState(awaiting: []).status(of: "web", in: "shop"))
        == .underWay)
  }

  @Test func `a deadline of the release before says nothing about this one`() throws {
    let passed: (inout LiveApplication) -> Void = { live in
      live.conditions = [("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]
    }

    #expect(try judge(release: 2, passed) == .underWay)
    let unseen = try judge { live in
      passed(&live)
      live.generation = 2
    }
    #expect(unseen == .underWay)
  }

  @Test func `the old pods don't count`() throws {
    let rollout = try judge { live in
      live.revision = "2"
      live.replicaSets = [(revision: "1", ready: 2), (revision: "2", ready: 2)]
    }

    // Both pods belong to revision 1.
    #expect(rollout == .underWay)
  }

  @Test func `an autoscaler must have brought it to its minimum`() throws {
    #expect(try judge(minimum: 3) == .underWay)
    #expect(try judge(minimum: 1) == .serving)
  }

  @Test func `scaled to nothing is through once no pod is left`() throws {
    let none: (inout LiveApplication) -> Void = { live in
      live.desired = 0
      live.replicas = 0
      live.updated = 0
      live.available = 0
      live.pods = []
      live.serving = []
    }

    #expect(try judge(minimum: 0, none) == .serving)
    let going = try judge(minimum: 0) { live in
      none(&live)
      live.replicas = 1
    }
    #expect(going == .underWay)
  }

  @Test func `without a Service readiness is enough`() throws {
    #expect(try judge(hasService: false) { $0.serving = nil } == .serving)
    // It has one that isn't known yet.
    #expect(try judge { $0.serving = nil } == .underWay)
  }

  @Test func `a deadline that had passed before says nothing about this release`() throws {
    let late: (inout LiveApplication) -> Void = { live in
      live.available = 1
      live.conditions = [("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]
    }
    var live = LiveApplication()
    late(&live)
    let old = try live.status().deployment?.condition("Progressing")

    #expect(old != nil)
    #expect(try judge(ignoring: old, late) == .underWay)
    #expect(try judge(late) == .failed("The new pods didn't become ready in time."))
    #expect(try judge(ignoring: old) { $0.conditions = [] } == .serving)
  }

  @Test func `patience begins anew with each step and while the picture is old`() throws {
    let spec = try ApplicationDraft.sample { $0.startSeconds = "600" }.validated()
    let start = Date(timeIntervalSince1970: 0)
    var live = LiveApplication()
    var patience = RolloutPatience(for: spec, at: start)
    func isOver(after seconds: Double, isStale: Bool = false) throws -> Bool {
      patience.isOver(
        with: try live.status(), isStale: isStale, at: start.addingTimeInterval(seconds))
    }

    // 300 s, 600 s to start, and two minutes for the cluster to say so.
    #expect(try !isOver(after: 0))
    #expect(try !isOver(after: 1_020))
    live.available += 1
    #expect(try !isOver(after: 1_030))
    #expect(try !isOver(after: 2_000))
    #expect(try !isOver(after: 9_000, isStale: true))
    #expect(try !isOver(after: 10_000))
    #expect(try isOver(after: 10_021))
  }

  @Test func `a passed deadline is a failure, with the reason if it is known`() throws {
    let late: (inout LiveApplication) -> Void = { live in
      live.available = 1
      live.conditions = [("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]
    }

    #expect(try judge(late) == .failed("The new pods didn't become ready in time."))
    let pulling = try judge { live in
      late(&live)
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("ErrImagePull", "not found")
    }
    #expect(
      pulling == .failed("The image “nginx:1.27” can't be pulled: its registry doesn't have it."))
  }

  @Test func `failing pods alone don't end it, since they may recover`() throws {
    let rollout = try judge { live in
      live.available = 1
      live.pods[1].isReady = false
      live.pods[1].state = LivePod.waiting("CrashLoopBackOff")
      live.conditions.append(("ReplicaFailure", "True", "FailedCreate", "exceeded quota"))
    }

    #expect(rollout == .underWay)
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings))
  )
  func `a real rollout past its deadline has failed`() throws {
    let state = ClusterState(awaiting: [])
    for object in try SharedMaterial.objects(in: "progress-deadline") {
      var json = object.json
      // The recording was made without BabyHelm's annotation.
      json["metadata"]?["annotations"]?[ManifestBuilder.releaseAnnotation] = "2"
      try state.put(object.kind, json)
    }

    let rollout = Rollout.judge(
      release: 2, minimum: 1, by: state.status(of: "late", in: "shop"))

    #expect(rollout == .failed("The new pods didn't become ready in time."))
  }
}
