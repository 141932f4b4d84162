internal import Foundation

/// The SQL of deleted projects.
extension ProjectStore {
  /// A trial goes at once: its visitor couldn't bring it back.
  ///
  /// - Returns: false when it is deleted already, or isn't ready.
  func setDeleted(
    _ id: Project.ID, by user: User.ID, at time: Date, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE projects SET deleted_at = \(time), deleted_by = \(user), restored_from = NULL,
        removing_since = CASE WHEN expires_at IS NULL THEN removing_since ELSE \(time) END
      WHERE id = \(id) AND deleted_at IS NULL AND state = \(Project.State.ready)
      """) == 1
  }

  /// - Returns: false when it isn't deleted, its removal has begun, or it was
  ///   deleted before a time.
  func setRestored(
    _ id: Project.ID, deletedAfter due: Date, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE projects SET restored_from = deleted_at, deleted_at = NULL, deleted_by = NULL
      WHERE id = \(id) AND deleted_at > \(due) AND removing_since IS NULL
      """) == 1
  }

  func setRestoringDone(_ id: Project.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE projects SET restored_from = NULL WHERE id = \(id)")
  }

  /// Begins to remove one project, or all that were deleted before a time.
  func setRemoving(
    _ id: Project.ID?, deletedBefore due: Date, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE projects SET removing_since = \(time)
      WHERE removing_since IS NULL AND deleted_at IS NOT NULL
        AND (id = \(id) OR deleted_at <= \(due))
      """)
  }

  /// Forgets a project whose removal has begun, with all that belongs to it.
  func forget(_ id: Project.ID, in connection: any Connection) throws {
    try connection.execute(
      "DELETE FROM projects WHERE id = \(id) AND removing_since IS NOT NULL")
  }

  func forgetAllRights(in project: Project.ID, _ connection: any Connection) throws {
    try connection.execute("DELETE FROM member_rights WHERE project_id = \(project)")
  }

  /// The projects about which something is still to be done, in the order of
  /// their names.
  func deletions(deletedBefore due: Date, in connection: any Connection) throws -> [ProjectDeletion]
  {
    try connection.query(
      """
      SELECT p.* FROM projects p
      WHERE p.restored_from IS NOT NULL OR p.removing_since IS NOT NULL
        OR (p.deleted_at IS NOT NULL AND (
          p.deleted_at <= \(due)
          OR EXISTS (SELECT 1 FROM applications a
            WHERE a.project_id = p.id AND a.deleted_at IS NULL)
          OR EXISTS (SELECT 1 FROM member_rights r WHERE r.project_id = p.id)))
      ORDER BY p.name
      """
    ).map { row in
      ProjectDeletion(
        project: try project(row), deletedBy: try row.get("deleted_by"),
        isBeingRemoved: try row.get("removing_since", as: Date?.self) != nil,
        restoredFrom: try row.get("restored_from"))
    }
  }

  /// The deleted projects that a person may restore, the last one first: those
  /// they own, or all for an admin.
  func deleted(
    of user: User.ID, all: Bool, in connection: any Connection
  ) throws -> [DeletedProject] {
    try connection.query(
      """
      SELECT p.*, u.name AS deleted_by_name,
        (SELECT COUNT(*) FROM applications a
          WHERE a.project_id = p.id AND a.deleted_at IS NULL) AS running
      FROM projects p LEFT JOIN users u ON u.id = p.deleted_by
      WHERE p.deleted_at IS NOT NULL AND (\(all ? 1 : 0) = 1 OR EXISTS (
        SELECT 1 FROM memberships m
        WHERE m.project_id = p.id AND m.user_id = \(user) AND m.role = \(ProjectRole.owner)))
      ORDER BY p.deleted_at DESC, p.name
      """
    ).map { row in
      DeletedProject(
        project: try project(row), deletedAt: try row.get("deleted_at"),
        deletedBy: try row.get("deleted_by_name", as: String?.self) ?? "",
        isBeingRemoved: try row.get("removing_since", as: Date?.self) != nil,
        runningApplications: try row.get("running"))
    }
  }
}
