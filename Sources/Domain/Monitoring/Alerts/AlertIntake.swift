internal import Foundation

/// Takes what sources tell, makes alerts of it, and hands on what changed. All
/// sources come through here, so that all keep to the same bounds.
struct AlertIntake: Sendable {
  /// How much is kept.
  enum Bounds {
    /// Alerts that fire at once in one project, or outside of all.
    static let firing = 200
    /// New alerts within an hour, of one project, or outside of all.
    static let hourly = 500
    /// Alerts that are over, of one project, or outside of all.
    static let over = 2_000
    /// Alerts handed on in one transaction.
    static let told = 200
  }

  let projects: Projects
  let applications: Applications
  let releases: Releases
  let sink: (any AlertSink)?
  let store = AlertStore()
  let silences = AlertSilenceStore()
  let intakes = AlertIntakeStore()

  /// Stores what a source tells.
  ///
  /// - Returns: the names of the projects that something changed in.
  func take(
    _ observations: [AlertObservation], from source: Alert.Source, at time: Date,
    in connection: any Connection
  ) throws -> Set<String> {
    guard !observations.isEmpty else { return [] }
    let places = AlertPlaces(
      try projects.names(in: connection), try applications.references(in: connection))
    let firing = try store.firing(of: observations.map(\.fingerprint), in: connection)
    var loads: [Project.ID?: (firing: Int, made: Int)] = [:]
    var (changed, seen, leftOut): (Set<String>, Set<String>, Int) = ([], [], 0)
    for observation in observations where seen.insert(observation.fingerprint).inserted {
      if let known = firing[observation.fingerprint] {
        if let project = known.project { changed.insert(project) }
        if observation.isFiring {
          try store.hear(known.id, observation, from: source, at: time, in: connection)
        } else {
          try store.resolve(
            observation.fingerprint, endedAt: observation.endedAt ?? time, at: time, in: connection)
        }
        continue
      }
      guard observation.isFiring else { continue }
      let place = places.place(of: observation.labels)
      if let project = place.project { changed.insert(project) }
      if try merge(observation, from: source, at: place, time, in: connection) { continue }
      var load =
        try loads[place.projectID]
        ?? store.load(
          of: place.projectID, since: time.addingTimeInterval(-3600), in: connection)
      if load.firing >= Bounds.firing || load.made >= Bounds.hourly {
        leftOut += 1
        loads[place.projectID] = load
        continue
      }
      try insert(observation, from: source, at: place, time, in: connection)
      load.firing += 1
      load.made += 1
      loads[place.projectID] = load
    }
    if leftOut > 0 { try intakes.addLeftOut(leftOut, at: time, in: connection) }
    return changed
  }

  /// Several sources may tell of the same. The one that is believed more goes on
  /// with the alert that is there already; the other adds nothing.
  ///
  /// - Returns: whether nothing is left to do.
  private func merge(
    _ observation: AlertObservation, from source: Alert.Source, at place: AlertPlaces.Place,
    _ time: Date, in connection: any Connection
  ) throws -> Bool {
    let twin = try store.twins(
      of: observation.name, at: place, not: source, in: connection
    ).first { other in
      if let application = place.application { return other.application == application.name }
      // The same labels, as far as both tell them: Prometheus adds its own.
      return other.application == nil
        && observation.labels.all.allSatisfy { other.labels[$0.key] ?? $0.value == $0.value }
    }
    guard let twin else { return false }
    guard twin.source < source else { return true }
    try store.hear(twin.id, observation, from: source, at: time, in: connection)
    return true
  }

  private func insert(
    _ observation: AlertObservation, from source: Alert.Source, at place: AlertPlaces.Place,
    _ time: Date, in connection: any Connection
  ) throws {
    // A clock that runs ahead elsewhere makes nothing begin in the future.
    let start = min(observation.startedAt, time)
    let release = try place.application.flatMap {
      try releases.preceding(start, of: $0.id, in: connection)
    }
    try store.insert(
      Alert(
        id: .random(), fingerprint: observation.fingerprint, name: observation.name,
        severity: observation.severity, source: source, state: .firing,
        projectID: place.projectID, project: place.project, namespace: place.namespace,
        application: place.application?.name, summary: observation.summary,
        description: observation.description, runbook: observation.runbook,
        seen: observation.seen, usual: observation.usual, labels: observation.labels.all,
        startedAt: start, endedAt: nil, heardAt: time, release: release),
      expiresAt: observation.expiresAt, at: time, in: connection)
  }

  /// Ends what nobody told of again. Alertmanager tells neither of what is
  /// silenced there nor of its end, so that waits until a moment after the
  /// silence.
  func expire(at time: Date, in connection: any Connection) throws {
    let overdue = try store.overdue(at: time, in: connection)
    guard !overdue.isEmpty else { return }
    let active = try silences.active(at: time, in: connection)
    for alert in overdue {
      if alert.source == .alertmanager, active.contains(where: { $0.isAbout(alert) }) {
        try store.setExpiry(
          time.addingTimeInterval(Self.ownPatience), of: alert.id, in: connection)
      } else {
        try store.expire(alert.id, in: connection)
      }
    }
  }

  /// Hands on what began or ended and wasn't told yet. What is silenced waits:
  /// its beginning until the silence ends, its end for ever.
  func tell(at time: Date, in connection: any Connection) throws {
    var untold = try store.untold(after: nil, limit: Bounds.told, in: connection)
    guard !untold.isEmpty else { return }
    let active = try silences.active(at: time, in: connection)
    var count = 0
    // What is silenced is passed by, however much it is: it holds up nobody else.
    while let last = untold.last {
      for entry in untold {
        let isSilenced = active.contains { $0.isAbout(entry.alert) }
        if entry.told == .nothing, entry.alert.isFiring, isSilenced { continue }
        guard count < Bounds.told else { return }
        try tell(entry, isSilenced: isSilenced, in: connection)
        count += 1
      }
      guard untold.count == Bounds.told else { return }
      untold = try store.untold(after: last, limit: Bounds.told, in: connection)
    }
  }

  private func tell(
    _ entry: AlertStore.Untold, isSilenced: Bool, in connection: any Connection
  ) throws {
    let alert = entry.alert
    switch (entry.told, alert.isFiring) {
    case (.nothing, true):
      try sink?.take(AlertNotice(.began, alert), in: connection)
      try store.setTold(.beginning, of: alert.id, in: connection)
    case (.nothing, false):
      // It was over before anybody heard of it.
      try store.setTold(.end, of: alert.id, in: connection)
    default:
      if !isSilenced { try sink?.take(AlertNotice(.ended, alert), in: connection) }
      try store.setTold(.end, of: alert.id, in: connection)
    }
  }
}
