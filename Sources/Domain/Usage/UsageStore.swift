internal import Foundation

/// What was counted of one application within a minute or so.
struct UsageSample: Sendable {
  var application: ApplicationReference
  /// What its pods asked for.
  var requested = ResourceAmount.zero
  /// Of its volumes, in KiB.
  var storage: Int64 = 0
  /// What each pod used; empty when that isn't known.
  var used: [ResourceAmount] = []
}

/// The sums of some hours.
struct UsageSums: Sendable {
  var application: String
  var applicationID: String
  var seconds: Int
  var reserved: Reservation
  var measuredSeconds: Int
  var used: Reservation
  var peak: ResourceAmount
}

/// The SQL of use.
struct UsageStore {
  /// How long hours and days are kept, in days.
  static let daysKept = 35

  /// Until when use was counted; nil before the first time.
  func countedTo(in connection: any Connection) throws -> Date? {
    try connection.first("SELECT counted_to FROM usage_clock WHERE id = 1")?.get("counted_to")
  }

  func setCounted(to time: Date, in connection: any Connection) throws {
    try connection.execute(
      """
      INSERT INTO usage_clock (id, counted_to) VALUES (1, \(time))
      ON CONFLICT (id) DO UPDATE SET counted_to = excluded.counted_to
      """)
  }

  /// Adds a sample that stands for some seconds before `time`.
  func add(
    _ sample: UsageSample, seconds: Int, at time: Date, in connection: any Connection
  ) throws {
    let used = sample.used.reduce(.zero, +)
    let factor = Int64(seconds)
    let measured = sample.used.isEmpty ? 0 : seconds
    let application = sample.application
    try connection.execute(
      """
      INSERT INTO usage_hours (application_id, hour, project_id, project_name, application_name,
        seconds, cpu_requested, memory_requested, storage_requested, measured_seconds, cpu_used,
        memory_used, cpu_peak, memory_peak)
      VALUES (\(application.id), \(time.start(of: 3600)), \(application.projectID),
        \(application.project), \(application.name), \(seconds),
        \(sample.requested.cpu * factor), \(sample.requested.memory * factor),
        \(sample.storage * factor), \(measured), \(used.cpu * factor), \(used.memory * factor),
        \(used.cpu), \(used.memory))
      ON CONFLICT (application_id, hour) DO UPDATE SET
        seconds = usage_hours.seconds + excluded.seconds,
        cpu_requested = usage_hours.cpu_requested + excluded.cpu_requested,
        memory_requested = usage_hours.memory_requested + excluded.memory_requested,
        storage_requested = usage_hours.storage_requested + excluded.storage_requested,
        measured_seconds = usage_hours.measured_seconds + excluded.measured_seconds,
        cpu_used = usage_hours.cpu_used + excluded.cpu_used,
        memory_used = usage_hours.memory_used + excluded.memory_used,
        cpu_peak = CASE WHEN excluded.cpu_peak > usage_hours.cpu_peak THEN excluded.cpu_peak
          ELSE usage_hours.cpu_peak END,
        memory_peak = CASE WHEN excluded.memory_peak > usage_hours.memory_peak
          THEN excluded.memory_peak ELSE usage_hours.memory_peak END
      """)
    if !sample.used.isEmpty { try addDay(sample, seconds: seconds, at: time, in: connection) }
  }

  private func addDay(
    _ sample: UsageSample, seconds: Int, at time: Date, in connection: any Connection
  ) throws {
    let day = time.start(of: 24 * 3600)
    let id = sample.application.id
    let row = try connection.first(
      "SELECT cpu, memory FROM usage_days WHERE application_id = \(id) AND day = \(day)")
    var cpu: UseHistogram = try row?.get("cpu") ?? UseHistogram()
    var memory: UseHistogram = try row?.get("memory") ?? UseHistogram()
    for pod in sample.used {
      cpu.note(pod.cpu)
      memory.note(pod.memory)
    }
    try connection.execute(
      """
      INSERT INTO usage_days (application_id, day, project_id, measured_seconds, cpu, memory)
      VALUES (\(id), \(day), \(sample.application.projectID), \(seconds), \(cpu), \(memory))
      ON CONFLICT (application_id, day) DO UPDATE SET
        measured_seconds = usage_days.measured_seconds + excluded.measured_seconds,
        cpu = excluded.cpu, memory = excluded.memory
      """)
  }

