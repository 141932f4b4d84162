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
  /// - Parameters:
  ///   - minimum: how many replicas it has at least. An autoscaler brings a new
  ///     Deployment there a moment after it began with one.
  ///   - hasService: whether pods must be among a Service's endpoints.
  ///   - old: the condition `Progressing` before the release was applied. The
  ///     controller keeps a passed deadline until there is progress, so the same
  ///     one again says nothing about this release.
  static func judge(
    release number: Int, minimum: Int, hasService: Bool = false,
    ignoring old: ConditionRecord? = nil,
    by status: ApplicationStatus
  ) -> Rollout {
    guard let deployment = status.deployment, deployment.release == number,
      deployment.observedGeneration >= deployment.generation
    else { return .underWay }
    if isServing(deployment, minimum: minimum, hasService: hasService, status) { return .serving }
    if let progress = deployment.condition("Progressing"), progress.isFalse, progress != old,
      progress.reason == "ProgressDeadlineExceeded"
    {
      return .failed(reason(status))
    }
    return .underWay
  }

  /// Why a release didn't get through, as a sentence.
  static func reason(_ status: ApplicationStatus) -> String {
    Diagnosis.of(status)?.sentence ?? "The new pods didn't become ready in time."
  }

  /// The digest that the newest pods run, as their nodes tell it.
  static func imageDigest(_ status: ApplicationStatus) -> String? {
    let newest = status.newReplicaSet?.uid
    return status.pods.lazy.filter { $0.owner == newest && $0.stage == .ready }
      .compactMap { ImageReference.digest(inImageID: $0.imageID) }.first
  }

  private static func isServing(
    _ deployment: DeploymentRecord, minimum: Int, hasService: Bool, _ status: ApplicationStatus
  ) -> Bool {
    let desired = deployment.desired
    guard desired >= minimum, deployment.updated == desired, deployment.replicas == desired,
      deployment.available == desired
    else { return false }
    if desired == 0 { return true }
    guard let replicaSet = status.newReplicaSet, replicaSet.ready == desired else { return false }
    let ready = status.pods.filter { $0.owner == replicaSet.uid && $0.stage == .ready }
    guard ready.count >= desired else { return false }
    guard let serving = status.servingPods else { return !hasService }
    return ready.count { serving.contains($0.name) } >= desired
  }
}
