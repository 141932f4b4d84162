internal import Foundation
internal import Kubernetes

// What the picture keeps of each object: only what pages show, so that many
// thousand pods fit into little memory.

struct ObjectKey: Hashable, Sendable {
  let namespace: String
  let name: String
}

/// A condition of a Deployment or ReplicaSet (Kubernetes API, `status.conditions`).
struct ConditionRecord: Sendable, Hashable {
  let type: String
  let isTrue: Bool
  /// Neither true nor unknown.
  let isFalse: Bool
  let reason: String
  let message: String
  /// When the controller last looked at it, as it wrote it; "" if it doesn't say.
  let updatedAt: String
}

struct DeploymentRecord: Sendable, Hashable {
  let uid: String
  let generation: Int
  let observedGeneration: Int
  /// The release that applied it; nil when the annotation is missing.
  let release: Int?
  let desired: Int
  let replicas: Int
  let updated: Int
  let ready: Int
  let available: Int
  let revision: String
  /// Whether somebody paused it by hand.
  let isPaused: Bool
  let conditions: [ConditionRecord]

  init(_ deployment: AppsV1.Deployment) {
    let metadata = deployment.metadata
    uid = metadata.uid
    generation = metadata.generation
    observedGeneration = deployment.status.observedGeneration
    release = metadata.annotations[ManifestBuilder.releaseAnnotation].flatMap { Int($0) }
    desired = deployment.spec.replicas
    replicas = deployment.status.replicas
    updated = deployment.status.updatedReplicas
    ready = deployment.status.readyReplicas
    available = deployment.status.availableReplicas
    revision = metadata.annotations["deployment.kubernetes.io/revision"] ?? ""
    isPaused = deployment.spec.isPaused
    conditions = deployment.status.conditions.map(ConditionRecord.init)
  }

  func condition(_ type: String) -> ConditionRecord? { conditions.first { $0.type == type } }
}

extension ConditionRecord {
  init(_ condition: Condition) {
    self.init(
      type: condition.type, isTrue: condition.isTrue, isFalse: condition.status == "False",
      reason: condition.reason, message: condition.message, updatedAt: condition.lastUpdateTime)
  }
}

struct ReplicaSetRecord: Sendable, Hashable {
  let uid: String
  let name: String
  let revision: String
  /// The UID of the Deployment it belongs to.
  let owner: String
  let desired: Int
  let ready: Int
  let conditions: [ConditionRecord]

  init(_ replicaSet: AppsV1.ReplicaSet) {
    uid = replicaSet.metadata.uid
    name = replicaSet.metadata.name
    revision = replicaSet.metadata.annotations["deployment.kubernetes.io/revision"] ?? ""
    owner = replicaSet.metadata.controller?.uid ?? ""
    desired = replicaSet.replicas
    ready = replicaSet.status.readyReplicas
    conditions = replicaSet.status.conditions.map(ConditionRecord.init)
  }
}

struct ServiceRecord: Sendable, Hashable {
  let clusterIP: String
  let ports: [Int]
  /// Where its load balancer is reached; empty until it has one.
  let outside: [String]

  init(_ service: CoreV1.Service) {
    clusterIP = service.spec.clusterIP
    ports = service.spec.ports.map(\.port)
    outside = service.loadBalancerAddresses
  }
}

struct EndpointSliceRecord: Sendable, Hashable {
  /// Names of pods that the Service sends traffic to.
  let readyPods: [String]

  init(_ slice: DiscoveryV1.EndpointSlice) {
    readyPods = slice.endpoints.compactMap { endpoint in
      endpoint.isReady ? endpoint.podName : nil
    }
  }
}

struct AutoscalerRecord: Sendable, Hashable {
  let minimum: Int
  let maximum: Int
  let current: Int
  let desired: Int
  /// The condition that says why it can't do its work; nil while it can.
  let problem: ConditionRecord?

  init(_ autoscaler: AutoscalingV2.HorizontalPodAutoscaler) {
    minimum = autoscaler.spec.minReplicas
    maximum = autoscaler.spec.maxReplicas
    current = autoscaler.status.currentReplicas
    desired = autoscaler.status.desiredReplicas
    problem = autoscaler.status.conditions.map(ConditionRecord.init)
      .first { $0.isFalse && ["AbleToScale", "ScalingActive"].contains($0.type) }
  }
}

struct QuotaRecord: Sendable, Hashable {
  let hard: [String: String]
  let used: [String: String]

  init(_ quota: CoreV1.ResourceQuota) {
    hard = quota.hard.mapValues(\.description)
    used = quota.used.mapValues(\.description)
  }
}

struct NamespaceRecord: Sendable, Hashable {
  let uid: String
  let phase: String

  init(_ namespace: CoreV1.Namespace) {
    uid = namespace.metadata.uid
    phase = namespace.phase
  }
}

/// A warning event, cut to what explains a failure.
struct WarningRecord: Sendable, Hashable {
  /// The name of the Event itself.
  let eventName: String
  let objectKind: String
  let objectName: String
  let reason: String
  let message: String
  let at: Date?

  /// What the event is about: a later one of the same subject takes its place.
  /// A pod whose image can't be pulled has several of the reason `Failed`, and
  /// only one of them says why; readiness and liveness probes both are `Unhealthy`.
  var subject: Substring {
    ["Failed", "Unhealthy"].contains(reason) ? message.prefix { $0 != ":" && $0 != "\"" } : ""
  }

  init(_ event: CoreV1.Event) {
    eventName = event.metadata.name
    objectKind = event.involvedObject.kind
    objectName = event.involvedObject.name
    reason = event.reason
    message = String(event.message.prefix(500))
    at = event.lastSeen
  }
}
