internal import Foundation

/// The SQL of projects and memberships.
struct ProjectStore {
  static let pageSize = 50

  func insert(_ project: Project, owner: User.ID, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO projects (id, name, namespace_uid, state, cpu, memory, pods, storage, pod_security,
        created_by, created_at, is_demo, expires_at)
      VALUES (\(project.id), \(project.name), \(project.namespaceUID), \(project.state),
        \(project.quota.cpu), \(project.quota.memory), \(project.quota.pods),
        \(project.quota.storage), \(project.podSecurity), \(project.createdBy), \(project.createdAt),
        \(project.isDemo ? 1 : 0), \(project.expiresAt))
      """)
    try connection.execute(
      """
      INSERT INTO memberships (project_id, user_id, role, created_at)
      VALUES (\(project.id), \(owner), \(ProjectRole.owner), \(project.createdAt))
      """)
  }

  /// How many projects there are that aren't deleted.
  func count(in connection: any Connection) throws -> Int {
    try connection.first("SELECT COUNT(*) AS total FROM projects WHERE deleted_at IS NULL")?
      .get("total") ?? 0
  }

  /// How many projects a person owns, deleted ones that can be restored among
  /// them.
  func ownedCount(of user: User.ID, in connection: any Connection) throws -> Int {
    try connection.first(
      """
      SELECT COUNT(*) AS total FROM memberships
      WHERE user_id = \(user) AND role = \(ProjectRole.owner)
      """)?.get("total") ?? 0
  }

  /// The project of a name with the person's role in it; nil when there is none.
  func membership(
    named name: String, of user: User.ID, in connection: any Connection
  ) throws -> ProjectMembership? {
    try connection.first(
      """
      SELECT p.*, m.role,
        (SELECT COUNT(*) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL) AS application_count
      FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = \(user)
      WHERE p.name = \(name)
      """
    ).map(membership)
  }

  /// One page of the projects a person may see: their own and demos, or all for
  /// an admin.
  func page(
    _ page: Int, in order: ListOrder = .name, matching text: String = "", of user: User.ID,
    all: Bool, in connection: any Connection
  ) throws -> ProjectPageList {
    var seen = Self.seen(by: user, all: all)
    if !text.isEmpty {
      seen = "\(sql: seen) AND p.name LIKE \(LikePattern.containing(text)) ESCAPE '\\'"
    }
    let rows = try connection.query(
      """
      SELECT p.*, m.role,
        (SELECT COUNT(*) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL) AS application_count,
        COALESCE((SELECT MAX(a.updated_at) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL), p.created_at) AS changed_at
      FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = \(user)
      WHERE p.state <> \(Project.State.removing) AND p.deleted_at IS NULL \(sql: seen)
      ORDER BY \(sql: order.sql(name: "p.name")) LIMIT \(Self.pageSize) OFFSET \((page - 1) * Self.pageSize)
      """)
    let total = try connection.first(
      """
      SELECT COUNT(*) AS total FROM projects p
      WHERE p.state <> \(Project.State.removing) AND p.deleted_at IS NULL \(sql: seen)
      """)
    return ProjectPageList(
      projects: try rows.map(membership),
      changedAt: Dictionary(
        try rows.map { (try $0.get("id"), try $0.get("changed_at")) },
        uniquingKeysWith: { first, _ in first }),
      total: try total?.get("total") ?? 0, page: page, pageSize: Self.pageSize)
  }

  /// Which projects a person sees: their own and demos, or all for an admin.
  static func seen(by user: User.ID, all: Bool) -> SQL {
    if all { return "" }
    return """
      AND p.id IN (SELECT project_id FROM memberships WHERE user_id = \(user)
        UNION SELECT id FROM projects WHERE is_demo = 1)
      """
  }

  /// The same by name, from one after a name on.
  func list(
    after name: String, limit: Int, of user: User.ID, all: Bool, in connection: any Connection
  ) throws -> [ProjectMembership] {
    try connection.query(
      """
      SELECT p.*, m.role,
        (SELECT COUNT(*) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL) AS application_count
      FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = \(user)
      WHERE p.state <> \(Project.State.removing) AND p.deleted_at IS NULL AND p.name > \(name)
        \(sql: Self.seen(by: user, all: all))
      ORDER BY p.name LIMIT \(limit)
      """
    ).map(membership)
  }

  /// By name, those whose names contain each of some words.
  func matching(
    _ words: [String], limit: Int, of user: User.ID, all: Bool, in connection: any Connection
  ) throws -> [ProjectMembership] {
    let conditions = words.map { word -> SQL in
      "AND p.name LIKE \(LikePattern.containing(word)) ESCAPE '\\'"
    }
    return try connection.query(
      """
      SELECT p.*, m.role, 0 AS application_count
      FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = \(user)
      WHERE p.state <> \(Project.State.removing) AND p.deleted_at IS NULL
        \(sql: Self.seen(by: user, all: all))
        \(sql: conditions.reduce("") { "\(sql: $0) \(sql: $1)" })
      ORDER BY p.name LIMIT \(limit)
      """
    ).map(membership)
  }

  /// One page of all projects whose name, or whose owner's name or address,
  /// contains a text.
  func overview(
    matching text: String, page: Int, in connection: any Connection
  ) throws -> ProjectOverviewPage {
    let condition = Self.condition(matching: text)
    let rows = try connection.query(
      """
      SELECT p.*, (SELECT COUNT(*) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL) AS application_count
      FROM projects p WHERE \(sql: condition)
      ORDER BY p.name LIMIT \(Self.pageSize) OFFSET \((page - 1) * Self.pageSize)
      """)
    let total = try connection.first(
      "SELECT COUNT(*) AS total FROM projects p WHERE \(sql: condition)")
    return ProjectOverviewPage(
      projects: try rows.map { try overview($0, in: connection) },
      total: try total?.get("total") ?? 0, page: page, pageSize: Self.pageSize)
  }

  /// The same from one after a name on.
  func overview(
    matching text: String, after name: String, limit: Int, in connection: any Connection
  ) throws -> [ProjectOverview] {
    try connection.query(
      """
      SELECT p.*, (SELECT COUNT(*) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL) AS application_count
      FROM projects p WHERE \(sql: Self.condition(matching: text)) AND p.name > \(name)
      ORDER BY p.name LIMIT \(limit)
      """
    ).map { try overview($0, in: connection) }
  }

  private func overview(_ row: Row, in connection: any Connection) throws -> ProjectOverview {
    let project = try project(row)
    return ProjectOverview(
      project: project, owners: try owners(of: project.id, in: connection),
      applicationCount: try row.get("application_count"))
  }

  private static func condition(matching text: String) -> SQL {
    let pattern = LikePattern.containing(text.lowercased())
    return """
      p.state <> \(Project.State.removing) AND (p.name LIKE \(pattern) ESCAPE '\\' OR EXISTS (
        SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
        WHERE m.project_id = p.id AND m.role = \(ProjectRole.owner)
          AND (LOWER(u.name) LIKE \(pattern) ESCAPE '\\' OR u.email_key LIKE \(pattern) ESCAPE '\\')))
      """
  }

  private func owners(of project: Project.ID, in connection: any Connection) throws -> [String] {
    try connection.query(
      """
      SELECT u.name FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.project_id = \(project) AND m.role = \(ProjectRole.owner) ORDER BY u.name
      """
    ).map { try $0.get("name") }
  }

  /// The names of people who own a project and can act, at most three.
  func activeOwners(of project: Project.ID, in connection: any Connection) throws -> [String] {
    try connection.query(
      """
      SELECT u.name FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.project_id = \(project) AND m.role = \(ProjectRole.owner)
        AND u.suspended_at IS NULL AND u.role <> \(PlatformRole.visitor)
      ORDER BY u.name LIMIT 3
      """
    ).map { try $0.get("name") }
  }

  func project(_ id: Project.ID, in connection: any Connection) throws -> Project? {
    try connection.first("SELECT * FROM projects WHERE id = \(id)").map(project)
  }

  /// The names of all projects, by id.
  func names(in connection: any Connection) throws -> [Project.ID: String] {
    var names: [Project.ID: String] = [:]
    for row in try connection.query("SELECT id, name FROM projects") {
      names[try row.get("id")] = try row.get("name", as: String.self)
    }
    return names
  }

  /// Projects whose creation or removal was cut off.
  func unfinished(before: Date, in connection: any Connection) throws -> [Project] {
    try connection.query(
      "SELECT * FROM projects WHERE state <> \(Project.State.ready) AND created_at < \(before)"
    ).map(project)
  }

  /// Records the namespace that was made. False when the row is gone.
  func setReady(
    _ id: Project.ID, namespaceUID: String, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE projects SET state = \(Project.State.ready), namespace_uid = \(namespaceUID)
      WHERE id = \(id) AND state <> \(Project.State.removing)
      """) == 1
  }

  /// Marks a project that never got ready. False when it did, or is gone:
  /// somebody else finished it and may have deployed into it.
  func setRemoving(_ id: Project.ID, in connection: any Connection) throws -> Bool {
    try connection.execute(
      """
      UPDATE projects SET state = \(Project.State.removing)
      WHERE id = \(id) AND state <> \(Project.State.ready)
      """) == 1
  }

  func delete(_ id: Project.ID, in connection: any Connection) throws {
    try connection.execute("DELETE FROM projects WHERE id = \(id)")
  }

  private func membership(_ row: Row) throws -> ProjectMembership {
    ProjectMembership(
      project: try project(row), role: try row.get("role"),
      applicationCount: try row.get("application_count"))
  }

  func project(_ row: Row) throws -> Project {
    Project(
      id: try row.get("id"), name: try row.get("name"),
      quota: ProjectQuota(
        cpu: try row.get("cpu"), memory: try row.get("memory"), pods: try row.get("pods"),
        storage: try row.get("storage")),
      podSecurity: try row.get("pod_security"),
      state: try row.get("state"), namespaceUID: try row.get("namespace_uid"),
      createdBy: try row.get("created_by"), createdAt: try row.get("created_at"),
      deletedAt: try row.get("deleted_at"),
      isDemo: try row.get("is_demo", as: Int.self) == 1, expiresAt: try row.get("expires_at"))
  }
}
