extension Migration {
  /// Applications that were deleted and can be restored for a while.
  static let deletedApplications = Migration(
    6, "deleted_applications",
    up: [
      "ALTER TABLE applications ADD COLUMN deleted_at BIGINT",
      "ALTER TABLE applications ADD COLUMN deleted_by TEXT",
      "ALTER TABLE applications ADD COLUMN removes_volumes INTEGER NOT NULL DEFAULT 0",
      "ALTER TABLE applications ADD COLUMN removing_since BIGINT",
    ],
    down: [
      "ALTER TABLE applications DROP COLUMN removing_since",
      "ALTER TABLE applications DROP COLUMN removes_volumes",
      "ALTER TABLE applications DROP COLUMN deleted_by",
      "ALTER TABLE applications DROP COLUMN deleted_at",
    ])
}
