internal import Kubernetes

/// Compares the manifests of a release with the cluster, by asking it what
/// applying them again would change. Defaults, status, and what an autoscaler
/// sets are the cluster's own, so none of them can differ.
struct DriftFinder: Sendable {
  let database: any Database
  let guards: ProjectGuards
  private let store = ReleaseStore()

  private var client: KubernetesClient { guards.client }

  init(database: any Database, guards: ProjectGuards) {
    self.database = database
    self.guards = guards
  }

  /// How the cluster differs from an application's newest release.
  ///
  /// - Throws: `unavailable` when the database doesn't answer; what the cluster
  ///   doesn't tell is in the report.
  func report(of detail: ApplicationDetail) async throws(DomainError) -> DriftReport {
    let id = detail.application.id
    let release = try await database.reading { [store] connection in
      try store.newest(of: id, in: connection)
    }
    guard let release else { return .unknown("There is no release to compare with.") }
    guard release.state.isFinal else { return .rollingOut(release: release.number) }
    let project = detail.membership.project
    do throws(DomainError) {
      try await guards.requireOurs(project)
      return .compared(try await drift(of: release, in: project.name))
    } catch {
      return .unknown([error.message, error.advice].filter { !$0.isEmpty }.joined(separator: " "))
    }
  }

  /// - Throws: `unavailable`; `conflict`; `internalError` for a manifest that can't be
  ///   read.
  func drift(of release: Release, in namespace: String) async throws(DomainError) -> Drift {
    var fields: [Drift.Field] = []
    var missing: [Drift.Missing] = []
    for stored in release.manifests {
      let manifest = try stored.manifest()
      do {
        guard
          let (live, changes) = try await changes(
            to: manifest, minimum: release.spec.minimumReplicas, in: namespace)
        else {
          missing.append(Drift.Missing(kind: stored.kind, name: stored.name))
          continue
        }
        let ownership = FieldOwnership(of: live)
        fields += changes.map { change in
          Drift.Field(
            kind: stored.kind, name: stored.name, path: change.path, wanted: change.new,
            found: change.old, change: ownership.author(of: change.path))
        }
      } catch {
        throw ClusterFailure.domainError(
          error, doing: "comparing the \(stored.kind) “\(stored.name)” with its release")
      }
    }
    return Drift(release: release.number, fields: fields, missing: missing)
  }

  /// The live object, and what applying would change in it; `nil` when it is gone.
  ///
  /// An autoscaler that writes between reading and asking would look like a
  /// change by hand, so a difference counts only when the object stayed as read.
  private func changes(
    to manifest: Manifest, minimum: Int, in namespace: String
  ) async throws -> (live: JSONValue, changes: [FieldChange])? {
    let objects = LiveObjects(client: client)
    guard var live = try await objects.find(manifest.type, manifest.name, in: namespace) else {
      return nil
    }
    var changes: [FieldChange] = []
    for _ in 1...Self.attempts {
      changes = try await self.changes(
        from: live, to: manifest, minimum: minimum, in: namespace)
      if changes.isEmpty { break }
      guard let now = try await objects.find(manifest.type, manifest.name, in: namespace) else {
        return nil
      }
      let versions = [live, now].map { $0.at("metadata", "resourceVersion") }
      if versions[0] == versions[1] { break }
      live = now
    }
    return (live, changes)
  }

  /// How often an object that doesn't hold still is asked about.
  private static let attempts = 5

  private func changes(
    from live: JSONValue, to manifest: Manifest, minimum: Int, in namespace: String
  ) async throws -> [FieldChange] {
    let kept = ReplicaHandover.replicas(from: live, to: manifest.object, minimum: minimum)
    let wanted = ClaimHandover.afterwards(
      ReplicaHandover.afterwards(manifest.object, keeping: kept), from: live)
    let answer = try await client.apply(
      wanted, manifest.type, name: manifest.name, namespace: namespace,
      ApplyOptions(fieldManager: ProjectGuards.fieldManager, isDryRun: true, isForced: true))
    return ObjectDifference.changes(from: live, to: answer.object)
  }
}
