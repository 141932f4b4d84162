internal import Foundation
internal import Kubernetes
internal import Logging

/// Projects: create, list, read. Each call asks ``AccessTable`` first.
public struct Projects: Sendable {
  let database: any Database
  let rights: MemberRights
  let isolation: IsolationWatch
  let logger: Logger
  let now: @Sendable () -> Date
  let store = ProjectStore()
  let audit: AuditLog
  let policies: Policies
  let limits = AttemptLimits()
  private let currentAddress: @Sendable () -> ClusterAddress
  /// Where members reach the cluster, as it is at the moment: authorities change.
  var address: ClusterAddress { currentAddress() }
  /// Whether visitors may be given projects: only where nothing real runs.
  let allowsTrials: Bool
  var guards: ProjectGuards { rights.guards }

  init(
    database: any Database, rights: MemberRights, isolation: IsolationWatch,
    address: @escaping @autoclosure @Sendable () -> ClusterAddress, allowsTrials: Bool = false,
    logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.database = database
    self.rights = rights
    currentAddress = address
    self.allowsTrials = allowsTrials
    self.isolation = isolation
    self.logger = logger
    self.now = now
    audit = AuditLog(database: database, now: now)
    policies = Policies(database: database, now: now)
  }

  /// How many there are, for the operator's metrics.
  ///
  /// - Throws: `unavailable`.
  func count() async throws(DomainError) -> Int {
    try await database.reading { [store] connection in try store.count(in: connection) }
  }

  /// One page, from 1, of the projects the principal may see.
  ///
  /// - Parameter text: part of their names; of it 100 characters count.
  /// - Throws: `unavailable` when the database can't be reached.
  public func list(
    page: Int, in order: ListOrder = .name, matching text: String = "",
    as principal: Principal
  ) async throws(DomainError) -> ProjectPageList {
    let wanted = String(text.trimmingSpaces().lowercased().prefix(100))
    return try await database.reading { [store] connection in
      let list = try store.page(
        min(max(page, 1), 1_000_000), in: order, matching: wanted, of: principal.userID,
        all: principal.role == .admin, in: connection)
      return ProjectPageList(
        projects: list.projects.map { $0.seen(by: principal) }, changedAt: list.changedAt,
        total: list.total, page: list.page, pageSize: list.pageSize)
    }
  }

  /// The projects the principal may see, by name, from one after a name on.
  ///
  /// - Parameters:
  ///   - name: of the last one seen; nil for the first ones.
  ///   - limit: how many at most.
  /// - Throws: `unavailable`.
  public func list(
    after name: String?, limit: Int, as principal: Principal
  ) async throws(DomainError) -> [ProjectMembership] {
    try await database.reading { [store] connection in
      try store.list(
        after: name ?? "", limit: limit, of: principal.userID, all: principal.role == .admin,
        in: connection
      ).map { $0.seen(by: principal) }
    }
  }

  /// The projects the principal may see whose names contain each of some words,
  /// by name, without how many applications are in them.
  func matching(
    _ words: [String], limit: Int, as principal: Principal, in connection: any Connection
  ) throws -> [ProjectMembership] {
    try store.matching(
      words, limit: limit, of: principal.userID, all: principal.role == .admin, in: connection
    ).map { $0.seen(by: principal) }
  }

  /// The condition on `projects p` that lets the principal see it.
  func seen(by principal: Principal) -> SQL {
    ProjectStore.seen(by: principal.userID, all: principal.role == .admin)
  }

