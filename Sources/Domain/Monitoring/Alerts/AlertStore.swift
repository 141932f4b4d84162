internal import Foundation

/// The SQL of alerts.
struct AlertStore {
  /// How much of an alert was handed on.
  enum Told: Int {
    case nothing, beginning, end
  }

  private static let columns: SQL = "a.*, p.name AS project"
  private static let tables: SQL = "alerts a LEFT JOIN projects p ON p.id = a.project_id"

  // MARK: Reading

  /// Alerts, the newest first, from one on.
  ///
  /// - Parameter project: nil for all.
  func page(
    _ query: AlertQuery, of project: Project.ID?, before cursor: AlertQuery.Cursor?, limit: Int,
    in connection: any Connection
  ) throws -> [Alert] {
    let own: SQL = project.map { " AND a.project_id = \($0)" } ?? ""
    let after: SQL =
      cursor.map {
        """
         AND (a.started_at < \($0.startedAt) OR (a.started_at = \($0.startedAt) AND a.id < \($0.id)))
        """
      } ?? ""
    return try connection.query(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables)
      WHERE 1 = 1 \(sql: own) \(sql: query.filter) \(sql: after)
      ORDER BY a.started_at DESC, a.id DESC LIMIT \(limit)
      """
    ).map(alert)
  }

  func alert(
    _ id: Alert.ID, of project: Project.ID?, in connection: any Connection
  ) throws -> Alert? {
    let own: SQL = project.map { " AND a.project_id = \($0)" } ?? ""
    return try connection.first(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables) WHERE a.id = \(id) \(sql: own)
      """
    ).map(alert)
  }

  /// All that fire, of a project or everywhere (nil), up to a number.
  func firing(
    of project: Project.ID?, limit: Int, in connection: any Connection
  ) throws -> [Alert] {
    try page(
      AlertQuery(isFiring: true), of: project, before: nil, limit: limit, in: connection)
  }

  /// All that fire in some projects.
  func firing(
    ofAny projects: [Project.ID], in connection: any Connection
  ) throws -> [Alert] {
    try connection.query(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables)
      WHERE a.state = 'firing' AND a.project_id IN \(list: projects)
      """
    ).map(alert)
  }

  /// Those of some fingerprints that fire, by fingerprint.
  func firing(
    of fingerprints: [String], in connection: any Connection
  ) throws -> [String: Alert] {
    let found = try connection.query(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables)
      WHERE a.state = 'firing' AND a.fingerprint IN \(list: fingerprints)
      """
    ).map(alert)
    return Dictionary(found.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Those that fire under the same name in the same place, told by other
  /// sources.
  func twins(
    of name: String, at place: AlertPlaces.Place, not source: Alert.Source,
    in connection: any Connection
  ) throws -> [Alert] {
    let own: SQL =
      place.projectID.map { "a.project_id = \($0)" }
      ?? "a.project_id IS NULL AND a.namespace = \(place.namespace)"
    return try connection.query(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables)
      WHERE a.state = 'firing' AND \(sql: own) AND a.name = \(name) AND a.source <> \(source)
      ORDER BY a.started_at LIMIT 50
      """
    ).map(alert)
  }

  /// How many fire, by severity.
  func counts(in connection: any Connection) throws -> [Alert.Severity: Int] {
    var counts: [Alert.Severity: Int] = [:]
    for row in try connection.query(
      "SELECT severity, COUNT(*) AS count FROM alerts WHERE state = 'firing' GROUP BY severity")
    {
      counts[try row.get("severity")] = try row.get("count", as: Int.self)
    }
    return counts
  }

  /// How many fire and were made since a time, of a project or of none.
  func load(
    of project: Project.ID?, since time: Date, in connection: any Connection
  ) throws -> (firing: Int, made: Int) {
    let own: SQL = project.map { "project_id = \($0)" } ?? "project_id IS NULL"
    let firing = try connection.first(
      "SELECT COUNT(*) AS count FROM alerts WHERE \(sql: own) AND state = 'firing'")
    let made = try connection.first(
      "SELECT COUNT(*) AS count FROM alerts WHERE \(sql: own) AND created_at > \(time)")
    return (try firing?.get("count") ?? 0, try made?.get("count") ?? 0)
  }

  // MARK: Writing

  func insert(
    _ alert: Alert, expiresAt: Date, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO alerts (id, fingerprint, name, severity, source, state, project_id, namespace,
        application, summary, description, runbook, seen, usual, labels, started_at, ended_at, heard_at,
        expires_at, created_at, release_number, release_at, release_change, release_previous, told)
      VALUES (\(alert.id), \(alert.fingerprint), \(alert.name), \(alert.severity),
        \(alert.source), \(alert.state), \(alert.projectID), \(alert.namespace),
        \(alert.application), \(alert.summary), \(alert.description), \(alert.runbook),
        \(alert.seen), \(alert.usual), \(try Self.text(alert.labels)), \(alert.startedAt), \(alert.endedAt), \(alert.heardAt),
        \(expiresAt), \(time), \(alert.release?.number), \(alert.release?.createdAt),
        \(alert.release?.change), \(alert.release?.previous), 0)
      """)
  }

  /// Notes that an alert was told of again, perhaps by another source.
  func hear(
    _ id: Alert.ID, _ seen: AlertObservation, from source: Alert.Source, at time: Date,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE alerts SET fingerprint = \(seen.fingerprint), source = \(source),
        severity = \(seen.severity), summary = \(seen.summary),
        description = \(seen.description), runbook = \(seen.runbook), seen = \(seen.seen),
        usual = \(seen.usual),
        labels = \(try Self.text(seen.labels.all)), heard_at = \(time),
        expires_at = \(seen.expiresAt)
      WHERE id = \(id) AND state = 'firing'
      """)
  }

  func resolve(
    _ fingerprint: String, endedAt: Date, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE alerts SET state = 'resolved', heard_at = \(time),
        ended_at = CASE WHEN \(endedAt) < started_at THEN started_at ELSE \(endedAt) END
      WHERE fingerprint = \(fingerprint) AND state = 'firing'
      """)
  }

  /// Those that fire and that nobody told of again in time.
  func overdue(at time: Date, in connection: any Connection) throws -> [Alert] {
    try connection.query(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables)
      WHERE a.state = 'firing' AND a.expires_at <= \(time) LIMIT 1000
      """
    ).map(alert)
  }

  func expire(_ id: Alert.ID, in connection: any Connection) throws {
    try connection.execute(
      "UPDATE alerts SET state = 'expired', ended_at = expires_at WHERE id = \(id)")
  }

  func setExpiry(_ expiry: Date, of id: Alert.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE alerts SET expires_at = \(expiry) WHERE id = \(id)")
  }

  /// An alert with something that wasn't handed on.
  struct Untold {
    let alert: Alert
    let told: Told
    let createdAt: Date
  }

  /// Those with something that wasn't handed on, the oldest first, after one.
  func untold(
    after last: Untold?, limit: Int, in connection: any Connection
  ) throws -> [Untold] {
    let rest: SQL =
      last.map {
        """
        AND (a.created_at > \($0.createdAt)
          OR (a.created_at = \($0.createdAt) AND a.id > \($0.alert.id)))
        """
      } ?? ""
    return try connection.query(
      """
      SELECT \(sql: Self.columns) FROM \(sql: Self.tables)
      WHERE (a.told = 0 OR (a.told = 1 AND a.state <> 'firing')) \(sql: rest)
      ORDER BY a.created_at, a.id LIMIT \(limit)
      """
    ).map {
      Untold(
        alert: try alert($0), told: Told(rawValue: try $0.get("told")) ?? .nothing,
        createdAt: try $0.get("created_at"))
    }
  }

  func setTold(_ told: Told, of id: Alert.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE alerts SET told = \(told.rawValue) WHERE id = \(id)")
  }

  /// Removes what is over since a time, and of each project all but the newest.
  func purge(before time: Date, keeping most: Int, in connection: any Connection) throws {
    try connection.execute("DELETE FROM alerts WHERE state <> 'firing' AND ended_at < \(time)")
    let full = try connection.query(
      """
      SELECT project_id FROM alerts WHERE state <> 'firing'
      GROUP BY project_id HAVING COUNT(*) > \(most)
      """)
    for row in full {
      let project: String? = try row.get("project_id")
      let own: SQL = project.map { "project_id = \($0)" } ?? "project_id IS NULL"
      try connection.execute(
        """
        DELETE FROM alerts WHERE \(sql: own) AND state <> 'firing' AND id NOT IN (
          SELECT id FROM alerts WHERE \(sql: own) AND state <> 'firing'
          ORDER BY started_at DESC, id DESC LIMIT \(most))
        """)
    }
  }

  // MARK: Rows

  private static func text(_ labels: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(labels), as: UTF8.self)
  }

  private func alert(_ row: Row) throws -> Alert {
    let labels: String = try row.get("labels")
    var release: PrecedingRelease?
    if let number: Int = try row.get("release_number", as: Int?.self),
      let createdAt: Date = try row.get("release_at", as: Date?.self)
    {
      release = PrecedingRelease(
        number: number, createdAt: createdAt,
        change: try row.get("release_change", as: String?.self) ?? "",
        previous: try row.get("release_previous"))
    }
    return Alert(
      id: try row.get("id"), fingerprint: try row.get("fingerprint"), name: try row.get("name"),
      severity: try row.get("severity"), source: try row.get("source"),
      state: try row.get("state"),
      projectID: try row.get("project_id", as: String?.self).map { Project.ID(rawValue: $0) },
      project: try row.get("project"), namespace: try row.get("namespace"),
      application: try row.get("application"), summary: try row.get("summary"),
      description: try row.get("description"), runbook: try row.get("runbook"),
      seen: try row.get("seen"), usual: try row.get("usual"),
      labels: try JSONDecoder().decode([String: String].self, from: Data(labels.utf8)),
      startedAt: try row.get("started_at"), endedAt: try row.get("ended_at"),
      heardAt: try row.get("heard_at"), release: release)
  }
}
