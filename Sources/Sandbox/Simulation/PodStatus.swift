import Foundation
import Kubernetes

/// The status of a pod as its kubelet writes it.
struct PodStatus {
  let pod: JSONValue
  let run: PodRun
  let now: String

  var json: JSONValue {
    var status: JSONValue = [
      "phase": .string(phase), "qosClass": pod.at("status", "qosClass") ?? "BestEffort",
      "conditions": .array(conditions),
    ]
    guard run.stage != .scheduled, run.stage != .waitingForNode else { return status }
    let node = pod.at("spec", "nodeName")?.string ?? ""
    let host: JSONValue = .string("192.168.49.\((node.last?.wholeNumberValue ?? 0) + 1)")
    status["observedGeneration"] = .integer(Int64(pod.generation))
    status["hostIP"] = host
    status["hostIPs"] = [["ip": host]]
    status["startTime"] = .string(run.createdAt)
    if let address = run.address.map(JSONValue.string) {
      status["podIP"] = address
      status["podIPs"] = [["ip": address]]
    }
    let containers = pod.at("spec", "containers")?.array ?? []
    status["containerStatuses"] = .array(containers.map(container))
    let first = pod.at("spec", "initContainers")?.array ?? []
    if !first.isEmpty { status["initContainerStatuses"] = .array(first.map(containerBeforehand)) }
    return status
  }

  private var phase: String {
    switch run.stage {
    case .running where run.failsBeforehand, .exited where run.failsBeforehand,
      .backingOff where run.failsBeforehand:
      "Pending"
    case .running, .exited, .backingOff: "Running"
    case .finished: run.fate.exits ? "Failed" : "Succeeded"
    default: "Pending"
    }
  }

  private var conditions: [JSONValue] {
    let scheduled = Self.condition("PodScheduled", true, run.scheduledAt)
    if run.stage == .scheduled { return [scheduled] }
    let hasSandbox = run.address != nil
    let reason = run.isReady ? nil : "ContainersNotReady"
    return [
      Self.condition("PodReadyToStartContainers", hasSandbox, run.createdAt),
      Self.condition(
        "Initialized", !run.failsBeforehand, run.createdAt,
        run.failsBeforehand ? "ContainersNotInitialized" : nil),
      Self.condition("Ready", run.isReady, run.readyChangedAt, reason),
      Self.condition("ContainersReady", run.isReady, run.readyChangedAt, reason),
      scheduled,
    ]
  }

  static func condition(
    _ type: String, _ status: Bool, _ time: String, _ reason: String? = nil
  ) -> JSONValue {
    var condition: JSONValue = [
      "type": .string(type), "status": status ? "True" : "False", "lastProbeTime": nil,
      "lastTransitionTime": .string(time),
    ]
    condition["reason"] = reason.map(JSONValue.string)
    return condition
  }

  private func container(_ container: JSONValue) -> JSONValue {
    let name = container["name"]?.string ?? ""
    let image = container["image"]?.string ?? ""
    let fate = ImageFate(container: container, in: pod)
    let isFailing = !run.failsBeforehand && fate == run.fate && fate != .healthy
    let state =
      run.failsBeforehand
      ? Self.initializing : state(name, image, isFailing: isFailing)
    return self.status(name, image, state, isFailing: isFailing)
  }

  private static let initializing: JSONValue = ["waiting": ["reason": "PodInitializing"]]

  /// The status of a container that runs before the others.
  private func containerBeforehand(_ container: JSONValue) -> JSONValue {
    let name = container["name"]?.string ?? ""
    let image = container["image"]?.string ?? ""
    let isFailing =
      run.failsBeforehand && ImageFate(container: container, in: pod) == run.fate
    let hasEnded = !run.failsBeforehand && run.startedAt != nil
    let state =
      isFailing
      ? state(name, image, isFailing: true)
      : hasEnded ? ["terminated": terminated(name, .healthy)] : Self.initializing
    return status(name, image, state, isFailing: isFailing)
  }