  /// One page, from 1, of all projects, deleted ones too, whose name, or whose
  /// owner's name or address, contains a text. Of it 254 characters count.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func overview(
    matching text: String, page: Int, as principal: Principal
  ) async throws(DomainError) -> ProjectOverviewPage {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let wanted = String(text.trimmingSpaces().prefix(254))
    let page = min(max(page, 1), 1_000_000)
    return try await database.reading { [store] connection in
      try store.overview(matching: wanted, page: page, in: connection)
    }
  }

  /// The same from one after a name on.
  ///
  /// - Throws: as ``overview(matching:page:as:)``.
  public func overview(
    matching text: String, after name: String?, limit: Int, as principal: Principal
  ) async throws(DomainError) -> [ProjectOverview] {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let wanted = String(text.trimmingSpaces().prefix(254))
    return try await database.reading { [store] connection in
      try store.overview(matching: wanted, after: name ?? "", limit: limit, in: connection)
    }
  }

  /// The project of a name.
  ///
  /// - Throws: `notFound` when there is none or the principal may not know of it.
  public func project(
    named name: String, as principal: Principal
  ) async throws(DomainError) -> ProjectMembership {
    try await project(named: name, for: .readProject, as: principal)
  }

  /// The project of a name, for somebody who wants to do something in it.
  ///
  /// - Throws: `notFound`, or `forbidden` with the reason.
  func project(
    named name: String, for permission: Permission, as principal: Principal
  ) async throws(DomainError) -> ProjectMembership {
    try await database.reading { connection in
      try project(named: name, for: permission, as: principal, in: connection)
    }
  }

  /// Throws unless a project's namespace is there.
  func requireReady(_ project: Project) throws(DomainError) {
    guard project.state == .ready else {
      throw DomainError(
        .unavailable, "The project “\(project.name)” is still being made.",
        advice: "Try again in a few seconds.", retryAfter: .seconds(5))
    }
  }

  /// The same within somebody else's transaction, so that a page asks the
  /// database once.
  func project(
    named name: String, for permission: Permission, as principal: Principal,
    in connection: any Connection
  ) throws -> ProjectMembership {
    var found = try store.membership(named: name, of: principal.userID, in: connection)
    if let membership = found, let role = membership.role, role < .owner, principal.role != .admin {
      found?.owners = try store.activeOwners(of: membership.project.id, in: connection)
    }
    try AccessTable.require(
      permission, of: principal, projectRole: found?.role,
      in: found?.project.kind ?? .ordinary, project: name, advice: found?.askingOwners)
    guard let found, found.project.state != .removing, found.project.deletedAt == nil else {
      throw DomainError(
        .notFound, "There is no project “\(name)” that you may see.",
        advice: "Check the address, or ask the project's owner to add you.")
    }
    return found.seen(by: principal)
  }

  /// The names of all projects, by id.
  func names(in connection: any Connection) throws -> [Project.ID: String] {
    try store.names(in: connection)
  }

  /// The project of an id, for BabyHelm's own work; nobody asks.
  func project(_ id: Project.ID) async throws(DomainError) -> Project? {
    try await database.reading { connection in try project(id, in: connection) }
  }

  /// The same within somebody else's transaction.
  func project(_ id: Project.ID, in connection: any Connection) throws -> Project? {
    try store.project(id, in: connection)
  }

  /// Makes a project: its row, its namespace and the namespace's guards.
  ///
  /// Either all of it is there afterwards or nothing. A crash in between is
  /// mended by ``finishUnfinished(olderThan:)``.
  ///
  /// - Throws: `invalid` with fields (also when the name is taken, here or on
  ///   the cluster, or the admins' policy is broken), `conflict` when the
  ///   principal owns as many projects as they may, `forbidden`, `unavailable`.
  public func create(
    _ draft: ProjectDraft, as principal: Principal
  ) async throws(DomainError) -> Project {
    try AccessTable.require(.createProjects, of: principal)
    let checked = try draft.validated()
    try await policies.policy().require(checked, by: principal)
    try await guards.requireFreeNamespace(checked.name)
    let project = Project(
      id: .random(), name: checked.name, quota: checked.quota, podSecurity: checked.podSecurity,
      state: .creating, namespaceUID: nil, createdBy: principal.userID, createdAt: now())
    try await insert(project, by: principal)
    do throws(DomainError) {
      return try await finish(project)
    } catch {
      await remove(project)
      throw error
    }
  }

  /// What was last found about a project's guards; nil before the first look.
  /// An old report is asked for anew, and who waits for changes in the project
  /// is told when it comes.
  public func isolation(of membership: ProjectMembership) -> IsolationReport? {
    guard membership.project.state == .ready else { return nil }
    let report = isolation.report(of: membership.project)
    // What is wrong with members' rights names them.
    return membership.isOutsider ? report?.withoutPeople() : report
  }

  /// Where the pods of projects may connect to, once their guards are in place.
  public var egress: Egress { guards.manifests.settings.egress }

  /// One page of what people did in a project, the newest first.
  ///
  /// - Parameter before: the number of the last row seen; nil for the newest.
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func audit(
    of name: String, _ query: AuditQuery, before: Int?, limit: Int = AuditLog.pageSize,
    as principal: Principal
  ) async throws(DomainError) -> (ProjectMembership, [AuditEvent]) {
    let membership = try await project(named: name, for: .readProjectAudit, as: principal)
    let made = membership.project.createdAt
    var query = query
    query.project = name
    // An earlier project of this name is nobody's business here.
    query.since = max(query.since ?? made, made)
    return (membership, try await audit.rows(query, before: before, limit: limit))
  }

  /// Applies a project's guards again, whatever somebody made of them.
  ///
  /// - Throws: `notFound`, `forbidden`, `conflict` when the namespace isn't the
  ///   one BabyHelm made, `unavailable`.
  public func restoreGuards(
    of name: String, as principal: Principal
  ) async throws(DomainError) {
    let project = try await project(named: name, for: .restoreGuards, as: principal).project
    try await guards.requireOurs(project)
    try await guards.restore(project)
    try await rights.settle(project, all: true)
    isolation.forget(project)
    try await database.writing { [audit] connection in
      try audit.record(
        .projectGuardsRestore, .project(project.name), as: principal, in: connection)
    }
  }

  /// Finishes or removes what a crash left half made.
  ///
  /// - Parameter olderThan: leaves out projects younger than this, in seconds,
  ///   which another request may be making right now.
  func finishUnfinished(olderThan seconds: Double) async throws(DomainError) {
    let before = now().addingTimeInterval(-seconds)
    let projects = try await database.reading { [store] connection in
      try store.unfinished(before: before, in: connection)
    }
    for project in projects {
      logger.notice("finishing a project", metadata: ["project": "\(project.name)"])
      if project.state == .removing {
        await remove(project)
        continue
      }
      do throws(DomainError) {
        _ = try await finish(project)
      } catch  where error.reason != .unavailable {
        await remove(project)
      }
    }
  }

  private func insert(_ project: Project, by principal: Principal) async throws(DomainError) {
    do throws(DomainError) {
      try await database.writing { [store, audit, policies] connection in
        // In the same transaction: two at once don't both get the last place.
        try policies.policy(in: connection).requireRoom(
          forProjectOf: principal.name,
          owned: try store.ownedCount(of: principal.userID, in: connection),
          role: principal.role)
        do {
          try store.insert(project, owner: principal.userID, in: connection)
        } catch StorageError.uniqueViolation {
          throw DomainError(.alreadyExists, "")
        }
        try audit.record(.projectCreate, .project(project.name), as: principal, in: connection)
      }
    } catch  where error.reason == .alreadyExists {
      throw DomainError.invalid([
        FieldError("name", "There is a project “\(project.name)” already; choose another name.")
      ])
    }
  }

  func finish(_ project: Project) async throws(DomainError) -> Project {
    let uid = try await guards.establish(project)
    let found = try await database.writing { [store] connection in
      try store.setReady(project.id, namespaceUID: uid, in: connection)
    }
    guard found else {
      throw DomainError(.conflict, "The project “\(project.name)” was removed meanwhile.")
    }
    let ready = Project(
      id: project.id, name: project.name, quota: project.quota,
      podSecurity: project.podSecurity, state: .ready, namespaceUID: uid,
      createdBy: project.createdBy, createdAt: project.createdAt, isDemo: project.isDemo,
      expiresAt: project.expiresAt)
    await settle(ready)
    return ready
  }

  /// Takes back a creation. What can't be removed now, because the cluster is
  /// out of reach, stays marked and is removed later.
  func remove(_ project: Project) async {
    do throws(DomainError) {
      let isOurs = try await database.writing { [store] connection in
        try store.setRemoving(project.id, in: connection)
      }
      guard isOurs else { return }
      try await guards.dismantle(project)
      try await database.writing { [store] connection in
        try store.delete(project.id, in: connection)
      }
    } catch {
      logger.warning(
        "a project's remains are removed later",
        metadata: ["project": "\(project.name)", "error": "\(error.underlying ?? error.message)"])
    }
  }
}
