internal import Foundation

/// The SQL of silences.
struct AlertSilenceStore {
  /// Those that hold at a time: of a project, of the platform, or all.
  func active(at time: Date, in connection: any Connection) throws -> [AlertSilence] {
    try connection.query(
      """
      SELECT * FROM alert_silences WHERE ended_at IS NULL AND ends_at > \(time)
      ORDER BY ends_at, id
      """
    ).map(silence)
  }

  func active(
    of project: Project.ID?, at time: Date, in connection: any Connection
  ) throws -> [AlertSilence] {
    let own: SQL = project.map { "project_id = \($0)" } ?? "project_id IS NULL"
    return try connection.query(
      """
      SELECT * FROM alert_silences
      WHERE \(sql: own) AND ended_at IS NULL AND ends_at > \(time) ORDER BY ends_at, id
      """
    ).map(silence)
  }

  func silence(
    _ id: AlertSilence.ID, of project: Project.ID?, in connection: any Connection
  ) throws -> AlertSilence? {
    let own: SQL = project.map { "project_id = \($0)" } ?? "project_id IS NULL"
    return try connection.first(
      "SELECT * FROM alert_silences WHERE id = \(id) AND \(sql: own)"
    ).map(silence)
  }

  func insert(_ silence: AlertSilence, in connection: any Connection) throws {
    let matchers = String(decoding: try JSONEncoder().encode(silence.matchers), as: UTF8.self)
    try connection.execute(
      """
      INSERT INTO alert_silences (id, project_id, namespace, scope, fingerprint, application, name,
        matchers, comment, created_by, created_at, ends_at, outside_state, problem)
      VALUES (\(silence.id), \(silence.projectID), \(silence.namespace), \(silence.scope),
        \(silence.fingerprint), \(silence.application), \(silence.name), \(matchers),
        \(silence.comment), \(silence.createdBy), \(silence.createdAt), \(silence.endsAt),
        \(silence.outside), '')
      """)
  }

  /// - Returns: false when it was over already.
  func end(
    _ id: AlertSilence.ID, by name: String, at time: Date, in connection: any Connection
  ) throws -> Bool {
    try connection.execute(
      """
      UPDATE alert_silences SET ended_at = \(time), ended_by = \(name)
      WHERE id = \(id) AND ended_at IS NULL AND ends_at > \(time)
      """) > 0
  }

  /// Those that Alertmanager is to learn of, or to forget; or one, when it is
  /// among them.
  func unsettled(
    at time: Date, only id: AlertSilence.ID? = nil, limit: Int, in connection: any Connection
  ) throws -> [AlertSilence] {
    let own: SQL = id.map { "id = \($0) AND" } ?? ""
    return try connection.query(
      """
      SELECT * FROM alert_silences
      WHERE \(sql: own) ends_at > \(time) AND ((outside_state = 'wanted' AND ended_at IS NULL)
        OR (outside_state = 'there' AND ended_at IS NOT NULL))
      ORDER BY created_at LIMIT \(limit)
      """
    ).map(silence)
  }

  func setOutside(
    _ state: AlertSilence.Outside, id outside: String?, problem: String, of id: AlertSilence.ID,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      UPDATE alert_silences SET outside_state = \(state), outside_id = \(outside),
        problem = \(problem)
      WHERE id = \(id)
      """)
  }

  func purge(before time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM alert_silences WHERE ends_at < \(time)")
  }

  func silence(_ row: Row) throws -> AlertSilence {
    let matchers: String = try row.get("matchers")
    return AlertSilence(
      id: try row.get("id"),
      projectID: try row.get("project_id", as: String?.self).map { Project.ID(rawValue: $0) },
      namespace: try row.get("namespace"), scope: try row.get("scope"),
      fingerprint: try row.get("fingerprint"), application: try row.get("application"),
      name: try row.get("name"),
      matchers: try JSONDecoder().decode([String: String].self, from: Data(matchers.utf8)),
      comment: try row.get("comment"), createdBy: try row.get("created_by"),
      createdAt: try row.get("created_at"), endsAt: try row.get("ends_at"),
      endedAt: try row.get("ended_at"), endedBy: try row.get("ended_by", as: String?.self) ?? "",
      outside: try row.get("outside_state"), outsideID: try row.get("outside_id"),
      problem: try row.get("problem"))
  }
}
