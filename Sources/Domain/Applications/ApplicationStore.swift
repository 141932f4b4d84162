internal import Foundation

/// The SQL of applications.
struct ApplicationStore {
  static let pageSize = 50

  func application(
    named name: String, in project: Project.ID, in connection: any Connection
  ) throws -> Application? {
    try connection.first(
      """
      SELECT * FROM applications
      WHERE project_id = \(project) AND name = \(name) AND deleted_at IS NULL
      """
    ).map(application)
  }

  /// How many applications there are that aren't deleted.
  func count(in connection: any Connection) throws -> Int {
    try connection.first("SELECT COUNT(*) AS total FROM applications WHERE deleted_at IS NULL")?
      .get("total") ?? 0
  }

  /// An application of a name, deleted or not.
  func anyApplication(
    named name: String, in project: Project.ID, in connection: any Connection
  ) throws -> Application? {
    try connection.first(
      "SELECT * FROM applications WHERE project_id = \(project) AND name = \(name)"
    ).map(application)
  }

  func application(_ id: Application.ID, in connection: any Connection) throws -> Application? {
    try connection.first("SELECT * FROM applications WHERE id = \(id)").map(application)
  }

  /// One page, from 1, of those whose names contain a text; all for "".
  func page(
    _ page: Int, in project: Project.ID, order: ListOrder = .name, matching text: String = "",
    in connection: any Connection
  ) throws -> [ApplicationSummary] {
    try connection.query(
      """
      SELECT id, name, image, release_number, updated_at, updated_at AS changed_at
      FROM applications
      WHERE project_id = \(project) AND deleted_at IS NULL \(sql: Self.condition(matching: text))
      ORDER BY \(sql: order.sql(name: "name")) LIMIT \(Self.pageSize) OFFSET \((page - 1) * Self.pageSize)
      """
    ).map(summary)
  }

  /// How many there are of them.
  func count(
    in project: Project.ID, matching text: String, in connection: any Connection
  ) throws -> Int {
    try connection.first(
      """
      SELECT COUNT(*) AS total FROM applications
      WHERE project_id = \(project) AND deleted_at IS NULL \(sql: Self.condition(matching: text))
      """)?.get("total") ?? 0
  }

  private static func condition(matching text: String) -> SQL {
    text.isEmpty ? "" : "AND name LIKE \(LikePattern.containing(text)) ESCAPE '\\'"
  }

  /// By name, from one after a name on.
  func list(
    after name: String, limit: Int, in project: Project.ID, in connection: any Connection
  ) throws -> [ApplicationSummary] {
    try connection.query(
      """
      SELECT id, name, image, release_number, updated_at
      FROM applications WHERE project_id = \(project) AND deleted_at IS NULL AND name > \(name)
      ORDER BY name LIMIT \(limit)
      """
    ).map(summary)
  }

  /// Names, with those of their projects, that contain each of some words
  /// together.
  ///
  /// - Parameter seen: which projects count, of `projects p`.
  func names(
    matching words: [String], limit: Int, seen: SQL, in connection: any Connection
  ) throws -> [(project: String, name: String)] {
    let conditions = words.map { word -> SQL in
      let pattern = LikePattern.containing(word)
      return "AND (a.name LIKE \(pattern) ESCAPE '\\' OR p.name LIKE \(pattern) ESCAPE '\\')"
    }
    return try connection.query(
      """
      SELECT a.name, p.name AS project FROM applications a JOIN projects p ON p.id = a.project_id
      WHERE a.deleted_at IS NULL AND p.deleted_at IS NULL
        AND p.state <> \(Project.State.removing) \(sql: seen)
        \(sql: conditions.reduce("") { "\(sql: $0) \(sql: $1)" })
      ORDER BY p.name, a.name LIMIT \(limit)
      """
    ).map { (project: try $0.get("project"), name: try $0.get("name")) }
  }

  private func summary(_ row: Row) throws -> ApplicationSummary {
    ApplicationSummary(
      id: try row.get("id"), name: try row.get("name"), image: try row.get("image"),
      releaseNumber: try row.get("release_number"), updatedAt: try row.get("updated_at"))
  }

  /// Every application of a project, or of all (nil), deleted ones too.
  func references(
    in connection: any Connection, of project: Project.ID?
  ) throws -> [ApplicationReference] {
    let filter: SQL = project.map { "WHERE a.project_id = \($0)" } ?? ""
    return try connection.query(
      """
      SELECT a.id, a.name, a.project_id, p.name AS project, 
        CASE WHEN a.deleted_at IS NULL THEN 0 ELSE 1 END AS is_deleted
      FROM applications a JOIN projects p ON p.id = a.project_id \(sql: filter)
      """
    ).map { row in
      ApplicationReference(
        id: try row.get("id"), name: try row.get("name"), projectID: try row.get("project_id"),
        project: try row.get("project"), isDeleted: try row.get("is_deleted"))
    }
  }

