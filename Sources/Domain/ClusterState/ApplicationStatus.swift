/// How an application or a project does, worst last.
public enum Health: String, Sendable, CaseIterable, Comparable {
  /// Scaled to nothing on purpose.
  case stopped
  /// All replicas serve.
  case healthy
  /// On its way: replicas are starting or being replaced.
  case progressing
  /// Not on the cluster, or the picture isn't complete yet.
  case unknown
  /// Something keeps it from having all its replicas.
  case failing

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What the cluster says about one application: observed, never wanted.
public struct ApplicationStatus: Sendable, Hashable {
  public let health: Health
  /// Replicas wanted on the cluster right now.
  public let desired: Int
  public let ready: Int
  /// Replicas of the newest pod template.
  public let updated: Int
  /// Sorted by name.
  public let pods: [PodStatus]
  /// The name other pods of the cluster reach it under; nil without a Service.
  public let address: String?
  public let clusterIP: String?
  /// The Service's port that ``address`` is about.
  public let servicePort: Int?
  /// Names or IP addresses under which the Service's load balancer is reached.
  public let outside: [String]
  public let autoscaler: Autoscaler?

  /// What an autoscaler wants.
  public struct Autoscaler: Sendable, Hashable {
    public let minimum: Int
    public let maximum: Int
    public let desired: Int
  }

  /// Whether its rollout was stopped half-way.
  public var isPaused: Bool { deployment?.isPaused ?? false }

  /// The release that the live Deployment came from.
  let release: Int?
  let deployment: DeploymentRecord?
  /// The ReplicaSet of the newest pod template.
  let newReplicaSet: ReplicaSetRecord?
  /// UIDs of ReplicaSets with this application's labels that belong to another
  /// Deployment.
  let foreignReplicaSets: Set<String>
  /// Why the autoscaler can't do its work; nil while it can.
  let autoscalerProblem: ConditionRecord?
  /// Names of pods that the Service sends traffic to; nil without a Service.
  let servingPods: Set<String>?
  let warnings: [WarningRecord]
}

extension ClusterState {
  /// What the cluster says about an application.
  func status(of application: String, in namespace: String) -> ApplicationStatus {
    let isComplete = isComplete
    return read { picture in
      picture.status(of: application, in: namespace, isComplete: isComplete)
    }
  }

  /// The health of several applications of a namespace, without their pods'
  /// details.
  func health(of applications: [String], in namespace: String) -> [String: Health] {
    let isComplete = isComplete
    return read { picture in
      Dictionary(
        uniqueKeysWithValues: applications.map { name in
          (name, picture.health(of: name, in: namespace, isComplete: isComplete))
        })
    }
  }
}

extension ClusterState.Picture {
  func status(
    of application: String, in namespace: String, isComplete: Bool
  ) -> ApplicationStatus {
    let deployment = deployments[namespace, application]
    let service = services[namespace, application]
    let pods = pods.records(of: application, in: namespace).map(\.record)
      .sorted { $0.name < $1.name }
    let slices = endpointSlices.records(of: application, in: namespace).map(\.record)
    let scaler = autoscalers[namespace, application]
    return ApplicationStatus(
      health: health(of: application, in: namespace, isComplete: isComplete),
      desired: deployment?.desired ?? 0, ready: deployment?.ready ?? 0,
      updated: deployment?.updated ?? 0, pods: pods,
      address: service.flatMap { service in
        service.ports.first.map { "\(application).\(namespace).svc:\($0)" }
      },
      clusterIP: service?.clusterIP, servicePort: service?.ports.first,
      outside: service?.outside ?? [],
      autoscaler: scaler.map {
        .init(minimum: $0.minimum, maximum: $0.maximum, desired: $0.desired)
      },
      release: deployment?.release, deployment: deployment,
      newReplicaSet: newReplicaSet(of: application, in: namespace, deployment),
      foreignReplicaSets: foreignReplicaSets(of: application, in: namespace, deployment),
      autoscalerProblem: scaler?.problem,
      servingPods: service.map { _ in Set(slices.flatMap(\.readyPods)) },
      warnings: warnings(about: application, in: namespace))
  }

  func health(of application: String, in namespace: String, isComplete: Bool) -> Health {
    guard let deployment = deployments[namespace, application] else { return .unknown }
    if deployment.desired == 0 { return .stopped }
    let isSettled =
      deployment.observedGeneration >= deployment.generation
      && deployment.updated == deployment.desired && deployment.available == deployment.desired
      && deployment.replicas == deployment.desired
    if isSettled { return .healthy }
    if deployment.condition("ReplicaFailure")?.isTrue == true
      || deployment.condition("Progressing")?.isFalse == true
    {
      return .failing
    }
    for (_, pod) in pods.records(of: application, in: namespace) {
      if case .failing = pod.stage { return .failing }
    }
    return .progressing
  }

  private func newReplicaSet(
    of application: String, in namespace: String, _ deployment: DeploymentRecord?
  ) -> ReplicaSetRecord? {
    guard let deployment else { return nil }
    return replicaSets.records(of: application, in: namespace).map(\.record)
      .first {
        $0.revision == deployment.revision && !$0.isForeign(to: deployment)
      }
  }

  private func foreignReplicaSets(
    of application: String, in namespace: String, _ deployment: DeploymentRecord?
  ) -> Set<String> {
    guard let deployment else { return [] }
    let sets = replicaSets.records(of: application, in: namespace).map(\.record)
    return Set(sets.filter { $0.isForeign(to: deployment) }.map(\.uid))
  }

  /// Events about the application's Deployment, ReplicaSets and pods.
  private func warnings(about application: String, in namespace: String) -> [WarningRecord] {
    func isAbout(_ warning: WarningRecord, _ name: String) -> Bool {
      warning.objectName == name || warning.objectName.hasPrefix(name + "-")
    }
    // The pods of “web-api” have names that begin with “web-”, too.
    let longer = deployments.names(in: namespace).filter { $0.hasPrefix(application + "-") }
    return (warnings[namespace] ?? []).filter { warning in
      isAbout(warning, application) && !longer.contains { isAbout(warning, $0) }
    }
  }
}

extension ReplicaSetRecord {
  /// Whether it belongs to another Deployment. One without an owner is about to
  /// be adopted.
  fileprivate func isForeign(to deployment: DeploymentRecord) -> Bool {
    !owner.isEmpty && owner != deployment.uid
  }
}
