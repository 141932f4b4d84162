internal import Foundation

/// An application, the project it is in, and what the cluster says about it.
public struct ApplicationDetail: Sendable {
  public let membership: ProjectMembership
  public let application: Application
  public let status: ApplicationStatus
}

/// One line of a project's list of applications.
public struct ApplicationOverview: Sendable, Hashable {
  public let application: ApplicationSummary
  public let health: Health
  /// nil while the cluster has no Deployment of it.
  public let desired: Int?
  public let ready: Int
}

/// One page of a project's applications, with how the project does.
public struct ApplicationPage: Sendable {
  public let membership: ProjectMembership
  public let applications: [ApplicationOverview]
  public let usage: ProjectUsage
  /// Those that can be restored, the last one first.
  public let deleted: [DeletedApplication]
  /// From 1.
  public let page: Int
  public let pageSize: Int
  /// How many there are on all pages.
  public let total: Int
}

/// Applications: read them, and what the cluster says about them.
public struct Applications: Sendable {
  private let database: any Database
  let projects: Projects
  private let clusterState: ClusterState
  private let store = ApplicationStore()

  init(database: any Database, projects: Projects, clusterState: ClusterState) {
    self.database = database
    self.projects = projects
    self.clusterState = clusterState
  }

  /// How many there are in all projects, for the operator's metrics.
  ///
  /// - Throws: `unavailable`.
  func count() async throws(DomainError) -> Int {
    try await database.reading { [store] connection in try store.count(in: connection) }
  }

  /// One page, from 1, of a project's applications.
  ///
  /// - Parameter text: part of their names; of it 100 characters count.
  /// - Throws: `notFound` when there is no such project the principal may see.
  public func list(
    project name: String, page: Int, in order: ListOrder = .name, matching text: String = "",
    as principal: Principal
  ) async throws(DomainError) -> ApplicationPage {
    let page = min(max(page, 1), 1_000_000)
    let wanted = String(text.trimmingSpaces().lowercased().prefix(100))
    let (membership, applications, total, deleted) = try await database.reading {
      [store, projects] connection in
      let membership = try projects.project(
        named: name, for: .readProject, as: principal, in: connection)
      let id = membership.project.id
      return (
        membership,
        try store.page(page, in: id, order: order, matching: wanted, in: connection),
        wanted.isEmpty
          ? membership.applicationCount
          : try store.count(in: id, matching: wanted, in: connection),
        membership.isOutsider ? [] : try store.deleted(in: id, in: connection)
      )
    }
    let overviews = clusterState.overviews(of: applications, in: name)
    return ApplicationPage(
      membership: membership, applications: overviews, usage: clusterState.usage(in: name),
      deleted: deleted,
      page: page, pageSize: ApplicationStore.pageSize, total: total)
  }

  /// A project's applications, by name, from one after a name on.
  ///
  /// - Parameters:
  ///   - name: of the last one seen; nil for the first ones.
  ///   - limit: how many at most.
  /// - Throws: `notFound`, `unavailable`.
  public func list(
    project: String, after name: String?, limit: Int, as principal: Principal
  ) async throws(DomainError) -> [ApplicationOverview] {
    let found = try await database.reading { [store, projects] connection in
      let membership = try projects.project(
        named: project, for: .readProject, as: principal, in: connection)
      return try store.list(
        after: name ?? "", limit: limit, in: membership.project.id, in: connection)
    }
    return clusterState.overviews(of: found, in: project)
  }

  /// The worst health among the applications that the cluster shows in each of
  /// some projects, as one page of the project list needs it.
  public func health(of projects: [ProjectMembership]) -> [Project.ID: Health] {
    clusterState.worstHealth(of: projects.map(\.project))
  }

  /// The names of the projects in which an application fails, or one is on its
  /// way, on the whole cluster, by name.
  public func troubledProjects() -> (failing: [String], progressing: [String]) {
    clusterState.troubled()
  }

  /// The names of a project's applications that fail, and of those that are on
  /// their way.
  public func troubled(in project: String) -> (failing: [String], progressing: [String]) {
    clusterState.troubled(in: project)
  }

  /// How much of its quota a project uses, as the cluster counts it; empty
  /// before it did.
  public func usage(of project: Project) -> ProjectUsage {
    clusterState.usage(in: project.name)
  }

