public import struct Foundation.Date
internal import Kubernetes

/// One pod as a page shows it.
public struct PodStatus: Sendable, Hashable {
  /// How far a pod is, told from its phase and its containers' states.
  public enum Stage: Sendable, Hashable {
    /// No node was found for it yet.
    case unscheduled
    /// A node is fetching images or making the container.
    case starting
    /// The container runs but isn't ready for traffic.
    case running
    /// The container runs and takes traffic.
    case ready
    /// A container can't start or keeps ending; the word is Kubernetes' reason.
    case failing(reason: String)
    /// It ended and isn't started again.
    case finished
    /// It was asked to go.
    case terminating
  }

  public let name: String
  public let stage: Stage
  /// Whether it ended for good, and so counts against no quota.
  public let isOver: Bool
  /// How often its containers were started again.
  public let restarts: Int
  public let node: String
  public let image: String
  /// The image that really runs, by digest, as the node reports it; empty
  /// before it was pulled.
  public let imageID: String
  public let createdAt: Date?
  /// What Kubernetes says about the reason, for a failing pod.
  public let message: String
  /// Exit code of the last run, when there was one.
  public let lastExitCode: Int?
  /// Kubernetes' word for why the last run ended, for example `OOMKilled`.
  public let lastExitReason: String
  /// What Kubernetes says about how the last run ended; mostly empty.
  let lastMessage: String
  /// The container that ``stage`` tells of when it fails; the only one otherwise.
  let container: String
  /// Whether what fails is a container that runs before the program.
  let failsBeforehand: Bool
  /// The UID of the ReplicaSet it belongs to.
  let owner: String
  /// What its containers ask for, together.
  let requests: ResourceAmount
  /// Whether its owner is a ReplicaSet, as it is of a Deployment's pods.
  let isOfReplicaSet: Bool
}

extension PodStatus {
  init(_ pod: CoreV1.Pod) {
    let beforehand = pod.status.initContainerStatuses.first(where: \.isFailing)
    let container =
      beforehand ?? pod.status.containerStatuses.first(where: \.isFailing)
      ?? pod.status.containerStatuses.first
    let last = container?.state?.termination ?? container?.lastState?.termination
    let scheduling = pod.status.conditions["PodScheduled"]
    name = pod.metadata.name
    stage = Self.stage(of: pod)
    isOver = ["Succeeded", "Failed"].contains(pod.status.phase)
    restarts = pod.status.containerStatuses.reduce(0) { $0 + $1.restartCount }
    node = pod.spec.nodeName
    let specified = pod.spec.containers + pod.spec.initContainers
    image =
      (specified.first { $0.name == container?.name } ?? pod.spec.containers.first)?.image ?? ""
    imageID = pod.status.containerStatuses.first?.imageID ?? ""
    createdAt = pod.metadata.creationTimestamp
    message = String(
      (container?.state?.waiting?.message.nonEmpty ?? pod.status.message.nonEmpty
        ?? (scheduling?.isTrue == false ? scheduling?.message : nil) ?? "").prefix(500))
    lastExitCode = last?.exitCode
    lastExitReason = last?.reason ?? ""
    lastMessage = String((last?.message ?? "").prefix(500))
    self.container = container?.name ?? pod.spec.containers.first?.name ?? ""
    failsBeforehand = beforehand != nil
    owner = pod.metadata.controller?.uid ?? ""
    requests = pod.spec.containers.reduce(.zero) { $0 + ResourceAmount($1.requests) }
    isOfReplicaSet = pod.metadata.controller?.kind == "ReplicaSet"
  }

  private static func stage(of pod: CoreV1.Pod) -> Stage {
    if pod.metadata.deletionTimestamp != nil { return .terminating }
    switch pod.status.phase {
    case "Succeeded": return .finished
    case "Failed": return .failing(reason: pod.status.reason.nonEmpty ?? "Failed")
    default: break
    }
    for state in pod.status.initContainerStatuses.compactMap(\.state) {
      if let reason = state.failure { return .failing(reason: reason) }
    }
    let states = pod.status.containerStatuses.compactMap(\.state)
    for state in states {
      if let reason = state.failure, state.waiting != nil { return .failing(reason: reason) }
    }
    for state in states {
      if let reason = state.failure { return .failing(reason: reason) }
    }
    if pod.status.conditions["Ready"]?.isTrue == true { return .ready }
    if states.contains(where: \.isRunning) { return .running }
    return pod.spec.nodeName.isEmpty ? .unscheduled : .starting
  }
}

extension CoreV1.ContainerStatus {
  fileprivate var isFailing: Bool { state?.failure != nil }
}

extension CoreV1.ContainerState {
  /// Kubernetes' word for why a container can't start or ended badly; nil when
  /// nothing is wrong with it.
  fileprivate var failure: String? {
    if let reason = waiting?.reason {
      return ["", "ContainerCreating", "PodInitializing"].contains(reason) ? nil : reason
    }
    guard let termination, termination.exitCode != 0 else { return nil }
    return termination.reason.nonEmpty ?? "Error"
  }

  fileprivate var waiting: (reason: String, message: String)? {
    if case .waiting(let reason, let message) = self { return (reason, message) }
    return nil
  }

  fileprivate var termination: CoreV1.Termination? {
    if case .terminated(let termination) = self { return termination }
    return nil
  }

  fileprivate var isRunning: Bool {
    if case .running = self { return true }
    return false
  }
}

extension String {
  /// The text, or nil when it is empty.
  var nonEmpty: String? { isEmpty ? nil : self }
}
