extension Migration {
  /// Whose rights on the cluster BabyHelm made or is about to make, and which
  /// (`role` is NULL until that is known). What differs from the members is
  /// still to be done.
  static let memberRights = Migration(
    7, "member_rights",
    up: [
      """
      CREATE TABLE member_rights (
        project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user_id TEXT NOT NULL,
        role TEXT CHECK (role IN ('view', 'edit')),
        PRIMARY KEY (project_id, user_id)
      )
      """
    ],
    down: ["DROP TABLE member_rights"])
}
