public import Foundation

/// How alerts come in from outside: the webhook's token, when it was last heard,
/// and what didn't fit.
public struct AlertIntakeStatus: Sendable, Hashable {
  /// Whether there is a token made on a page.
  public var hasToken: Bool
  public var tokenMadeAt: Date?
  /// Who made it.
  public var tokenMadeBy: String
  /// Whether the operator gave one in a file.
  public var hasTokenFile: Bool
  /// When Alertmanager was last heard; nil before the first time.
  public var heardAt: Date?
  /// Whether it counts as there, so that BabyHelm doesn't evaluate itself.
  public var isHeard: Bool
  /// How many alerts didn't fit since the table was made.
  public var leftOut: Int
  /// When the last one didn't; nil when all did.
  public var leftOutAt: Date?
  /// What BabyHelm evaluates itself: how many rules; nil without Prometheus.
  public var rules: Int?
  /// When BabyHelm last evaluated; nil before the first time.
  public var evaluatedAt: Date?
  /// What is wrong with evaluating, a sentence each.
  public var problems: [String]
  /// Whether silences are told to Alertmanager.
  public var tellsSilences: Bool
}

/// The SQL of where the work on alerts stands.
struct AlertIntakeStore {
  struct Intake: Sendable {
    var tokenHash: String?
    var tokenMadeAt: Date?
    var tokenMadeBy: String
    var heardAt: Date?
    var leftOut: Int
    var leftOutAt: Date?
  }

  struct Clock: Sendable {
    var evaluatedAt: Date
    var purgedAt: Date
    var problems: [String]
  }

  func intake(in connection: any Connection) throws -> Intake {
    guard let row = try connection.first("SELECT * FROM alert_intake WHERE id = 1") else {
      return Intake(tokenMadeBy: "", leftOut: 0)
    }
    return Intake(
      tokenHash: try row.get("token_hash"), tokenMadeAt: try row.get("token_made_at"),
      tokenMadeBy: try row.get("token_made_by", as: String?.self) ?? "",
      heardAt: try row.get("heard_at"), leftOut: try row.get("left_out"),
      leftOutAt: try row.get("left_out_at"))
  }

  func setToken(
    hash: String?, by name: String?, at time: Date?, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO alert_intake (id, token_hash, token_made_at, token_made_by, left_out)
      VALUES (1, \(hash), \(time), \(name), 0)
      ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash,
        token_made_at = excluded.token_made_at, token_made_by = excluded.token_made_by
      """)
  }

  func setHeard(at time: Date, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO alert_intake (id, heard_at, left_out) VALUES (1, \(time), 0)
      ON CONFLICT (id) DO UPDATE SET heard_at = excluded.heard_at
      """)
  }

  func addLeftOut(_ count: Int, at time: Date, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO alert_intake (id, left_out, left_out_at) VALUES (1, \(count), \(time))
      ON CONFLICT (id) DO UPDATE SET left_out = alert_intake.left_out + excluded.left_out,
        left_out_at = excluded.left_out_at
      """)
  }

  // MARK: The clock

  func clock(forUpdate: Bool = false, in connection: any Connection) throws -> Clock? {
    let lock: SQL = forUpdate ? "\(sqlite: "", postgres: "FOR UPDATE")" : ""
    return try connection.first("SELECT * FROM alert_clock WHERE id = 1 \(sql: lock)").map { row in
      let text: String = try row.get("problems")
      return Clock(
        evaluatedAt: try row.get("evaluated_at"), purgedAt: try row.get("purged_at"),
        problems: (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? [])
    }
  }

  /// Takes the turn to evaluate.
  ///
  /// - Returns: false when another replica had it within nearly `seconds`; whose
  ///   own turns they are isn't that exact.
  func claim(at time: Date, every seconds: Double, in connection: any Connection) throws -> Bool {
    if let clock = try clock(forUpdate: true, in: connection) {
      let passed = time.timeIntervalSince(clock.evaluatedAt)
      // Clocks differ a little; one that ran far ahead holds nobody up.
      guard passed >= seconds * 0.9 || passed < -seconds else { return false }
    }
    try connection.execute(
      """
      INSERT INTO alert_clock (id, evaluated_at, purged_at, problems)
      VALUES (1, \(time), 0, '[]')
      ON CONFLICT (id) DO UPDATE SET evaluated_at = excluded.evaluated_at
      """)
    return true
  }

  func setProblems(_ problems: [String], in connection: any Connection) throws {
    let text = String(decoding: try JSONEncoder().encode(problems), as: UTF8.self)
    try connection.execute("UPDATE alert_clock SET problems = \(text) WHERE id = 1")
  }

  func setPurged(at time: Date, in connection: any Connection) throws {
    try connection.execute("UPDATE alert_clock SET purged_at = \(time) WHERE id = 1")
  }

  // MARK: What is seen and not alerted of yet

  /// What one source sees or saw a moment ago.
  struct Pending: Sendable {
    var since: Date
    var seenAt: Date
    /// Until when it counts as seen.
    var keepsUntil: Date
  }

  /// By fingerprint.
  func pending(
    _ source: Alert.Source, in connection: any Connection
  ) throws -> [String: Pending] {
    var pending: [String: Pending] = [:]
    for row in try connection.query("SELECT * FROM alert_pending WHERE source = \(source)") {
      pending[try row.get("fingerprint")] = Pending(
        since: try row.get("since"), seenAt: try row.get("seen_at"),
        keepsUntil: try row.get("keeps_until"))
    }
    return pending
  }

  func setPending(
    _ pending: Pending, _ fingerprint: String, of source: Alert.Source,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO alert_pending (fingerprint, source, since, seen_at, keeps_until)
      VALUES (\(fingerprint), \(source), \(pending.since), \(pending.seenAt),
        \(pending.keepsUntil))
      ON CONFLICT (fingerprint) DO UPDATE SET since = excluded.since, seen_at = excluded.seen_at,
        keeps_until = excluded.keeps_until
      """)
  }

  /// Removes what its rule or its source didn't tell of any more, as when the
  /// rule was taken away.
  func purgePending(before time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM alert_pending WHERE keeps_until < \(time)")
  }

  func forget(_ fingerprint: String, in connection: any Connection) throws {
    try connection.execute("DELETE FROM alert_pending WHERE fingerprint = \(fingerprint)")
  }
}
