internal import Foundation

/// The SQL of applications.
struct ApplicationStore {
  static let pageSize = 50

  func application(
    named name: String, in project: Project.ID, in connection: any Connection
  ) throws -> Application? {
    try connection.first(
      "SELECT * FROM applications WHERE project_id = \(project) AND name = \(name)"
    ).map(application)
  }

  func application(_ id: Application.ID, in connection: any Connection) throws -> Application? {
    try connection.first("SELECT * FROM applications WHERE id = \(id)").map(application)
  }

  /// One page, from 1, by name.
  func page(
    _ page: Int, in project: Project.ID, in connection: any Connection
  ) throws -> [ApplicationSummary] {
    try connection.query(
      """
      SELECT id, name, image, release_number, updated_at
      FROM applications WHERE project_id = \(project)
      ORDER BY name LIMIT \(Self.pageSize) OFFSET \((page - 1) * Self.pageSize)
      """
    ).map { row in
      ApplicationSummary(
        id: try row.get("id"), name: try row.get("name"), image: try row.get("image"),
        releaseNumber: try row.get("release_number"), updatedAt: try row.get("updated_at"))
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

  private func application(_ row: Row) throws -> Application {
    Application(
      id: try row.get("id"), projectID: try row.get("project_id"), name: try row.get("name"),
      spec: try ApplicationCoding.decode(row.get("specification")),
      releaseNumber: try row.get("release_number"),
      createdAt: try row.get("created_at"), updatedAt: try row.get("updated_at"))
  }
}
