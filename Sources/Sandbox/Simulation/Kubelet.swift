import Foundation
import Kubernetes

/// The life of pods: scheduler and kubelet in one. All times are simulated
/// seconds.
extension Cluster {
  private static let scheduleDelay = 0.1
  private static let createDelay = 0.1
  private static let pullDelay = 0.2
  private static let runDelay = 0.6
  private static let readyDelay = 0.4
  private static let slowDelay = 20.0
  private static let crashDelay = 1.0
  /// Until something that is missing is looked for again.
  private static let retryDelay = 5.0
  static let stopDelay = 0.5

  /// A pod appeared.
  func startPod(_ pod: JSONValue) {
    guard pod.at("status", "phase") == "Pending" else { return }
    let run = PodRun(of: pod)
    podRuns[pod.uid] = run
    later(.schedule, pod, after: Self.scheduleDelay)
  }

  /// A pod is gone.
  func forgetPod(_ pod: JSONValue) {
    podRuns[pod.uid] = nil
    waitingPods[pod.uid] = nil
    if scheduler.release(pod.uid), !waitingPods.isEmpty { enqueue(.scheduling) }
    for volume in pod.at("spec", "volumes")?.array ?? [] {
      guard let claim = volume.at("persistentVolumeClaim", "claimName")?.string else { continue }
      enqueue(.claim(ObjectKey(pod.namespace, claim)))
    }
  }

  /// Whether a kubelet must stop this pod before it may go.
  func isRunningPod(_ object: JSONValue) -> Bool {
    object["kind"] == "Pod" && object.at("spec", "nodeName") != nil && !Self.isFinished(object)
  }

  /// Gives a pod its time to stop.
  func stopPod(_ live: JSONValue, grace: Int?) -> JSONValue {
    let seconds = grace ?? live.at("spec", "terminationGracePeriodSeconds")?.int ?? 30
    var pod = live
    let deadline = Date().addingTimeInterval(Double(seconds))
    pod.set(.string(Timestamp.text(deadline)), at: "metadata", "deletionTimestamp")
    pod.set(.integer(Int64(seconds)), at: "metadata", "deletionGracePeriodSeconds")
    pod.set(.integer(Int64(live.generation + 1)), at: "metadata", "generation")
    let stored = commit(.pod, pod)
    schedule(.removePod(ObjectKey(pod), uid: pod.uid), after: Self.stopDelay)
    let containers = pod.at("spec", "containers")?.array ?? []
    for container in containers where podRuns[pod.uid]?.stage == .running {
      note(
        stored, "Killing", "Stopping container \(container["name"]?.string ?? "")")
    }
    return stored
  }

  func removePod(_ key: ObjectKey, uid: String) {
    guard let pod = store[.pod, key], pod.uid == uid else { return }
    guard pod.finalizers.isEmpty else { return }
    erase(.pod, key)
  }

  func scheduleWaitingPods() {
    for key in waitingPods.values {
      if let pod = store[.pod, key] { later(.schedule, pod, after: 0) }
    }
  }

  func later(_ step: PodStep, _ pod: JSONValue, after seconds: Double) {
    let reference = ObjectReference(type: .pod, key: ObjectKey(pod))
    schedule(.pod(reference, uid: pod.uid, step), after: seconds)
  }

  // MARK: - Steps

  /// Does the next step of a pod that is still there.
  func advancePod(_ key: ObjectKey, uid: String, _ step: PodStep) {
    guard let pod = store[.pod, key], pod.uid == uid, !pod.isTerminating, var run = podRuns[uid]
    else { return }
    switch step {
    case .schedule: bind(pod, &run)
    case .create: createContainers(pod, &run)
    case .pull: pull(pod, &run)
    case .pullFailed: failPull(pod, &run)
    case .pullBackOff: backOffPull(pod, &run)
    case .run: runContainers(pod, &run)
    case .ready: becomeReady(pod, &run)
    case .probe: probe(pod, run)
    case .exit: exit(pod, &run)
    case .backOff: backOff(pod, &run)
    }
  }

