public import struct Foundation.Date

/// How far a release is on the cluster, for people who watch it.
public struct RolloutProgress: Sendable, Hashable {
  public let release: ReleaseSummary
  /// How many pods it wants.
  public let wanted: Int
  /// The pods of this release.
  public let new: [PodStatus]
  /// Those of releases before, which serve until new ones do.
  public let old: [PodStatus]
  /// For how long nothing may move before Kubernetes gives up, in seconds.
  public let limit: Int
  /// What Kubernetes warned of last since the release began; nil for nothing.
  public let event: Event?

  /// A warning of Kubernetes.
  public struct Event: Sendable, Hashable {
    /// What it is about, for example `Pod web-7d9-x2x`.
    public let object: String
    /// In plain words where the reason is known, else Kubernetes' own.
    public let sentence: String
    public let at: Date
  }

  public var newReady: Int { new.count { $0.stage == .ready } }
  public var oldReady: Int { old.count { $0.stage == .ready } }
}

extension ApplicationDetail {
  /// How far the newest release is.
  ///
  /// - Parameter release: the newest.
  public func progress(of release: ReleaseSummary) -> RolloutProgress {
    // Before it is applied, what is live is all of releases before.
    let isApplied = status.release == release.number
    let owner = isApplied ? status.newReplicaSet?.uid : nil
    let pods = status.pods.filter { !$0.isOver }
    let event = status.warnings.filter { ($0.at ?? .distantPast) >= release.createdAt }
      .max { ($0.at ?? .distantPast) < ($1.at ?? .distantPast) }
    return RolloutProgress(
      release: release,
      wanted: isApplied ? status.desired : application.spec.minimumReplicas,
      new: pods.filter { owner != nil && $0.owner == owner },
      old: pods.filter { owner == nil || $0.owner != owner },
      limit: ManifestBuilder.progressDeadline(of: application.spec),
      event: event.map { warning in
        .init(
          object: "\(warning.objectKind) \(warning.objectName)",
          sentence: EventExplanations.sentence(
            for: warning.reason, kind: warning.objectKind, message: warning.message)
            ?? "\(warning.reason): \(warning.message)",
          at: warning.at ?? release.createdAt)
      })
  }
}
