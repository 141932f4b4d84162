internal import Foundation

/// The SQL of members and of their rights on the cluster.
extension ProjectStore {
  /// The people of a project, owners first, by name.
  func members(of project: Project.ID, in connection: any Connection) throws -> [MemberRow] {
    try connection.query(
      """
      SELECT u.id, u.name, u.email, u.role AS platform_role, u.suspended_at, m.role,
        m.created_at AS since, r.role AS cluster_role, r.user_id AS recorded
      FROM memberships m JOIN users u ON u.id = m.user_id
        LEFT JOIN member_rights r ON r.project_id = m.project_id AND r.user_id = m.user_id
      WHERE m.project_id = \(project)
      ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'editor' THEN 1 ELSE 2 END, u.name, u.id
      """
    ).map(member)
  }

  private func member(_ row: Row) throws -> MemberRow {
    let suspendedAt: Date? = try row.get("suspended_at")
    let recorded: String? = try row.get("recorded")
    return MemberRow(
      id: try row.get("id"), name: try row.get("name"), email: try row.get("email"),
      platformRole: try row.get("platform_role"), role: try row.get("role"),
      since: try row.get("since"), isSuspended: suspendedAt != nil,
      recorded: try row.get("cluster_role"), isRecorded: recorded != nil)
  }

  /// The account of an address that may be added; nil when there is none.
  func person(
    emailKey: String, in connection: any Connection
  ) throws -> (id: User.ID, name: String)? {
    try connection.first(
      "SELECT id, name FROM users WHERE email_key = \(emailKey) AND suspended_at IS NULL"
    ).map { (try $0.get("id"), try $0.get("name")) }
  }

  func platformRole(
    of user: User.ID, in connection: any Connection
  ) throws -> PlatformRole? {
    try connection.first("SELECT role FROM users WHERE id = \(user)")?.get("role")
  }

  func addMember(
    _ user: User.ID, _ role: ProjectRole, to project: Project.ID, at time: Date,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO memberships (project_id, user_id, role, created_at)
      VALUES (\(project), \(user), \(role), \(time))
      """)
  }

  func setRole(
    _ role: ProjectRole, of user: User.ID, in project: Project.ID, _ connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE memberships SET role = \(role)
      WHERE project_id = \(project) AND user_id = \(user)
      """)
  }

  func removeMember(
    _ user: User.ID, from project: Project.ID, in connection: any Connection
  ) throws {
    try connection.execute(
      "DELETE FROM memberships WHERE project_id = \(project) AND user_id = \(user)")
  }

  // MARK: Rights on the cluster

  /// Those who are no members and may still have rights.
  func formerMembers(
    of project: Project.ID, in connection: any Connection
  ) throws -> [User.ID] {
    try connection.query(
      """
      SELECT r.user_id FROM member_rights r WHERE r.project_id = \(project)
        AND NOT EXISTS (SELECT 1 FROM memberships m
          WHERE m.project_id = r.project_id AND m.user_id = r.user_id)
      """
    ).map { try $0.get("user_id") }
  }

  /// The ready projects in which the members and what the cluster was told of
  /// them differ.
  func unsettled(in connection: any Connection) throws -> [Project.ID] {
    try connection.query(
      """
      SELECT p.id FROM projects p
      WHERE p.state = \(Project.State.ready) AND p.deleted_at IS NULL AND (
        EXISTS (SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
          LEFT JOIN member_rights r ON r.project_id = m.project_id AND r.user_id = m.user_id
          WHERE m.project_id = p.id
            AND CASE WHEN u.suspended_at IS NOT NULL THEN ''
              WHEN u.role = 'visitor' OR m.role = 'viewer' THEN 'view' ELSE 'edit' END
            <> CASE WHEN r.user_id IS NULL THEN '' ELSE COALESCE(r.role, 'unknown') END)
        OR EXISTS (SELECT 1 FROM member_rights r WHERE r.project_id = p.id
          AND NOT EXISTS (SELECT 1 FROM memberships m
            WHERE m.project_id = r.project_id AND m.user_id = r.user_id)))
      """
    ).map { try $0.get("id") }
  }

  /// Records what the cluster was told of a person; nil before it is told, so
  /// that a crash in between is noticed.
  func record(
    _ role: ClusterRole?, of user: User.ID, in project: Project.ID, _ connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO member_rights (project_id, user_id, role)
      VALUES (\(project), \(user), \(role))
      ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role
      """)
  }

  func forgetRights(
    of user: User.ID, in project: Project.ID, _ connection: any Connection
  ) throws {
    try connection.execute(
      "DELETE FROM member_rights WHERE project_id = \(project) AND user_id = \(user)")
  }
}
