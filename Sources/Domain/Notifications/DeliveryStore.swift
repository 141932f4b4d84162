internal import Foundation

/// The SQL of messages to webhooks.
struct DeliveryStore {
  /// How many finished ones of a webhook are kept, at most.
  static let kept = 200
  /// How many attempts of a message are kept.
  static let attemptsKept = 20

  /// A message that a worker holds.
  struct Held: Sendable {
    let webhook: Webhook.ID
    let id: String
    let sequence: Int
    let kind: String
    let notices: [Notice]
    /// The last ones.
    let attempts: [WebhookDelivery.Attempt]
    /// How many failed since it was last sent on its way.
    let tries: Int
  }

  func insert(
    id: String, to webhook: Webhook.ID, sequence: Int, kind: String, notices: [Notice],
    state: WebhookDelivery.State = .waiting, attempts: [WebhookDelivery.Attempt] = [],
    due: Date?, at time: Date, in connection: any Connection
  ) throws {
    let finished = state == .waiting ? nil : time
    try connection.execute(
      """
      INSERT INTO webhook_deliveries (id, webhook_id, sequence, kind, notices, state, attempts,
        history, due_at, created_at, finished_at)
      VALUES (\(id), \(webhook), \(sequence), \(kind), \(try NotificationCoding.encode(notices)),
        \(state), \(attempts.count), \(try NotificationCoding.encode(attempts)), \(due), \(time),
        \(finished))
      """)
  }

  func waitingCount(of webhook: Webhook.ID, in connection: any Connection) throws -> Int {
    try connection.first(
      """
      SELECT COUNT(*) AS count FROM webhook_deliveries
      WHERE webhook_id = \(webhook) AND state = 'waiting'
      """
    )?.get("count") ?? 0
  }

  /// The message about alerts that hasn't been sent yet, to which more can be
  /// added.
  func collecting(
    for webhook: Webhook.ID, at time: Date, in connection: any Connection
  ) throws -> (sequence: Int, notices: [Notice])? {
    try connection.first(
      """
      SELECT sequence, notices FROM webhook_deliveries
      WHERE webhook_id = \(webhook) AND state = 'waiting' AND attempts = 0
        AND kind IN (\(Notice.Kind.alertBegan), \(Notice.Kind.alertEnded))
        AND due_at > \(time) AND leased_until IS NULL
      ORDER BY sequence DESC LIMIT 1 \(sqlite: "", postgres: "FOR UPDATE")
      """
    ).map { (try $0.get("sequence"), try NotificationCoding.decode($0.get("notices"))) }
  }

