extension Migration {
  /// Projects that were deleted and can be restored for a while.
  /// `restored_from` is the `deleted_at` that was taken back while their
  /// applications still have to follow.
  static let deletedProjects = Migration(
    9, "deleted_projects",
    up: [
      "ALTER TABLE projects ADD COLUMN deleted_at BIGINT",
      "ALTER TABLE projects ADD COLUMN deleted_by TEXT",
      "ALTER TABLE projects ADD COLUMN removing_since BIGINT",
      "ALTER TABLE projects ADD COLUMN restored_from BIGINT",
    ],
    down: [
      "ALTER TABLE projects DROP COLUMN restored_from",
      "ALTER TABLE projects DROP COLUMN removing_since",
      "ALTER TABLE projects DROP COLUMN deleted_by",
      "ALTER TABLE projects DROP COLUMN deleted_at",
    ])
}
