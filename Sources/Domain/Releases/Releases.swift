internal import Foundation
internal import Kubernetes
internal import Logging

/// Releases: plan, deploy, read, change. Each call asks ``AccessTable`` first.
public struct Releases: Sendable {
  /// What confirming a plan came to.
  public enum Confirmation: Sendable {
    /// The release is stored and a worker takes it.
    case deployed(Release)
    /// Something moved since the plan was shown. Nothing was written; this is
    /// what a deploy would do now.
    case moved(Plan)
  }

  let database: any Database
  let projects: Projects
  let applications: Applications
  let guards: ProjectGuards
  let planner: Planner
  let vault: SecretVault
  let clusterState: ClusterState
  let signal: DeploySignal
  let now: @Sendable () -> Date
  let store = ReleaseStore()
  let audit: AuditLog
  let notices = ReleaseNotices(notices: Notices())
  let lastWords: LastWords
  let drifts: DriftWatch
  /// Tells people of the ends of their releases.
  public let ends: ReleaseEnds

  init(
    database: any Database, projects: Projects, applications: Applications,
    guards: ProjectGuards, planner: Planner, vault: SecretVault, clusterState: ClusterState,
    signal: DeploySignal,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.database = database
    self.projects = projects
    self.applications = applications
    self.guards = guards
    self.planner = planner
    self.vault = vault
    self.clusterState = clusterState
    self.signal = signal
    self.now = now
    audit = AuditLog(database: database, now: now)
    ends = ReleaseEnds(database: database, notices: notices.notices)
    lastWords = LastWords(client: planner.client)
    drifts = DriftWatch(
      finder: DriftFinder(database: database, guards: guards), clusterState: clusterState, now: now)
  }

  /// A release of an application, or the newest one.
  ///
  /// - Throws: `notFound`.
  public func release(
    _ number: Int? = nil, of detail: ApplicationDetail
  ) async throws(DomainError) -> Release {
    let (application, isOutsider) = (detail.application, detail.membership.isOutsider)
    let found = try await database.reading { [store] connection in
      let number = try number ?? store.newestNumber(of: application.id, in: connection)
      return try store.release(number, of: application.id, in: connection)
    }
    guard let found else {
      throw DomainError(
        .notFound, "The application “\(application.name)” has no such release.",
        advice: "Its page lists the releases there are.")
    }
    return isOutsider ? found.withoutPeople() : found
  }

  /// The releases of an application before a number, newest first.
  ///
  /// - Parameter number: nil for the newest.
  public func history(
    of detail: ApplicationDetail, before number: Int? = nil, limit: Int = 5
  ) async throws(DomainError) -> [ReleaseSummary] {
    let id = detail.application.id
    let releases = try await database.reading { [store] connection in
      try store.history(of: id, before: number ?? .max, limit: limit, in: connection)
    }
    return detail.membership.isOutsider ? releases.map { $0.withoutPeople() } : releases
  }

  /// When a project's releases were made since some time, or those of one of its applications: at
  /// most 200, the oldest first. Who asks has been let into the project.
  func moments(
    in project: Project.ID, of application: Application.ID?, since: Date
  ) async throws(DomainError) -> [ReleaseMoment] {
    try await database.reading { [store] connection in
      try store.moments(
        in: project, of: application, since: since, limit: 200, in: connection)
    }
  }

  /// What one release has other than an earlier one, object by object.
  ///
  /// - Throws: `internalError` when a stored manifest can't be read.
  public func difference(
    from old: Release, to new: Release
  ) throws(DomainError) -> [Plan.Step] {
    var steps: [Plan.Step] = []
    for manifest in new.manifests {
      let before = old.manifests.first { $0.kind == manifest.kind && $0.name == manifest.name }
      var action = Plan.Step.Action.create
      if let before {
        let changes = ObjectDifference.changes(
          from: try before.manifest().object, to: try manifest.manifest().object)
        action = changes.isEmpty ? .nothing : .change(changes)
      }
      steps.append(
        Plan.Step(kind: manifest.kind, name: manifest.name, action: action, yaml: manifest.yaml))
    }
    for gone in old.manifests
    where !new.manifests.contains(where: { $0.kind == gone.kind && $0.name == gone.name }) {
      steps.append(Plan.Step(kind: gone.kind, name: gone.name, action: .delete, yaml: gone.yaml))
    }
    return steps
  }
}
