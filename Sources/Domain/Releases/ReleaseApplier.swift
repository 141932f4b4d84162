internal import Foundation
internal import Kubernetes
internal import Logging
internal import ServiceLifecycle

/// Carries out one release: applies its manifests in order, removes what the
/// release before left, and follows the rollout.
struct ReleaseApplier: Sendable {
  /// How a release ended.
  struct End: Sendable {
    let namespace: String
    let state: Release.State
    let outcome: String
    /// The image that the pods run, when they serve and a node told it.
    var imageDigest: String?
    /// Whose end it is; nil when it ended before that was read.
    var subject: Subject?
  }

  /// Which release ended, for the log and the metrics.
  struct Subject: Sendable {
    let application: String
    let number: Int
    let createdAt: Date
  }

  /// What an operation is about, read anew at each step.
  private struct Work: Sendable {
    let project: Project
    let application: Application
    let release: Release

    var subject: Subject {
      Subject(
        application: application.name, number: release.number, createdAt: release.createdAt)
    }
  }

  let database: any Database
  let projects: Projects
  let applications: Applications
  let guards: ProjectGuards
  let client: KubernetesClient
  let clusterState: ClusterState
  let logger: Logger
  let now: @Sendable () -> Date
  let store = ReleaseStore()

  private var live: LiveObjects { LiveObjects(client: client) }