  private func status(
    _ name: String, _ image: String, _ state: JSONValue, isFailing: Bool
  ) -> JSONValue {
    let isRunning = state["running"] != nil
    var status: JSONValue = [
      "name": .string(name), "state": state, "lastState": lastState(name, isFailing: isFailing),
      "ready": .bool(isRunning && (run.isReady || !isFailing)),
      "restartCount": .integer(Int64(isFailing ? run.restarts : 0)), "image": .string(image),
      "imageID": "", "started": .bool(isRunning),
    ]
    if isRunning || isFailing && run.lastExit != nil {
      status["imageID"] = .string(ImageNames.identifier(of: image))
      status["containerID"] = .string(containerID(name))
    }
    return status
  }

  private func state(_ name: String, _ image: String, isFailing: Bool) -> JSONValue {
    switch run.stage {
    case .pullFailed where isFailing:
      return Self.waiting("ErrImagePull", run.fate.pullError(image))
    case .pullBackOff where isFailing:
      return Self.waiting(
        "ImagePullBackOff",
        "Back-off pulling image \"\(image)\": ErrImagePull: \(run.fate.pullError(image))")
    case .refused:
      guard let refusal = run.refusal, refusal.container == name else {
        return ["waiting": ["reason": "ContainerCreating"]]
      }
      return Self.waiting("CreateContainerConfigError", refusal.message)
    case .exited where isFailing, .finished where isFailing:
      return ["terminated": terminated(name, run.fate)]
    case .finished:
      return ["terminated": terminated(name, .healthy)]
    case .backingOff where isFailing:
      let seconds = Int(PodRun.backOff(after: run.restarts + 1))
      return Self.waiting(
        "CrashLoopBackOff",
        "back-off \(seconds)s restarting failed container=\(name) "
          + "pod=\(pod.name)_\(pod.namespace)(\(pod.uid))")
    case .running, .exited, .backingOff, .pullFailed, .pullBackOff:
      return ["running": ["startedAt": .string(Self.text(run.startedAt) ?? now)]]
    default:
      return ["waiting": ["reason": "ContainerCreating"]]
    }
  }

  private func lastState(_ name: String, isFailing: Bool) -> JSONValue {
    guard isFailing, run.lastExit != nil, run.stage != .exited, run.stage != .finished else {
      return [:]
    }
    return ["terminated": terminated(name, run.fate)]
  }

  private func terminated(_ name: String, _ fate: ImageFate) -> JSONValue {
    let succeeded = !fate.exits
    return [
      "exitCode": .integer(succeeded ? 0 : fate.exitCode),
      "reason": .string(succeeded ? "Completed" : fate.exitReason),
      "startedAt": .string(Self.text(run.lastStart) ?? now),
      "finishedAt": .string(Self.text(run.lastExit) ?? now),
      "containerID": .string(containerID(name)),
    ]
  }

  private func containerID(_ name: String) -> String {
    ImageNames.container(pod.uid, name, run.restarts)
  }

  private static func waiting(_ reason: String, _ message: String) -> JSONValue {
    ["waiting": ["reason": .string(reason), "message": .string(message)]]
  }

  private static func text(_ date: Date?) -> String? { date.map(Timestamp.text) }
}

/// The managed fields that a kubelet leaves on a pod.
enum KubeletFields {
  private static let condition: JSONValue = [
    ".": [:], "f:lastProbeTime": [:], "f:lastTransitionTime": [:], "f:status": [:], "f:type": [:],
  ]
  private static let conditions: JSONValue = [
    "k:{\"type\":\"ContainersReady\"}": condition, "k:{\"type\":\"Initialized\"}": condition,
    "k:{\"type\":\"PodReadyToStartContainers\"}": condition,
    "k:{\"type\":\"Ready\"}": condition,
  ]

  static func entry(address: String?, now: String) -> JSONValue {
    var status: JSONValue = [
      "f:conditions": conditions, "f:containerStatuses": [:], "f:hostIP": [:], "f:hostIPs": [:],
      "f:observedGeneration": [:], "f:phase": [:], "f:startTime": [:],
    ]
    if let address {
      status["f:podIP"] = [:]
      let item: JSONValue = [".": [:], "f:ip": [:]]
      status["f:podIPs"] = [".": [:], "k:{\"ip\":\"\(address)\"}": item]
    }
    return [
      "manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": .string(now),
      "fieldsType": "FieldsV1", "fieldsV1": ["f:status": status], "subresource": "status",
    ]
  }
}