  private func bind(_ pod: JSONValue, _ run: inout PodRun) {
    guard pod.at("spec", "nodeName") == nil else { return }
    if let message = waitForClaims(of: pod) { return refuse(pod, &run, message) }
    switch scheduler.assign(pod.uid, Scheduler.request(of: pod)) {
    case .success(let node):
      run.stage = .scheduled
      run.scheduledAt = now
      waitingPods[pod.uid] = nil
      var bound = pod
      bound.set(.string(node), at: "spec", "nodeName")
      write(bound, run)
      record(
        .init(
          on: pod, reason: "Scheduled",
          message: "Successfully assigned \(pod.namespace)/\(pod.name) to \(node)",
          component: "default-scheduler", action: "Binding"))
      later(.create, pod, after: Self.createDelay)
    case .failure(let refusal): refuse(pod, &run, refusal.message)
    }
  }

  private func refuse(_ pod: JSONValue, _ run: inout PodRun, _ message: String) {
    if run.stage == .waitingForNode { return }
    run.stage = .waitingForNode
    waitingPods[pod.uid] = ObjectKey(pod)
    podRuns[pod.uid] = run
    var waiting = pod
    var condition = PodStatus.condition("PodScheduled", false, now, "Unschedulable")
    condition["message"] = .string(message)
    condition["observedGeneration"] = .integer(Int64(pod.generation))
    waiting.set([condition], at: "status", "conditions")
    commit(.pod, waiting)
    record(
      .init(
        on: pod, reason: "FailedScheduling", message: message, component: "default-scheduler",
        isWarning: true, action: "Scheduling"))
  }

  private func createContainers(_ pod: JSONValue, _ run: inout PodRun) {
    if run.stage != .creating {
      run.stage = .creating
      run.createdAt = now
      run.readyChangedAt = now
      write(pod, run)
    }
    if let message = missingMount(of: pod) {
      note(pod, "FailedMount", message, isWarning: true)
      later(.create, pod, after: Self.retryDelay)
    } else {
      later(.pull, pod, after: Self.pullDelay)
    }
  }

  private func pull(_ pod: JSONValue, _ run: inout PodRun) {
    if run.address == nil {
      run.address = "10.244.\(nextPodAddress / 250 % 256).\(nextPodAddress % 250 + 2)"
      nextPodAddress += 1
    }
    podRuns[pod.uid] = run
    run.pullAttempts += 1
    for container in pod.at("spec", "containers")?.array ?? [] {
      note(pod, "Pulling", "Pulling image \"\(container["image"]?.string ?? "")\"")
    }
    podRuns[pod.uid] = run
    later(run.fate.isPullFailure ? .pullFailed : .run, pod, after: Self.runDelay)
  }

  private func failPull(_ pod: JSONValue, _ run: inout PodRun) {
    run.stage = .pullFailed
    if run.startedAt == nil { run.startedAt = Date() }
    write(pod, run)
    let image = failingImage(of: pod)
    note(
      pod, "Failed", "Failed to pull image \"\(image)\": \(run.fate.pullError(image))",
      isWarning: true)
    note(pod, "Failed", "Error: ErrImagePull", isWarning: true)
    later(.pullBackOff, pod, after: 1)
  }

  private func backOffPull(_ pod: JSONValue, _ run: inout PodRun) {
    run.stage = .pullBackOff
    write(pod, run)
    note(
      pod, "BackOff",
      "Back-off pulling image \"\(failingImage(of: pod))\": ErrImagePull", isWarning: true)
    note(pod, "Failed", "Error: ImagePullBackOff", isWarning: true)
    later(.pull, pod, after: PodRun.backOff(after: run.pullAttempts))
  }

