internal import Foundation
internal import Logging

/// Alerts: taken in, shown, silenced. Each call asks ``AccessTable`` first,
/// except for what Alertmanager sends, which its own token admits.
public struct Alerts: Sendable {
  /// How many alerts a page shows.
  public static let pageSize = 50
  /// How many of those that fire are shown at once.
  public static let firingShown = AlertIntake.Bounds.firing
  /// For how long after a message Alertmanager counts as there, in seconds.
  static let heardFor: Double = 3600

  /// Evaluates, tells and tidies. Run it as long as the program.
  public let watch: AlertWatch

  let database: any Database
  let projects: Projects
  let applications: Applications
  let clusterState: ClusterState
  let configuration: AlertConfiguration
  let intake: AlertIntake
  let audit: AuditLog
  let rate = HookRate()
  let now: @Sendable () -> Date
  var store: AlertStore { intake.store }
  var silences: AlertSilenceStore { intake.silences }
  var intakes: AlertIntakeStore { intake.intakes }

  init(
    database: any Database, projects: Projects, applications: Applications, releases: Releases,
    clusterState: ClusterState, configuration: AlertConfiguration, sink: (any AlertSink)?,
    prometheus: (any RuleQueries)?, logger: Logger, now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.projects = projects
    self.applications = applications
    self.clusterState = clusterState
    self.configuration = configuration
    self.now = now
    intake = AlertIntake(
      projects: projects, applications: applications, releases: releases, sink: sink)
    audit = AuditLog(database: database, now: now)
    watch = AlertWatch(
      database: database, intake: intake, clusterState: clusterState,
      configuration: configuration, prometheus: prometheus, logger: logger, now: now)
  }

  /// Alerts that are told to webhooks and mails, over what releases know.
  init(
    database: any Database, releases: Releases, configuration: AlertConfiguration,
    prometheus: PrometheusSettings?, logger: Logger
  ) {
    self.init(
      database: database, projects: releases.projects, applications: releases.applications,
      releases: releases, clusterState: releases.clusterState, configuration: configuration,
      sink: AlertNotices(notices: Notices()), prometheus: prometheus.map { PrometheusRules($0) },
      logger: logger, now: releases.now)
  }

  // MARK: Reading

  /// Alerts of a project, the newest first, with the silences that hold.
  ///
  /// - Throws: `notFound`, `unavailable`.
  public func list(
    of project: String, _ query: AlertQuery = AlertQuery(), before cursor: AlertQuery.Cursor? = nil,
    limit: Int = pageSize, as principal: Principal
  ) async throws(DomainError) -> AlertList {
    let time = now()
    return try await database.reading { [self] connection in
      let membership = try projects.project(
        named: project, for: .readProject, as: principal, in: connection)
      let id = membership.project.id
      let silences = try silences.active(of: id, at: time, in: connection)
      return AlertList(
        membership: membership,
        alerts: try store.page(query, of: id, before: cursor, limit: limit, in: connection),
        silences: membership.isOutsider ? silences.map { $0.withoutPeople() } : silences)
    }
  }

  /// What fires in a project that somebody may see, the worst first, for a page
  /// that asked already.
  public func firing(
    in membership: ProjectMembership
  ) async throws(DomainError) -> AlertList {
    let (id, time) = (membership.project.id, now())
    return try await database.reading { [self] connection in
      let silences = try silences.active(of: id, at: time, in: connection)
      return AlertList(
        membership: membership,
        alerts: try store.firing(of: id, limit: Self.firingShown, in: connection)
          .sorted { ($0.severity.rank, $1.startedAt) < ($1.severity.rank, $0.startedAt) },
        silences: membership.isOutsider ? silences.map { $0.withoutPeople() } : silences)
    }
  }

  /// The same of one application.
  public func firing(of detail: ApplicationDetail) async throws(DomainError) -> AlertList {
    var list = try await firing(in: detail.membership)
    list.alerts.removeAll { $0.application != detail.application.name }
    return list
  }

  /// How many alerts fire in some projects and aren't silenced, for a list of
  /// projects that somebody may see.
  public func counts(
    in memberships: [ProjectMembership]
  ) async throws(DomainError) -> [Project.ID: Int] {
    let (ids, time) = (memberships.map(\.project.id), now())
    guard !ids.isEmpty else { return [:] }
    return try await database.reading { [self] connection in
      let firing = try store.firing(ofAny: ids, in: connection)
      guard !firing.isEmpty else { return [:] }
      let silences = try silences.active(at: time, in: connection)
      var counts: [Project.ID: Int] = [:]
      for alert in firing where !silences.contains(where: { $0.isAbout(alert) }) {
        if let id = alert.projectID { counts[id, default: 0] += 1 }
      }
      return counts
    }
  }

  /// One alert of a project.
  ///
  /// - Throws: `notFound`, `unavailable`.
  public func alert(
    _ id: Alert.ID, in project: String, as principal: Principal
  ) async throws(DomainError) -> AlertList {
    let time = now()
    return try await database.reading { [self] connection in
      let membership = try projects.project(
        named: project, for: .readProject, as: principal, in: connection)
      let alert = try found(
        store.alert(id, of: membership.project.id, in: connection))
      let active = try silences.active(of: membership.project.id, at: time, in: connection)
      return AlertList(
        membership: membership, alerts: [alert],
        silences: membership.isOutsider ? active.map { $0.withoutPeople() } : active)
    }
  }

  func found(_ alert: Alert?) throws(DomainError) -> Alert {
    guard let alert else {
      throw DomainError(
        .notFound, "There is no such alert here.",
        advice: "Alerts that are over are kept for \(configuration.daysKept) days.")
    }
    return alert
  }

  // MARK: For admins

  /// Alerts of all projects and of the platform, the newest first.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func all(
    _ query: AlertQuery = AlertQuery(), before cursor: AlertQuery.Cursor? = nil,
    limit: Int = pageSize, as principal: Principal
  ) async throws(DomainError) -> AlertList {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let time = now()
    return try await database.reading { [self] connection in
      AlertList(
        membership: nil,
        alerts: try store.page(query, of: nil, before: cursor, limit: limit, in: connection),
        silences: try silences.active(at: time, in: connection))
    }
  }

  /// Any alert.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `notFound`;
  ///   `unavailable`.
  public func alert(
    _ id: Alert.ID, as principal: Principal
  ) async throws(DomainError) -> AlertList {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let time = now()
    return try await database.reading { [self] connection in
      AlertList(
        membership: nil, alerts: [try found(store.alert(id, of: nil, in: connection))],
        silences: try silences.active(at: time, in: connection))
    }
  }

  /// How many alerts fire right now, by severity, for BabyHelm's own metrics.
  ///
  /// - Throws: `unavailable`.
  public func firingCounts() async throws(DomainError) -> [Alert.Severity: Int] {
    try await database.reading { [store] connection in try store.counts(in: connection) }
  }
}

/// Alerts as a page shows them.
public struct AlertList: Sendable {
  /// nil for admins, who see all.
  public let membership: ProjectMembership?
  public var alerts: [Alert]
  /// Those that hold, the ones that end first in front.
  public let silences: [AlertSilence]

  /// What silences an alert; nil when nothing does.
  public func silence(of alert: Alert) -> AlertSilence? {
    silences.first { $0.isAbout(alert) }
  }
}

extension Alert.Severity {
  /// 0 for the worst.
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
