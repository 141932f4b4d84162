internal import Foundation

/// The live progress of a release towards "all replicas serve"
/// (docs/design.md §5).
enum Rollout: Equatable {
  /// Still on its way.
  case underWay
  /// The new pods serve: Deployment, ReplicaSet, readiness and the Service's
  /// endpoints agree.
  case serving
  /// Kubernetes gave up on it; the sentence says why.
  case failed(String)

  /// Judges a release by what the cluster shows.
  ///
  /// - Parameter minimum: how many replicas it has at least. An autoscaler
  ///   brings a new Deployment there a moment after it began with one.
  static func judge(
    release number: Int, minimum: Int, by status: ApplicationStatus
  ) -> Rollout {
    guard let deployment = status.deployment, deployment.release == number,
      deployment.observedGeneration >= deployment.generation
    else { return .underWay }
    if let progress = deployment.condition("Progressing"), !progress.isTrue,
      progress.reason == "ProgressDeadlineExceeded"
    {
      let why = Diagnosis.of(status)?.sentence ?? "The new pods didn't become ready in time."
      return .failed(why)
    }
    let desired = deployment.desired
    guard desired >= minimum, deployment.updated == desired, deployment.replicas == desired,
      deployment.available == desired
    else { return .underWay }
    if desired == 0 { return .serving }
    guard let replicaSet = status.newReplicaSet, replicaSet.ready == desired else {
      return .underWay
    }
    let ready = status.pods.filter { $0.owner == replicaSet.uid && $0.stage == .ready }
    guard ready.count >= desired else { return .underWay }
    if let serving = status.servingPods {
      guard ready.count(where: { serving.contains($0.name) }) >= desired else { return .underWay }
    }
    return .serving
  }
}