  func insert(_ application: Application, in connection: any Connection) throws {
    let specification = try ApplicationCoding.encode(application.spec)
    try connection.execute(
      """
      INSERT INTO applications
        (id, project_id, name, image, specification, release_number, created_at, updated_at)
      VALUES (\(application.id), \(application.projectID), \(application.name),
        \(application.spec.image.text), \(specification), \(application.releaseNumber),
        \(application.createdAt), \(application.updatedAt))
      """)
  }

  /// Stores a new specification, unless the application changed since the
  /// release number was read.
  ///
  /// - Returns: false when it changed.
  func update(
    _ id: Application.ID, spec: ApplicationSpec, from old: Int, to new: Int, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    let specification = try ApplicationCoding.encode(spec)
    return try connection.execute(
      """
      UPDATE applications
      SET image = \(spec.image.text), specification = \(specification),
        release_number = \(new), updated_at = \(time)
      WHERE id = \(id) AND release_number = \(old)
      """) == 1
  }

  /// By name: those in use, or those that were deleted at a time.
  func all(
    in project: Project.ID, deletedAt time: Date?, in connection: any Connection
  ) throws -> [Application] {
    let filter: SQL = time.map { "deleted_at = \($0)" } ?? "deleted_at IS NULL"
    return try connection.query(
      "SELECT * FROM applications WHERE project_id = \(project) AND \(sql: filter) ORDER BY name"
    ).map(application)
  }

  // MARK: Deleted ones

  /// The deleted applications of a project, the last one first.
  func deleted(
    in project: Project.ID, in connection: any Connection
  ) throws -> [DeletedApplication] {
    try connection.query(
      """
      SELECT a.name, a.deleted_at, a.removes_volumes, a.removing_since, u.name AS deleted_by_name
      FROM applications a LEFT JOIN users u ON u.id = a.deleted_by
      WHERE a.project_id = \(project) AND a.deleted_at IS NOT NULL
      ORDER BY a.deleted_at DESC, a.name
      """
    ).map { row in
      DeletedApplication(
        name: try row.get("name"), deletedAt: try row.get("deleted_at"),
        deletedBy: try row.get("deleted_by_name", as: String?.self) ?? "",
        removesVolumes: try row.get("removes_volumes", as: Int.self) != 0,
        isBeingRemoved: try row.get("removing_since", as: Date?.self) != nil)
    }
  }

  func setDeleted(
    _ id: Application.ID, by user: User.ID, removingVolumes: Bool, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE applications SET deleted_at = \(time), deleted_by = \(user),
        removes_volumes = \(removingVolumes ? 1 : 0)
      WHERE id = \(id) AND deleted_at IS NULL
      """) == 1
  }

  /// - Returns: false when it isn't deleted, or its removal has begun.
  func setRestored(_ id: Application.ID, in connection: any Connection) throws -> Bool {
    try connection.execute(
      """
      UPDATE applications SET deleted_at = NULL, deleted_by = NULL, removes_volumes = 0
      WHERE id = \(id) AND deleted_at IS NOT NULL AND removing_since IS NULL
      """) == 1
  }

  /// - Returns: false when it isn't deleted.
  func setRemoving(
    _ id: Application.ID, at time: Date, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE applications SET removing_since = \(time)
      WHERE id = \(id) AND deleted_at IS NOT NULL AND removing_since IS NULL
      """) == 1
  }

  /// Begins to remove what was deleted before a time.
  ///
  /// - Returns: all that are being removed, and whether their volumes go too.
  func removing(
    deletedBefore time: Date, at now: Date, in connection: any Connection
  ) throws -> [(application: Application, removesVolumes: Bool)] {
    try connection.execute(
      """
      UPDATE applications SET removing_since = \(now)
      WHERE deleted_at < \(time) AND removing_since IS NULL
      """)
    return try connection.query("SELECT * FROM applications WHERE removing_since IS NOT NULL").map {
      (try application($0), try $0.get("removes_volumes", as: Int.self) != 0)
    }
  }

  /// Whether anything is, or is to be, removed.
  func hasRemovals(deletedBefore time: Date, in connection: any Connection) throws -> Bool {
    try connection.first(
      """
      SELECT 1 AS found FROM applications
      WHERE removing_since IS NOT NULL OR deleted_at < \(time) LIMIT 1
      """) != nil
  }

  func remove(_ id: Application.ID, in connection: any Connection) throws {
    try connection.execute(
      "DELETE FROM applications WHERE id = \(id) AND removing_since IS NOT NULL")
  }

  private func application(_ row: Row) throws -> Application {
    Application(
      id: try row.get("id"), projectID: try row.get("project_id"), name: try row.get("name"),
      spec: try ApplicationCoding.decode(row.get("specification")),
      releaseNumber: try row.get("release_number"),
      createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"))
  }
}