  private func runContainers(_ pod: JSONValue, _ run: inout PodRun) {
    if let refusal = refusal(of: pod) {
      if run.refusal != refusal {
        run.stage = .refused
        run.refusal = refusal
        write(pod, run)
      }
      note(pod, "Failed", "Error: \(refusal.message)", isWarning: true)
      later(.run, pod, after: Self.retryDelay)
      return
    }
    run.refusal = nil
    run.stage = .running
    run.startedAt = Date()
    if run.lastExit != nil { run.restarts += 1 }
    let isReadyAtOnce = run.fate == .healthy && !hasProbe(pod)
    if isReadyAtOnce { markReady(&run) }
    write(pod, run)
    for container in pod.at("spec", "containers")?.array ?? [] {
      let name = container["name"]?.string ?? ""
      let image = container["image"]?.string ?? ""
      note(pod, "Pulled", "Container image \"\(image)\" already present on machine")
      note(pod, "Created", "Created container: \(name)")
      note(pod, "Started", "Started container \(name)")
    }
    switch run.fate {
    case .crash, .outOfMemory, .otherArchitecture: later(.exit, pod, after: Self.crashDelay)
    case .deaf, .unready: later(.probe, pod, after: Self.readyDelay)
    case .slow: later(.ready, pod, after: Self.slowDelay)
    case .healthy where !isReadyAtOnce: later(.ready, pod, after: Self.readyDelay)
    default: break
    }
  }

  private func becomeReady(_ pod: JSONValue, _ run: inout PodRun) {
    markReady(&run)
    write(pod, run)
  }

  /// Tells what the check of a container that isn't ready got.
  private func probe(_ pod: JSONValue, _ run: PodRun) {
    guard run.stage == .running, !run.isReady else { return }
    let containers = pod.at("spec", "containers")?.array ?? []
    guard
      let container = containers.first(where: { ImageFate(container: $0, in: pod) == run.fate }),
      let answer = run.fate.probeAnswer(container, address: run.address ?? "")
    else { return }
    note(pod, "Unhealthy", "Readiness probe failed: \(answer)", isWarning: true)
    let period = container.at("readinessProbe", "periodSeconds")?.int ?? 10
    later(.probe, pod, after: Double(period))
  }

  private func markReady(_ run: inout PodRun) {
    run.isReady = true
    run.readySince = .now
    run.readyChangedAt = now
  }

  private func exit(_ pod: JSONValue, _ run: inout PodRun) {
    run.lastStart = run.startedAt
    run.lastExit = Date()
    let restarts = pod.at("spec", "restartPolicy") != "Never"
    run.stage = restarts ? .exited : .finished
    write(pod, run)
    if restarts { later(.backOff, pod, after: 0.5) }
  }

  private func backOff(_ pod: JSONValue, _ run: inout PodRun) {
    run.stage = .backingOff
    write(pod, run)
    let list = run.failsBeforehand ? "initContainers" : "containers"
    let failing = (pod.at("spec", list)?.array ?? [])
      .first { ImageFate(container: $0, in: pod) == run.fate }
    note(
      pod, "BackOff",
      "Back-off restarting failed container \(failing?["name"]?.string ?? "") in pod "
        + "\(pod.name)_\(pod.namespace)(\(pod.uid))", isWarning: true)
    later(.run, pod, after: PodRun.backOff(after: run.restarts + 1))
  }

  // MARK: - Writing

  private func write(_ pod: JSONValue, _ run: PodRun) {
    podRuns[pod.uid] = run
    var object = pod
    object["status"] = PodStatus(pod: pod, run: run, now: now).json
    if run.stage != .scheduled {
      var owners = object.at("metadata", "managedFields")?.array ?? []
      owners.removeAll { $0["manager"] == "kubelet" }
      owners.insert(KubeletFields.entry(address: run.address, now: now), at: 0)
      object.set(.array(owners), at: "metadata", "managedFields")
    }
    commit(.pod, object)
  }

  private func note(
    _ pod: JSONValue, _ reason: String, _ message: String, isWarning: Bool = false
  ) {
    record(
      .init(
        on: pod, reason: reason, message: message, component: "kubelet", isWarning: isWarning,
        host: pod.at("spec", "nodeName")?.string ?? ""))
  }

  private func failingImage(of pod: JSONValue) -> String {
    let all =
      (pod.at("spec", "initContainers")?.array ?? []) + (pod.at("spec", "containers")?.array ?? [])
    return all.first { ImageFate(container: $0, in: pod).isPullFailure }?["image"]?.string ?? ""
  }

  private func hasProbe(_ pod: JSONValue) -> Bool {
    (pod.at("spec", "containers")?.array ?? []).contains {
      $0["readinessProbe"] != nil || $0["startupProbe"] != nil
    }
  }
}