  func setNotices(
    _ notices: [Notice], of webhook: Webhook.ID, sequence: Int, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE webhook_deliveries SET notices = \(try NotificationCoding.encode(notices))
      WHERE webhook_id = \(webhook) AND sequence = \(sequence)
      """)
  }

  func hasDue(at time: Date, in connection: any Connection) throws -> Bool {
    try connection.first(
      """
      SELECT 1 AS found FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
      WHERE d.state = 'waiting' AND d.due_at <= \(time) AND w.is_paused = 0 LIMIT 1
      """) != nil
  }

  /// Takes the message that has been due longest. A webhook gets one at a time,
  /// and so many a minute; so a slow or a busy one holds up no other.
  func claim(
    for worker: String, at time: Date, until: Date, in connection: any Connection
  ) throws -> Held? {
    let minute = time.addingTimeInterval(-60)
    let row = try connection.first(
      """
      SELECT d.* FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
      WHERE d.state = 'waiting' AND d.due_at <= \(time) AND w.is_paused = 0
        AND (d.leased_until IS NULL OR d.leased_until < \(time))
        AND (w.minute_at <= \(minute) OR w.minute_count < \(Webhook.mostInMinute))
        AND NOT EXISTS (
          SELECT 1 FROM webhook_deliveries b
          WHERE b.webhook_id = d.webhook_id AND b.state = 'waiting' AND b.leased_until >= \(time))
      ORDER BY d.due_at, d.sequence LIMIT 1
      \(sqlite: "", postgres: "FOR UPDATE OF d, w SKIP LOCKED")
      """)
    guard let row else { return nil }
    let held = try held(row)
    guard try WebhookStore().countRequest(to: held.webhook, at: time, in: connection) else {
      return nil
    }
    try connection.execute(
      """
      UPDATE webhook_deliveries SET leased_by = \(worker), leased_until = \(until)
      WHERE webhook_id = \(held.webhook) AND sequence = \(held.sequence)
      """)
    return held
  }

  /// Gives a message back, as if nothing had been tried.
  func release(_ held: Held, from worker: String, in connection: any Connection) throws {
    try connection.execute(
      """
      UPDATE webhook_deliveries SET leased_by = NULL, leased_until = NULL
      WHERE webhook_id = \(held.webhook) AND sequence = \(held.sequence) AND leased_by = \(worker)
      """)
  }

  /// Records an attempt.
  ///
  /// - Returns: false when another worker has the message by now.
  func record(
    _ attempt: WebhookDelivery.Attempt, of held: Held, by worker: String,
    state: WebhookDelivery.State, due: Date?, at time: Date, in connection: any Connection
  ) throws -> Bool {
    let finished = state == .waiting ? nil : time
    let attempts = Array((held.attempts + [attempt]).suffix(Self.attemptsKept))
    return try connection.execute(
      """
      UPDATE webhook_deliveries SET state = \(state), attempts = \(held.tries + 1),
        history = \(try NotificationCoding.encode(attempts)), due_at = \(due), leased_by = NULL,
        leased_until = NULL, finished_at = \(finished)
      WHERE webhook_id = \(held.webhook) AND sequence = \(held.sequence) AND leased_by = \(worker)
        AND state = 'waiting'
      """) == 1
  }

  /// The newest messages before a sequence.
  func page(
    of webhook: Webhook.ID, before sequence: Int, limit: Int, in connection: any Connection
  ) throws -> [WebhookDelivery] {
    try connection.query(
      """
      SELECT * FROM webhook_deliveries WHERE webhook_id = \(webhook) AND sequence < \(sequence)
      ORDER BY sequence DESC LIMIT \(limit)
      """
    ).map(delivery)
  }

  func delivery(
    _ id: String, of webhook: Webhook.ID, in connection: any Connection
  ) throws -> WebhookDelivery? {
    try connection.first(
      "SELECT * FROM webhook_deliveries WHERE webhook_id = \(webhook) AND id = \(id)"
    ).map(delivery)
  }

  /// Sends a finished message again.
  ///
  /// - Returns: false when it is being sent anyway.
  func redeliver(
    _ id: String, of webhook: Webhook.ID, at time: Date, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, due_at = \(time),
        finished_at = NULL
      WHERE webhook_id = \(webhook) AND id = \(id) AND state <> 'waiting'
      """) == 1
  }

  /// Removes what is old, and what is more than is kept of a webhook.
  func purge(before time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM webhook_deliveries WHERE created_at < \(time)")
    try connection.execute(
      """
      DELETE FROM webhook_deliveries WHERE state <> 'waiting' AND sequence <= (
        SELECT w.sequence - \(Self.kept) FROM webhooks w
        WHERE w.id = webhook_deliveries.webhook_id)
      """)
  }

  private func held(_ row: Row) throws -> Held {
    Held(
      webhook: try row.get("webhook_id"), id: try row.get("id"),
      sequence: try row.get("sequence"), kind: try row.get("kind"),
      notices: try NotificationCoding.decode(row.get("notices")),
      attempts: try NotificationCoding.decode(row.get("history")),
      tries: try row.get("attempts"))
  }

  private func delivery(_ row: Row) throws -> WebhookDelivery {
    let notices: [Notice] = try NotificationCoding.decode(row.get("notices"))
    let state: WebhookDelivery.State = try row.get("state")
    let first = notices.first?.title ?? "A test"
    return WebhookDelivery(
      id: try row.get("id"), sequence: try row.get("sequence"), kind: try row.get("kind"),
      title: notices.count > 1 ? "\(first), and \(notices.count - 1) more" : first, state: state,
      attempts: try NotificationCoding.decode(row.get("history")),
      dueAt: state == .waiting ? try row.get("due_at") : nil, createdAt: try row.get("created_at"),
      finishedAt: try row.get("finished_at"))
  }
}
