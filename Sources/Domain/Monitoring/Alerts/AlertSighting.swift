internal import Foundation

/// Something wrong that BabyHelm itself sees right now.
struct AlertSighting: Sendable, Hashable {
  /// With `alertname` and `severity`.
  var labels: AlertLabels
  var annotations: [String: String]
  /// For how long it must be seen before it is alerted of, in seconds.
  var delay: Double
  /// For how long it counts as seen after it was, in seconds: a program that
  /// ends again and again runs in between.
  var keep: Double
}

extension AlertIntake {
  /// How long an alert of BabyHelm's own goes on without an evaluation, in
  /// seconds.
  static let ownPatience: Double = 600

  /// Makes alerts of what is seen at one time: begins what was seen for long
  /// enough, and ends what isn't seen any more.
  ///
  /// - Parameter unknown: the names of those that nobody could look for: what isn't
  ///   seen of them isn't over because of that, and expires.
  /// - Returns: the names of the projects that something changed in.
  func take(
    _ sightings: [AlertSighting], seenBy source: Alert.Source, unknown: Set<String> = [],
    at time: Date, in connection: any Connection
  ) throws -> Set<String> {
    var pending = try intakes.pending(source, in: connection)
    var observations: [AlertObservation] = []
    var current: Set<String> = []
    for sighting in sightings {
      let fingerprint = AlertObservation.fingerprint(source, sighting.labels)
      guard current.insert(fingerprint).inserted else { continue }
      var entry =
        pending[fingerprint]
        ?? AlertIntakeStore.Pending(since: time, seenAt: time, keepsUntil: time)
      // Nobody looked for a while, so nobody knows what was in between.
      if time.timeIntervalSince(entry.seenAt) > Self.ownPatience { entry.since = time }
      entry.seenAt = time
      entry.keepsUntil = time.addingTimeInterval(sighting.keep)
      pending[fingerprint] = entry
      try intakes.setPending(entry, fingerprint, of: source, in: connection)
      // Turns aren't exact to the second, and what is stored is rounded.
      guard time.timeIntervalSince(entry.since) >= sighting.delay - 0.5 else { continue }
      observations.append(
        AlertObservation(
          fingerprint: fingerprint, labels: sighting.labels, annotations: sighting.annotations,
          isFiring: true, startedAt: entry.since, endedAt: nil,
          expiresAt: time.addingTimeInterval(Self.ownPatience)))
    }
    let changed = try take(observations, from: source, at: time, in: connection)
    let left = unknown.map { AlertObservation.prefix(source, name: $0) }
    let ended = try end(
      source, pending, at: time, in: connection,
      where: { fingerprint in
        !current.contains(fingerprint) && !left.contains { fingerprint.hasPrefix($0) }
      })
    return changed.union(ended)
  }

  /// Ends what isn't seen any more, and keeps alive what still counts as seen.
  private func end(
    _ source: Alert.Source, _ pending: [String: AlertIntakeStore.Pending], at time: Date,
    in connection: any Connection, where isGone: (String) -> Bool
  ) throws -> Set<String> {
    var changed: Set<String> = []
    for alert in try store.firing(by: source, in: connection) where isGone(alert.fingerprint) {
      if let entry = pending[alert.fingerprint], time < entry.keepsUntil {
        try store.hear(
          alert.id, until: time.addingTimeInterval(Self.ownPatience), at: time, in: connection)
        continue
      }
      try store.resolve(
        alert.fingerprint, endedAt: pending[alert.fingerprint]?.seenAt ?? time, at: time,
        in: connection)
      if let project = alert.project { changed.insert(project) }
    }
    for (fingerprint, entry) in pending where isGone(fingerprint) && time >= entry.keepsUntil {
      try intakes.forget(fingerprint, in: connection)
    }
    return changed
  }
}

extension AlertStore {
  /// Those that one of BabyHelm's own sources tells of.
  fileprivate func firing(
    by source: Alert.Source, in connection: any Connection
  ) throws -> [Alert] {
    try page(
      AlertQuery(isFiring: true, source: source), of: nil, before: nil, limit: 10_000,
      in: connection)
  }

  /// Notes that an alert goes on as it is.
  fileprivate func hear(
    _ id: Alert.ID, until expiry: Date, at time: Date, in connection: any Connection
  ) throws {
    try connection.execute(
      "UPDATE alerts SET heard_at = \(time), expires_at = \(expiry) WHERE id = \(id)")
  }
}
