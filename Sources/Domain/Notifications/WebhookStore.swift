internal import Foundation

/// The SQL of webhooks.
struct WebhookStore {
  /// What it takes to send to a webhook.
  struct Target: Sendable {
    let id: Webhook.ID
    let project: String
    let url: String
    let format: Webhook.Format
    /// Sealed.
    let secret: String
    /// Sealed; nil when none signs any more.
    let oldSecret: String?
    let failingSince: Date?
  }

  func webhooks(of project: Project.ID, in connection: any Connection) throws -> [Webhook] {
    try connection.query(
      "\(sql: Self.columns) WHERE w.project_id = \(project) ORDER BY w.name, w.id"
    ).map(webhook)
  }

  func webhook(
    _ id: Webhook.ID, of project: Project.ID, in connection: any Connection
  ) throws -> Webhook? {
    try connection.first(
      "\(sql: Self.columns) WHERE w.project_id = \(project) AND w.id = \(id)"
    ).map(webhook)
  }

  /// Those that don't work, of all projects, with their project's name.
  func failing(
    limit: Int, in connection: any Connection
  ) throws -> [(webhook: Webhook, project: String)] {
    try connection.query(
      """
      \(sql: Self.columns) WHERE w.failing_since IS NOT NULL OR w.pause_reason <> ''
      ORDER BY w.failing_since, w.id LIMIT \(limit)
      """
    ).map { (try webhook($0), try $0.get("project_name")) }
  }

  func insert(
    _ id: Webhook.ID, _ draft: WebhookDraft.Checked, of project: Project.ID, secret: String,
    by user: User.ID, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO webhooks (id, project_id, name, url, format, events, is_paused, pause_reason,
        secret, sequence, version, left_out, minute_at, minute_count, created_by, created_at,
        updated_at)
      VALUES (\(id), \(project), \(draft.name), \(draft.url), \(draft.format),
        \(Self.text(draft.events)), \(draft.isPaused), '', \(secret), 0, 1, 0, 0, 0, \(user),
        \(time), \(time))
      """)
  }

  /// A change begins anew: what failed before isn't held against it.
  ///
  /// - Returns: false when it isn't of that version any more.
  func update(
    _ id: Webhook.ID, to draft: WebhookDraft.Checked, from version: Int, at time: Date,
    in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE webhooks SET name = \(draft.name), url = \(draft.url), format = \(draft.format),
        events = \(Self.text(draft.events)), is_paused = \(draft.isPaused), pause_reason = '',
        failing_since = NULL, left_out = 0, version = version + 1, updated_at = \(time)
      WHERE id = \(id) AND version = \(version)
      """) == 1
  }

  func setSecret(
    _ secret: String, of id: Webhook.ID, oldUntil: Date, at time: Date,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE webhooks SET old_secret = secret, old_secret_until = \(oldUntil), secret = \(secret),
        version = version + 1, updated_at = \(time)
      WHERE id = \(id)
      """)
  }

  func delete(_ id: Webhook.ID, in connection: any Connection) throws {
    try connection.execute("DELETE FROM webhooks WHERE id = \(id)")
  }

  func pause(_ id: Webhook.ID, because reason: String, in connection: any Connection) throws {
    try connection.execute(
      """
      UPDATE webhooks SET is_paused = 1, pause_reason = \(reason), version = version + 1
      WHERE id = \(id) AND is_paused = 0
      """)
  }

  func setFailing(since time: Date?, _ id: Webhook.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE webhooks SET failing_since = \(time) WHERE id = \(id)")
  }

  func target(
    _ id: Webhook.ID, at time: Date, in connection: any Connection
  ) throws -> Target? {
    try connection.first(
      """
      SELECT w.*, p.name AS project_name FROM webhooks w JOIN projects p ON p.id = w.project_id
      WHERE w.id = \(id)
      """
    ).map { row in
      let until: Date? = try row.get("old_secret_until")
      return Target(
        id: id, project: try row.get("project_name"), url: try row.get("url"),
        format: try row.get("format"), secret: try row.get("secret"),
        oldSecret: until.map { $0 > time } ?? false ? try row.get("old_secret") : nil,
        failingSince: try row.get("failing_since"))
    }
  }

  /// Counts one request in its minute.
  ///
  /// - Returns: false when the minute has as many as it may.
  func countRequest(
    to id: Webhook.ID, at time: Date, in connection: any Connection
  ) throws -> Bool {
    let minute = time.addingTimeInterval(-60)
    return try connection.execute(
      """
      UPDATE webhooks SET
        minute_count = CASE WHEN minute_at <= \(minute) THEN 1 ELSE minute_count + 1 END,
        minute_at = CASE WHEN minute_at <= \(minute) THEN \(time) ELSE minute_at END
      WHERE id = \(id) AND (minute_at <= \(minute) OR minute_count < \(Webhook.mostInMinute))
      """) == 1
  }

  /// The next place in a webhook's order.
  func nextSequence(of id: Webhook.ID, in connection: any Connection) throws -> Int {
    try connection.first(
      "UPDATE webhooks SET sequence = sequence + 1 WHERE id = \(id) RETURNING sequence"
    )?.get("sequence") ?? 0
  }

  func countLeftOut(of id: Webhook.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE webhooks SET left_out = left_out + 1 WHERE id = \(id)")
  }

  // MARK: Sealed secrets

  /// Those that aren't sealed with a key, so that they can be sealed with it.
  func sealed(
    withoutKey prefix: String, limit: Int, in connection: any Connection
  ) throws -> [(id: Webhook.ID, secret: String)] {
    try connection.query(
      "SELECT id, secret FROM webhooks WHERE secret NOT LIKE \(prefix) LIMIT \(limit)"
    ).map { (try $0.get("id"), try $0.get("secret")) }
  }

  func reseal(
    _ id: Webhook.ID, from old: String, to new: String, in connection: any Connection
  ) throws {
    try connection.execute(
      "UPDATE webhooks SET secret = \(new) WHERE id = \(id) AND secret = \(old)")
  }

  private static let columns: SQL = """
    SELECT w.*, p.name AS project_name, u.name AS maker_name, m.role AS maker_role,
      u.suspended_at AS maker_suspended
    FROM webhooks w JOIN projects p ON p.id = w.project_id
      LEFT JOIN users u ON u.id = w.created_by
      LEFT JOIN memberships m ON m.project_id = w.project_id AND m.user_id = w.created_by
    """

  private static func text(_ events: Set<Notice.Kind>) -> String {
    Notice.Kind.allCases.filter(events.contains).map(\.rawValue).joined(separator: " ")
  }

  private func webhook(_ row: Row) throws -> Webhook {
    let suspended: Date? = try row.get("maker_suspended")
    let role: String? = try row.get("maker_role")
    return Webhook(
      id: try row.get("id"), projectID: try row.get("project_id"), name: try row.get("name"),
      url: try row.get("url"), format: try row.get("format"),
      events: Set(
        try row.get("events", as: String.self).split(separator: " ").compactMap {
          Notice.Kind(rawValue: String($0))
        }),
      isPaused: try row.get("is_paused"), pauseReason: try row.get("pause_reason"),
      oldSecretUntil: try row.get("old_secret_until"), sequence: try row.get("sequence"),
      version: try row.get("version"), failingSince: try row.get("failing_since"),
      leftOut: try row.get("left_out"),
      createdByName: try row.get("maker_name", as: String?.self) ?? "",
      isMakerMember: role != nil && suspended == nil, createdAt: try row.get("created_at"),
      updatedAt: try row.get("updated_at"))
  }
}
