internal import Foundation

/// How long a rollout may stand still before BabyHelm gives up on it: the
/// Deployment's own deadline (`progressDeadlineSeconds`), which begins anew with
/// each step forward, and two minutes for the cluster to say so itself.
struct RolloutPatience {
  private static let margin: Double = 120

  private let limit: Double
  private var deadline: Date
  private var last: Steps?

  /// What changes as long as there is progress.
  private struct Steps: Equatable {
    let updated: Int
    let ready: Int
    let available: Int
    let replicas: Int
    let progress: ConditionRecord?
  }

  init(for spec: ApplicationSpec, at time: Date) {
    limit = Double(ManifestBuilder.progressDeadline(of: spec)) + Self.margin
    deadline = time.addingTimeInterval(limit)
  }

  /// Whether nothing moved for too long. While the picture is old, no time
  /// passes: nobody knows what moves. Nor while somebody has paused the rollout.
  mutating func isOver(with status: ApplicationStatus, isStale: Bool, at time: Date) -> Bool {
    let steps = status.deployment.map {
      Steps(
        updated: $0.updated, ready: $0.ready, available: $0.available, replicas: $0.replicas,
        progress: $0.condition("Progressing"))
    }
    if isStale || status.deployment?.isPaused == true || steps != last {
      last = steps
      deadline = time.addingTimeInterval(limit)
    }
    return time > deadline
  }
}