  func purge(before time: Date, in connection: any Connection) throws {
    try connection.execute("DELETE FROM usage_hours WHERE hour < \(time)")
    try connection.execute("DELETE FROM usage_days WHERE day < \(time)")
  }

  /// The sums of each application of a project since a time.
  func sums(
    of project: Project.ID, since time: Date, in connection: any Connection
  ) throws -> [UsageSums] {
    try connection.query(
      """
      SELECT application_id, MAX(application_name) AS name, \(sql: Self.sums)
      FROM usage_hours WHERE project_id = \(project) AND hour >= \(time)
      GROUP BY application_id ORDER BY name
      """
    ).map { row in try Self.sums(row, id: try row.get("application_id")) }
  }

  /// The sums of each project since a time, by the project's id.
  func totals(since time: Date, in connection: any Connection) throws -> [UsageSums] {
    try connection.query(
      """
      SELECT project_id, MAX(project_name) AS name, \(sql: Self.sums)
      FROM usage_hours WHERE hour >= \(time) GROUP BY project_id ORDER BY name
      """
    ).map { row in try Self.sums(row, id: try row.get("project_id")) }
  }

  func firstHour(
    of project: Project.ID, since time: Date, in connection: any Connection
  ) throws -> Date? {
    try connection.first(
      "SELECT MIN(hour) AS hour FROM usage_hours WHERE project_id = \(project) AND hour >= \(time)"
    )?.get("hour", as: Date?.self)
  }

  /// How often pods used how much since a time, by application.
  func days(
    of project: Project.ID, since time: Date, in connection: any Connection
  ) throws -> [String: [UsageDay]] {
    let rows = try connection.query(
      """
      SELECT application_id, day, measured_seconds, cpu, memory FROM usage_days
      WHERE project_id = \(project) AND day >= \(time)
      """)
    var days: [String: [UsageDay]] = [:]
    for row in rows {
      days[try row.get("application_id"), default: []].append(
        UsageDay(
          day: try row.get("day"), measuredSeconds: try row.get("measured_seconds"),
          cpu: try row.get("cpu"), memory: try row.get("memory")))
    }
    return days
  }

  /// PostgreSQL adds BIGINTs up to a NUMERIC.
  private static let sums: SQL = """
    CAST(SUM(seconds) AS BIGINT) AS seconds,
    CAST(SUM(cpu_requested) AS BIGINT) AS cpu_requested,
    CAST(SUM(memory_requested) AS BIGINT) AS memory_requested,
    CAST(SUM(storage_requested) AS BIGINT) AS storage_requested,
    CAST(SUM(measured_seconds) AS BIGINT) AS measured_seconds,
    CAST(SUM(cpu_used) AS BIGINT) AS cpu_used, CAST(SUM(memory_used) AS BIGINT) AS memory_used,
    MAX(cpu_peak) AS cpu_peak, MAX(memory_peak) AS memory_peak
    """

  private static func sums(_ row: Row, id: String) throws -> UsageSums {
    UsageSums(
      application: try row.get("name"), applicationID: id, seconds: try row.get("seconds"),
      reserved: Reservation(
        cpu: try row.get("cpu_requested"), memory: try row.get("memory_requested"),
        storage: try row.get("storage_requested")),
      measuredSeconds: try row.get("measured_seconds"),
      used: Reservation(cpu: try row.get("cpu_used"), memory: try row.get("memory_used")),
      peak: ResourceAmount(cpu: try row.get("cpu_peak"), memory: try row.get("memory_peak")))
  }
}

/// How often the pods of an application used how much on one day.
struct UsageDay: Sendable {
  var day: Date
  var measuredSeconds: Int
  var cpu: UseHistogram
  var memory: UseHistogram
}

extension Date {
  /// The start of the hour or day (UTC) that the time lies in.
  func start(of seconds: Int) -> Date {
    let elapsed = Int(timeIntervalSince1970.rounded(.down))
    return Date(timeIntervalSince1970: Double(elapsed - elapsed % seconds))
  }
}