  /// One application.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see.
  public func application(
    named name: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> ApplicationDetail {
    try await application(named: name, in: project, for: .readProject, as: principal)
  }

  /// One application, for somebody who wants to do something with it.
  func application(
    named name: String, in project: String, for permission: Permission, as principal: Principal
  ) async throws(DomainError) -> ApplicationDetail {
    let (membership, found) = try await database.reading { [store, projects] connection in
      let membership = try projects.project(
        named: project, for: permission, as: principal, in: connection)
      guard
        let found = try store.application(
          named: name, in: membership.project.id, in: connection)
      else {
        throw DomainError(
          .notFound, "There is no application “\(name)” in the project “\(project)”.",
          advice: "Check the address; the project's page lists its applications.")
      }
      return (membership, found)
    }
    return ApplicationDetail(
      membership: membership, application: found,
      status: clusterState.status(of: name, in: project))
  }

  /// What the cluster says about an application right now, for a page that is
  /// open and was allowed to see it.
  public func status(of detail: ApplicationDetail) -> ApplicationStatus {
    clusterState.status(of: detail.application.name, in: detail.membership.project.name)
  }

  /// How many pods of an application the cluster has.
  func runningPods(of name: String, in project: String) -> Int {
    clusterState.status(of: name, in: project).pods.count
  }

  /// A stream that yields at once, and then whenever something in a project
  /// changed on the cluster or a release of it moved on. It says nothing about
  /// what changed: who listens asks again, as themselves.
  public func changes(in project: String) -> AsyncStream<Void> {
    clusterState.changes(in: project)
  }

  /// Reads in one transaction, for the other files of this service.
  func reading<Value: Sendable>(
    _ body: @escaping @Sendable (any Connection, Projects, ApplicationStore) throws -> Value
  ) async throws(DomainError) -> Value {
    try await database.reading { [projects, store] connection in
      try body(connection, projects, store)
    }
  }

  // What a deploy stores, inside its transaction.

  func find(
    _ name: String, in project: Project.ID, in connection: any Connection
  ) throws -> Application? {
    try store.application(named: name, in: project, in: connection)
  }

  /// The same for one that may be deleted.
  func findAny(
    _ name: String, in project: Project.ID, in connection: any Connection
  ) throws -> Application? {
    try store.anyApplication(named: name, in: project, in: connection)
  }

  func find(_ id: Application.ID, in connection: any Connection) throws -> Application? {
    try store.application(id, in: connection)
  }

  /// Every application of a project, or of all (nil), deleted ones too.
  func references(
    in connection: any Connection, of project: Project.ID? = nil
  ) throws -> [ApplicationReference] {
    try store.references(in: connection, of: project)
  }

  /// The applications of a project, by name: those in use, or those that were
  /// deleted at a time.
  func all(
    in project: Project.ID, deletedAt time: Date?, in connection: any Connection
  ) throws -> [Application] {
    try store.all(in: project, deletedAt: time, in: connection)
  }

  // MARK: Deleted ones, inside a transaction of who deletes them

  func deleted(
    in project: Project.ID, in connection: any Connection
  ) throws -> [DeletedApplication] {
    try store.deleted(in: project, in: connection)
  }

  /// - Returns: false when it is deleted already.
  func setDeleted(
    _ id: Application.ID, by user: User.ID, removingVolumes: Bool, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    try store.setDeleted(
      id, by: user, removingVolumes: removingVolumes, at: time, in: connection)
  }

  /// - Returns: false when it isn't deleted, or its removal has begun.
  func setRestored(_ id: Application.ID, in connection: any Connection) throws -> Bool {
    try store.setRestored(id, in: connection)
  }

  func setRemoving(
    _ id: Application.ID, at time: Date, in connection: any Connection
  ) throws {
    _ = try store.setRemoving(id, at: time, in: connection)
  }

  /// Begins to remove what was deleted before a time.
  ///
  /// - Returns: all that are being removed, and whether their volumes go too.
  func removing(
    deletedBefore time: Date, at now: Date, in connection: any Connection
  ) throws -> [(application: Application, removesVolumes: Bool)] {
    try store.removing(deletedBefore: time, at: now, in: connection)
  }

  /// Whether anything is, or is to be, removed.
  func hasRemovals(deletedBefore time: Date, in connection: any Connection) throws -> Bool {
    try store.hasRemovals(deletedBefore: time, in: connection)
  }

  /// Forgets an application whose removal has begun, with all of its releases.
  func remove(_ id: Application.ID, in connection: any Connection) throws {
    try store.remove(id, in: connection)
  }

  func insert(_ application: Application, in connection: any Connection) throws {
    try store.insert(application, in: connection)
  }

  /// - Returns: false when the application was deployed since `old` was read.
  func update(
    _ application: Application, to spec: ApplicationSpec, release: Int, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    try store.update(
      application.id, spec: spec, from: application.releaseNumber, to: release, at: time,
      in: connection)
  }
}

extension ClusterState {
  fileprivate func overviews(
    of applications: [ApplicationSummary], in namespace: String
  ) -> [ApplicationOverview] {
    let isComplete = isComplete
    return read { picture in
      applications.map { application in
        let deployment = picture.deployments[namespace, application.name]
        return ApplicationOverview(
          application: application,
          health: picture.health(
            of: application.name, in: namespace, isComplete: isComplete),
          desired: deployment?.desired, ready: deployment?.ready ?? 0)
      }
    }
  }

  fileprivate func troubled() -> (failing: [String], progressing: [String]) {
    let isComplete = isComplete
    return read { picture in
      var failing: Set<String> = []
      var progressing: Set<String> = []
      for key in picture.deployments.keys where !failing.contains(key.namespace) {
        switch picture.health(of: key.name, in: key.namespace, isComplete: isComplete) {
        case .failing: failing.insert(key.namespace)
        case .progressing: progressing.insert(key.namespace)
        case .healthy, .stopped, .unknown: continue
        }
      }
      return (failing.sorted(), progressing.subtracting(failing).sorted())
    }
  }

  fileprivate func troubled(in namespace: String) -> (failing: [String], progressing: [String]) {
    let isComplete = isComplete
    return read { picture in
      let names = picture.deployments.names(in: namespace).sorted()
      let health = names.map {
        ($0, picture.health(of: $0, in: namespace, isComplete: isComplete))
      }
      return (
        health.filter { $0.1 == .failing }.map(\.0),
        health.filter { $0.1 == .progressing }.map(\.0)
      )
    }
  }

  fileprivate func worstHealth(of projects: [Project]) -> [Project.ID: Health] {
    let isComplete = isComplete
    return read { picture in
      var worst: [Project.ID: Health] = [:]
      for project in projects {
        for application in picture.deployments.names(in: project.name) {
          let health = picture.health(
            of: application, in: project.name, isComplete: isComplete)
          worst[project.id] = max(worst[project.id] ?? .stopped, health)
        }
      }
      return worst
    }
  }
}
