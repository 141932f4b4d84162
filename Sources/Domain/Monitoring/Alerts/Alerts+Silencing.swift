internal import Foundation

/// Silences: made, ended, told to Alertmanager.
extension Alerts {
  /// How many silences may hold at once in one project, or outside of all.
  static let silencesLimit = 100

  /// Silences an alert of a project, or more, for a while.
  ///
  /// - Throws: `notFound`; `forbidden`; `invalid` at `scope`, `duration`, `until`
  ///   or `comment`; `conflict` when there are too many; `unavailable`.
  @discardableResult
  public func silence(
    _ id: Alert.ID, in project: String, _ draft: AlertSilenceDraft, as principal: Principal
  ) async throws(DomainError) -> AlertSilence {
    let time = now()
    let silence = try await database.writing { [self] connection in
      let membership = try projects.project(
        named: project, for: .silenceAlerts, as: principal, in: connection)
      let alert = try found(store.alert(id, of: membership.project.id, in: connection))
      return try insert(draft, about: alert, as: principal, at: time, in: connection)
    }
    await settle(silence.id, in: project)
    return silence
  }

  /// Silences an alert that is no project's.
  ///
  /// - Throws: as ``silence(_:in:_:as:)``; `forbidden` unless the principal is an
  ///   admin.
  @discardableResult
  public func silence(
    _ id: Alert.ID, _ draft: AlertSilenceDraft, as principal: Principal
  ) async throws(DomainError) -> AlertSilence {
    try AccessTable.require(.changeSettings, of: principal)
    let time = now()
    let silence = try await database.writing { [self] connection in
      let alert = try found(store.alert(id, of: nil, in: connection))
      return try insert(draft, about: alert, as: principal, at: time, in: connection)
    }
    await settle(silence.id, in: silence.namespace)
    return silence
  }

  /// Ends a silence of a project early.
  ///
  /// - Throws: `notFound`, also when it is over; `forbidden`; `unavailable`.
  public func endSilence(
    _ id: AlertSilence.ID, in project: String, as principal: Principal
  ) async throws(DomainError) {
    let time = now()
    try await database.writing { [self] connection in
      let membership = try projects.project(
        named: project, for: .silenceAlerts, as: principal, in: connection)
      try end(id, of: membership.project.id, as: principal, at: time, in: connection)
    }
    await settle(id, in: project)
  }

  /// Ends any silence early.
  ///
  /// - Throws: as ``endSilence(_:in:as:)``; `forbidden` unless the principal is
  ///   an admin.
  public func endSilence(
    _ id: AlertSilence.ID, as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.changeSettings, of: principal)
    let time = now()
    let namespace = try await database.writing { [self] connection in
      let active = try silences.active(at: time, in: connection)
      guard let silence = active.first(where: { $0.id == id }) else { throw Self.noSilence }
      try end(id, of: silence.projectID, as: principal, at: time, in: connection)
      return silence.namespace
    }
    await settle(id, in: namespace)
  }

  private func insert(
    _ draft: AlertSilenceDraft, about alert: Alert, as principal: Principal, at time: Date,
    in connection: any Connection
  ) throws -> AlertSilence {
    let (scope, endsAt, comment) = try draft.validated(about: alert, at: time)
    guard
      try silences.active(of: alert.projectID, at: time, in: connection).count
        < Self.silencesLimit
    else {
      throw DomainError(
        .conflict, "There are \(Self.silencesLimit) silences here already.",
        advice: "End those that nobody needs.")
    }
    let silence = AlertSilence(
      id: .random(), projectID: alert.projectID, namespace: alert.project ?? alert.namespace,
      scope: scope, fingerprint: scope == .alert ? alert.fingerprint : nil,
      application: scope == .name ? nil : alert.application,
      name: scope == .application ? nil : alert.name,
      matchers: Self.matchers(scope, alert), comment: comment, createdBy: principal.name,
      createdAt: time, endsAt: endsAt, endedAt: nil, endedBy: "",
      outside: configuration.alertmanager == nil ? .none : .wanted, outsideID: nil, problem: "")
    try silences.insert(silence, in: connection)
    try audit.record(
      .alertSilenceCreate, Self.target(silence),
      [
        AuditChange("scope", to: scope.rawValue),
        AuditChange("until", to: endsAt.formatted(.iso8601)),
        AuditChange("comment", to: comment),
      ], as: principal, in: connection)
    return silence
  }

  private func end(
    _ id: AlertSilence.ID, of project: Project.ID?, as principal: Principal, at time: Date,
    in connection: any Connection
  ) throws {
    guard let silence = try silences.silence(id, of: project, in: connection),
      try silences.end(id, by: principal.name, at: time, in: connection)
    else { throw Self.noSilence }
    try audit.record(.alertSilenceEnd, Self.target(silence), as: principal, in: connection)
    try intake.tell(at: time, in: connection)
  }

  /// Tells the pages, and Alertmanager at once, so that nobody waits for the
  /// next turn. What fails is done then.
  private func settle(_ id: AlertSilence.ID, in namespace: String) async {
    clusterState.notify([namespace])
    await watch.settleSilence(id)
  }

  private static var noSilence: DomainError {
    DomainError(
      .notFound, "There is no such silence, or it is over.",
      advice: "The alerts' page lists those that hold.")
  }

  private static func target(_ silence: AlertSilence) -> AuditTarget {
    AuditTarget(
      kind: "alert", name: silence.name ?? "all of \(silence.application ?? "")",
      project: silence.projectID == nil ? nil : silence.namespace)
  }

  /// What Alertmanager compares: whole values, and always the namespace, so that
  /// a silence holds in no other project.
  static func matchers(_ scope: AlertSilence.Scope, _ alert: Alert) -> [String: String] {
    let namespace = alert.project ?? alert.namespace
    switch scope {
    case .alert:
      var labels = alert.labels
      labels["alertname"] = labels["alertname"] ?? alert.name
      labels["namespace"] = namespace
      return labels
    case .application:
      return ["namespace": namespace, "application": alert.application ?? ""]
    case .name: return ["namespace": namespace, "alertname": alert.name]
    }
  }
}
