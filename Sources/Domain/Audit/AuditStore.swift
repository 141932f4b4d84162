internal import Foundation

/// The SQL of the audit log.
struct AuditStore {
  /// The end of the chain, and where its kept part begins.
  struct Head {
    var number: Int
    var hash: String
    var anchorNumber: Int
    var anchorHash: String
  }

  /// The head, held until the transaction ends: who appends waits here.
  func head(forUpdate: Bool, in connection: any Connection) throws -> Head {
    let lock: SQL = forUpdate ? "\(sqlite: "", postgres: "FOR UPDATE")" : ""
    guard
      let row = try connection.first(
        """
        SELECT number, hash, anchor_number, anchor_hash FROM audit_head WHERE id = 1 \(sql: lock)
        """)
    else {
      return Head(
        number: 0, hash: AuditChain.beginning, anchorNumber: 0,
        anchorHash: AuditChain.beginning)
    }
    return Head(
      number: try row.get("number"), hash: try row.get("hash"),
      anchorNumber: try row.get("anchor_number"), anchorHash: try row.get("anchor_hash"))
  }

  func setHead(_ head: Head, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO audit_head (id, number, hash, anchor_number, anchor_hash)
      VALUES (1, \(head.number), \(head.hash), \(head.anchorNumber), \(head.anchorHash))
      ON CONFLICT (id) DO UPDATE SET number = excluded.number, hash = excluded.hash,
        anchor_number = excluded.anchor_number, anchor_hash = excluded.anchor_hash
      """)
  }

  /// Adds a row at the end. Its number and hash are set here.
  func append(_ event: AuditEvent, in connection: any Connection) throws {
    var head = try head(forUpdate: true, in: connection)
    var event = event
    event.number = head.number + 1
    event.hash = AuditChain.hash(event, after: head.hash)
    head.number = event.number
    head.hash = event.hash
    try setHead(head, in: connection)
    try connection.execute(
      """
      INSERT INTO audit_events (number, at, actor_id, actor_email, via, address, request_id,
        action, target_kind, target_name, project, outcome, reason, changes, occurrences, hash)
      VALUES (\(event.number), \(event.at), \(event.actorID), \(event.actorEmail), \(event.via),
        \(event.address), \(event.requestID), \(event.action), \(event.target.kind),
        \(event.target.name), \(event.target.project), \(event.outcome), \(event.reason),
        \(event.changes), \(event.occurrences), \(event.hash))
      """)
  }

  /// Rows after a number, the oldest first.
  func events(after number: Int, limit: Int, in connection: any Connection) throws -> [AuditEvent] {
    try connection.query(
      "SELECT * FROM audit_events WHERE number > \(number) ORDER BY number LIMIT \(limit)"
    ).map(event)
  }

  /// Rows before a number, the newest first.
  func page(
    _ query: AuditQuery, before number: Int, limit: Int, in connection: any Connection
  ) throws -> [AuditEvent] {
    try connection.query(
      """
      SELECT * FROM audit_events WHERE number < \(number) \(sql: query.filter)
      ORDER BY number DESC LIMIT \(limit)
      """
    ).map(event)
  }

  /// The newest row older than a time that has no younger one before it.
  func lastRow(before time: Date, in connection: any Connection) throws -> AuditEvent? {
    try connection.first(
      """
      SELECT * FROM audit_events
      WHERE number < (SELECT COALESCE(MIN(number), 9223372036854775807)
        FROM audit_events WHERE at >= \(time))
      ORDER BY number DESC LIMIT 1
      """
    ).map(event)
  }

  func delete(through number: Int, in connection: any Connection) throws -> Int {
    try connection.execute("DELETE FROM audit_events WHERE number <= \(number)")
  }

  private func event(_ row: Row) throws -> AuditEvent {
    AuditEvent(
      number: try row.get("number"), at: try row.get("at"), actorID: try row.get("actor_id"),
      actorEmail: try row.get("actor_email"), via: try row.get("via"),
      address: try row.get("address"), requestID: try row.get("request_id"),
      action: try row.get("action"),
      target: AuditTarget(
        kind: try row.get("target_kind"), name: try row.get("target_name"),
        project: try row.get("project")),
      outcome: try row.get("outcome"), reason: try row.get("reason"),
      changes: try row.get("changes"), occurrences: try row.get("occurrences"),
      hash: try row.get("hash"))
  }
}
