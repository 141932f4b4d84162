internal import Foundation
internal import Kubernetes
internal import Logging

/// Releases: plan, deploy, read. Each call asks ``AccessTable`` first.
public struct Releases: Sendable {
  /// What confirming a plan came to.
  public enum Confirmation: Sendable {
    /// The release is stored and a worker takes it.
    case deployed(Release)
    /// Something moved since the plan was shown. Nothing was written; this is
    /// what a deploy would do now.
    case moved(Plan)
  }

  private let database: any Database
  private let projects: Projects
  private let applications: Applications
  private let guards: ProjectGuards
  private let planner: Planner
  private let clusterState: ClusterState
  private let signal: DeploySignal
  private let now: @Sendable () -> Date
  private let store = ReleaseStore()

  init(
    database: any Database, projects: Projects, applications: Applications,
    guards: ProjectGuards, planner: Planner, clusterState: ClusterState, signal: DeploySignal,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.database = database
    self.projects = projects
    self.applications = applications
    self.guards = guards
    self.planner = planner
    self.clusterState = clusterState
    self.signal = signal
    self.now = now
  }

  /// What deploying a draft would do. Nothing is written anywhere.
  ///
  /// - Parameter replacing: the application that is edited; nil for a new one,
  ///   whose name must be free.
  /// - Throws: `invalid` with fields, `conflict` when an object of that name
  ///   isn't BabyHelm's, `forbidden`, `notFound`, `unavailable`.
  public func plan(
    _ draft: ApplicationDraft, replacing: String? = nil, in project: String,
    as principal: Principal
  ) async throws(DomainError) -> Plan {
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    var draft = draft
    if let replacing { draft.name = replacing }
    let spec = try draft.validated()
    try projects.requireReady(membership.project)
    try await guards.requireOurs(membership.project)
    let previous = try await previous(of: spec.name, in: membership.project)
    try Self.requireExpected(previous, spec, replacing: replacing)
    return try await planner.plan(
      spec, in: membership.project, previous: previous, author: principal.email)
  }

  /// Deploys a draft, if that does exactly what the plan with this hash said.
  ///
  /// A second confirmation of the same plan finds the release of the first.
  ///
  /// - Throws: as ``plan(_:replacing:in:as:)``.
  public func deploy(
    _ draft: ApplicationDraft, replacing: String? = nil, in project: String,
    confirming hash: String, message: String = "", as principal: Principal
  ) async throws(DomainError) -> Confirmation {
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    let name = replacing ?? draft.name.trimmingSpaces()
    if let release = try await confirmed(hash, of: name, in: membership.project) {
      return .deployed(release)
    }
    let plan: Plan
    do throws(DomainError) {
      plan = try await self.plan(draft, replacing: replacing, in: project, as: principal)
    } catch {
      // The other click of a double click may have been quicker.
      guard let release = try await confirmed(hash, of: name, in: membership.project) else {
        throw error
      }
      return .deployed(release)
    }
    let isSame = plan.hash == hash
    if isSame,
      let release = try await write(plan, in: membership.project, message: message, as: principal)
    {
      clusterState.notify([project])
      signal.ring()
      return .deployed(release)
    }
    if let release = try await confirmed(hash, of: name, in: membership.project) {
      return .deployed(release)
    }
    guard isSame else { return .moved(plan) }
    return .moved(try await self.plan(draft, replacing: replacing, in: project, as: principal))
  }

  /// A release of an application, or the newest one.
  ///
  /// - Throws: `notFound`.
  public func release(
    _ number: Int? = nil, of detail: ApplicationDetail
  ) async throws(DomainError) -> Release {
    let application = detail.application
    let found = try await database.reading { [store] connection in
      let number = try number ?? store.newestNumber(of: application.id, in: connection)
      return try store.release(number, of: application.id, in: connection)
    }
    guard let found else {
      throw DomainError(
        .notFound, "The application “\(application.name)” has no such release.",
        advice: "Its page lists the releases there are.")
    }
    return found
  }

  /// The newest releases of an application, newest first.
  public func history(
    of detail: ApplicationDetail, limit: Int = 10
  ) async throws(DomainError) -> [ReleaseSummary] {
    let id = detail.application.id
    return try await database.reading { [store] connection in
      try store.history(of: id, limit: limit, in: connection)
    }
  }

  private func previous(
    of name: String, in project: Project
  ) async throws(DomainError) -> Application? {
    let id = project.id
    return try await database.reading { [applications] connection in
      try applications.find(name, in: id, in: connection)
    }
  }

  private func confirmed(
    _ hash: String, of name: String, in project: Project
  ) async throws(DomainError) -> Release? {
    let id = project.id
    return try await database.reading { [store, applications] connection in
      guard let application = try applications.find(name, in: id, in: connection) else {
        return nil
      }
      return try store.release(confirming: hash, of: application.id, in: connection)
    }
  }

  /// A new application needs a free name; an edited one must be there.
  private static func requireExpected(
    _ previous: Application?, _ spec: ApplicationSpec, replacing: String?
  ) throws(DomainError) {
    if replacing == nil, previous != nil {
      throw DomainError.invalid([
        FieldError(
          "name",
          "This project has an application “\(spec.name)” already; choose another name, or change that one."
        )
      ])
    }
    if let replacing, previous == nil {
      throw DomainError(
        .notFound, "There is no application “\(replacing)” in this project.",
        advice: "The project's page lists its applications.")
    }
  }

  /// Stores the release and the operation that deploys it, in one transaction.
  ///
  /// - Returns: nil when somebody else deployed the application meanwhile.
  private func write(
    _ plan: Plan, in project: Project, message: String, as principal: Principal
  ) async throws(DomainError) -> Release? {
    let time = now()
    let author = principal
    do throws(DomainError) {
      return try await database.writing { [store, applications] connection in
        let application: Application
        if let found = try applications.find(plan.spec.name, in: project.id, in: connection) {
          application = found
          guard
            try applications.update(
              found, to: plan.spec, release: plan.releaseNumber, at: time, in: connection),
            found.releaseNumber == plan.releaseNumber - 1
          else { throw DomainError(.conflict, "") }
        } else {
          application = Application(
            id: .random(), projectID: project.id, name: plan.spec.name, spec: plan.spec,
            releaseNumber: plan.releaseNumber, createdAt: time, updatedAt: time)
          try Self.unlessTaken { try applications.insert(application, in: connection) }
        }
        let release = Self.release(
          plan, of: application.id, message: message, author: author, at: time)
        try Self.unlessTaken { try store.insert(release, in: connection) }
        try store.insert(
          Operation(id: .random(), projectID: project.id, releaseID: release.id, attempts: 0),
          at: time, in: connection)
        return release
      }
    } catch  where error.reason == .conflict || error.reason == .alreadyExists {
      return nil
    }
  }

  /// Somebody else made the same application or release a moment ago.
  private static func unlessTaken(_ insert: () throws -> Void) throws {
    do {
      try insert()
    } catch StorageError.uniqueViolation {
      throw DomainError(.conflict, "")
    }
  }

  private static func release(
    _ plan: Plan, of application: Application.ID, message: String, author: Principal,
    at time: Date
  ) -> Release {
    Release(
      id: .random(), applicationID: application, number: plan.releaseNumber, spec: plan.spec,
      manifests: plan.steps.filter { $0.action != .delete }.map {
        ReleaseManifest(kind: $0.kind, name: $0.name, yaml: $0.yaml)
      },
      planHash: plan.hash, authorID: author.userID, authorName: author.name,
      message: String(message.prefix(500)),
      state: .queued, outcome: "", createdAt: time, finishedAt: nil)
  }
}