  /// - Returns: how it ended; nil when the program shuts down or the lease was
  ///   lost before that, so that it goes on later.
  func carryOut(_ operation: Operation) async -> End? {
    var pause = Duration.milliseconds(200)
    while !shouldStop {
      do throws(DomainError) {
        guard let work = try await load(operation) else { return nil }
        var end = try await carryOut(work)
        end?.subject = work.subject
        return end
      } catch  where error.reason == .unavailable {
        logger.postponed(
          "a release waits for the cluster or the database", because: error,
          ["operation": "\(operation.id)"])
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(10))
      } catch {
        logger.notice(
          "a release failed",
          metadata: [
            "operation": "\(operation.id)", "error": "\(error.underlying ?? error.message)",
          ])
        guard let work = try? await load(operation) else { return nil }
        return End(
          namespace: work.project.name, state: .failed,
          outcome: [error.message, error.advice].filter { !$0.isEmpty }.joined(separator: " "),
          subject: work.subject)
      }
    }
    return nil
  }

  private var shouldStop: Bool { Task.isCancelled || Task.isShuttingDownGracefully }

  private func carryOut(_ work: Work) async throws(DomainError) -> End? {
    let namespace = work.project.name
    let superseded = End(
      namespace: namespace, state: .superseded,
      outcome: "A newer release took over before this one was through.")
    if try await isSuperseded(work) { return superseded }
    try await setState(.applying, work)
    try await guards.requireOurs(work.project)
    // An autoscaler goes first: until it is gone it sets back the number of
    // replicas. The rest goes last, so that a refused manifest costs nothing.
    try await removeLeftovers(of: work, isDue: Self.isAutoscaler)
    var oldProgress: ConditionRecord?
    for manifest in work.release.manifests {
      if shouldStop { return nil }
      oldProgress = try await apply(manifest, of: work) ?? oldProgress
    }
    try await removeLeftovers(of: work) { _ in true }
    try await setState(.rollingOut, work)
    return try await follow(work, ignoring: oldProgress, superseded: superseded)
  }

  /// Waits until the pods serve, Kubernetes gave up, or nothing moves any more.
  private func follow(
    _ work: Work, ignoring old: ConditionRecord?, superseded: End
  ) async throws(DomainError) -> End? {
    let namespace = work.project.name
    let hasService = work.release.manifests.contains { $0.kind == "Service" }
    var patience = RolloutPatience(for: work.release.spec, at: now())
    var nextLook = now()
    while !shouldStop {
      let status = clusterState.status(of: work.application.name, in: namespace)
      // Before every kind was listed, what isn't there may only not be known.
      let verdict =
        clusterState.isComplete
        ? Rollout.judge(
          release: work.release.number, minimum: work.release.spec.minimumReplicas,
          hasService: hasService, ignoring: old, by: status) : .underWay
      switch verdict {
      case .serving:
        return End(
          namespace: namespace, state: .succeeded,
          outcome: status.desired == 0 ? "Nothing runs, as wanted." : "All replicas serve.",
          imageDigest: Rollout.imageDigest(status))
      case .failed(let why):
        return End(namespace: namespace, state: .failed, outcome: why)
      case .underWay: break
      }
      if now() >= nextLook {
        if try await isSuperseded(work) { return superseded }
        nextLook = now().addingTimeInterval(1)
      }
      if patience.isOver(
        with: status, isStale: clusterState.staleSince != nil || !clusterState.isComplete, at: now()
      ) {
        return End(namespace: namespace, state: .failed, outcome: Rollout.reason(status))
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return nil
  }

  private func load(_ operation: Operation) async throws(DomainError) -> Work? {
    guard let project = try await projects.project(operation.projectID) else { return nil }
    return try await database.reading { [store, applications] connection in
      guard let release = try store.release(operation.releaseID, in: connection),
        let application = try applications.find(release.applicationID, in: connection)
      else { return nil }
      return Work(project: project, application: application, release: release)
    }
  }

  private func isSuperseded(_ work: Work) async throws(DomainError) -> Bool {
    let id = work.application.id
    let newest = try await database.reading { [store] connection in
      try store.newestNumber(of: id, in: connection)
    }
    return newest > work.release.number
  }

  private func setState(_ state: Release.State, _ work: Work) async throws(DomainError) {
    let id = work.release.id
    try await database.writing { [store] connection in
      try store.setState(state, of: id, in: connection)
    }
    clusterState.notify([work.project.name])
  }

  /// - Returns: how the live Deployment's rollout stood before.
  private func apply(
    _ stored: ReleaseManifest, of work: Work
  ) async throws(DomainError) -> ConditionRecord? {
    let manifest = try stored.manifest()
    let namespace = work.project.name
    let doing = "applying the \(stored.kind) “\(stored.name)”"
    do {
      let before = try await live.find(manifest.type, stored.name, in: namespace)
      if let before {
        try Planner.requireOurs(before, manifest)
        try await handOverReplicas(
          from: before, to: manifest, minimum: work.release.spec.minimumReplicas, in: namespace)
      }
      // Force is safe here: the object is ours or not there yet, and the plan
      // that was confirmed named every field that somebody else had changed.
      _ = try await client.apply(
        ClaimHandover.afterwards(manifest.object, from: before), manifest.type, name: stored.name,
        namespace: namespace,
        ApplyOptions(
          fieldManager: ProjectGuards.fieldManager, isForced: true, fieldValidation: .strict))
      if let before, Planner.isPaused(before) {
        let resumed: JSONValue = ["spec": ["paused": .null]]
        _ = try await client.mergePatch(
          resumed, manifest.type, name: stored.name, namespace: namespace,
          WriteOptions(fieldManager: ProjectGuards.fieldManager))
      }
      return try before.flatMap { try Self.progress(of: $0, manifest.type) }
    } catch let error as KubernetesError where error.isConflict && error.conflictOwners.isEmpty {
      // Somebody else wrote at the same moment; the next attempt sees what.
      throw DomainError(
        .unavailable, "The \(stored.kind) “\(stored.name)” changed while it was applied.",
        underlying: String(describing: error))
    } catch {
      throw ClusterFailure.domainError(error, doing: doing)
    }
  }

  private static func progress(
    of live: JSONValue, _ type: ResourceType
  ) throws -> ConditionRecord? {
    guard type == .deployment else { return nil }
    return try DeploymentRecord(AppsV1.Deployment(json: live)).condition("Progressing")
  }

  private func handOverReplicas(
    from live: JSONValue, to manifest: Manifest, minimum: Int, in namespace: String
  ) async throws(KubernetesError) {
    guard
      let count = ReplicaHandover.replicas(from: live, to: manifest.object, minimum: minimum)
    else { return }
    _ = try await client.apply(
      ReplicaHandover.manifest(keeping: count, of: manifest.object), manifest.type,
      name: manifest.name, namespace: namespace,
      ApplyOptions(fieldManager: ReplicaHandover.fieldManager, isForced: true))
  }

  /// Removes what the application has on the cluster and this release doesn't.
  private func removeLeftovers(
    of work: Work, isDue: (ResourceType) -> Bool
  ) async throws(DomainError) {
    let namespace = work.project.name
    do {
      let found = try await live.leftovers(
        of: work.application.name, beside: Set(work.release.manifests.map(\.kind)), in: namespace)
      for leftover in found where isDue(leftover.type) {
        try await remove(leftover, in: namespace)
      }
    } catch {
      throw ClusterFailure.domainError(
        error, doing: "removing what “\(work.application.name)” doesn't have any more")
    }
  }

  private static func isAutoscaler(_ type: ResourceType) -> Bool {
    type == AutoscalingV2.HorizontalPodAutoscaler.type
  }

  private func remove(
    _ leftover: LiveObjects.Leftover, in namespace: String
  ) async throws(KubernetesError) {
    do throws(KubernetesError) {
      _ = try await client.delete(
        leftover.type, name: leftover.name, namespace: namespace, DeleteOptions(uid: leftover.uid))
    } catch  where error.isNotFound {
      return
    }
  }
}
