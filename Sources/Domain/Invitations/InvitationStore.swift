internal import Foundation

/// The SQL of invitations.
struct InvitationStore {
  func insert(
    _ invitation: Invitation, hash: String, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO invitations (id, hash, email, role, project_id, project_role, invited_by,
        created_at, expires_at)
      VALUES (\(invitation.id), \(hash), \(invitation.email), \(invitation.role),
        \(invitation.projectID), \(invitation.projectRole), \(invitation.inviter),
        \(invitation.createdAt), \(invitation.expiresAt))
      """)
  }

  /// The open ones, the newest first: of a project, or all.
  func open(
    of project: Project.ID?, at time: Date, in connection: any Connection
  ) throws -> [Invitation] {
    let which: SQL = project.map { "AND i.project_id = \($0)" } ?? ""
    return try connection.query(
      """
      \(sql: Self.select) WHERE i.expires_at > \(time) \(sql: which)
      ORDER BY i.created_at DESC, i.id LIMIT 500
      """
    ).map(Self.invitation)
  }

  func count(by inviter: User.ID, at time: Date, in connection: any Connection) throws -> Int {
    try connection.first(
      """
      SELECT COUNT(*) AS total FROM invitations
      WHERE invited_by = \(inviter) AND expires_at > \(time)
      """)?.get("total") ?? 0
  }

  func find(
    hash: String, at time: Date, in connection: any Connection
  ) throws -> Invitation? {
    try connection.first(
      "\(sql: Self.select) WHERE i.hash = \(hash) AND i.expires_at > \(time)"
    ).map(Self.invitation)
  }

  func find(_ id: Invitation.ID, in connection: any Connection) throws -> Invitation? {
    try connection.first("\(sql: Self.select) WHERE i.id = \(id)").map(Self.invitation)
  }

  /// False when it is gone: somebody used it a moment ago.
  func delete(_ id: Invitation.ID, in connection: any Connection) throws -> Bool {
    try connection.execute("DELETE FROM invitations WHERE id = \(id)") == 1
  }

  func deleteExpired(at time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM invitations WHERE expires_at <= \(time)")
  }

  private static let select: SQL = """
    SELECT i.*, p.name AS project, u.name AS inviter FROM invitations i
      JOIN users u ON u.id = i.invited_by LEFT JOIN projects p ON p.id = i.project_id
    """

  private static func invitation(_ row: Row) throws -> Invitation {
    Invitation(
      id: try row.get("id"), email: try row.get("email"), role: try row.get("role"),
      project: try row.get("project"), projectRole: try row.get("project_role"),
      invitedBy: try row.get("inviter"), createdAt: try row.get("created_at"),
      expiresAt: try row.get("expires_at"), projectID: try row.get("project_id"),
      inviter: try row.get("invited_by"))
  }
}
