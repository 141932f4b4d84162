internal import Foundation
internal import Logging
public import ServiceLifecycle

/// Evaluates once a minute what BabyHelm sees itself, ends what nobody tells of
/// any more, hands on what changed, and tidies. Run it as long as the program.
///
/// Of several replicas the one evaluates whose turn comes first.
public final class AlertWatch: Service {
  /// How many silences are told to Alertmanager in one turn.
  private static let silencesAtOnce = 20
  /// How old a silence is, in seconds, that is told in a turn and not by who
  /// made it.
  private static let settledAfter: Double = 30

  private let database: any Database
  private let intake: AlertIntake
  private let clusterState: ClusterState
  private let configuration: AlertConfiguration
  private let prometheus: (any RuleQueries)?
  private let outside: AlertmanagerSilences?
  private let logger: Logger
  private let now: @Sendable () -> Date

  init(
    database: any Database, intake: AlertIntake, clusterState: ClusterState,
    configuration: AlertConfiguration, prometheus: (any RuleQueries)?, logger: Logger,
    now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.intake = intake
    self.clusterState = clusterState
    self.configuration = configuration
    self.prometheus = prometheus
    outside = configuration.alertmanager.map { AlertmanagerSilences(url: $0) }
    self.logger = logger
    self.now = now
  }

  /// Whether there is a Prometheus to ask rules.
  var hasPrometheus: Bool { prometheus != nil && !configuration.rules.isEmpty }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do throws(DomainError) {
          try await self.turn()
        } catch {
          // A server that ends isn't worth a warning.
          guard !Task.isCancelled else { return }
          self.logger.warning(
            "alerts weren't evaluated",
            metadata: ["error": "\(error.underlying ?? error.message)"])
        }
        // Not all replicas at once, and soon after the start.
        let pause = self.clusterState.isComplete ? self.configuration.interval : 2
        try? await Task.sleep(for: .seconds(pause * Double.random(in: 0.97...1.03)))
      }
    }
  }

  /// Evaluates, when it is this replica's turn.
  ///
  /// - Throws: `unavailable`.
  func turn() async throws(DomainError) {
    let time = now()
    let interval = configuration.interval
    let heardAt = try await database.writing { [intake] connection -> Date?? in
      guard try intake.intakes.claim(at: time, every: interval, in: connection) else { return nil }
      return .some(try intake.intakes.intake(in: connection).heardAt)
    }
    guard let heardAt else { return }
    let isHeard = heardAt.map { time.timeIntervalSince($0) < Alerts.heardFor } ?? false
    // An old or half picture says nothing about now.
    let isKnown = clusterState.isComplete && clusterState.staleSince == nil
    let live = isHeard || !isKnown ? nil : LiveAlerts.sightings(in: clusterState)
    var evaluation: RuleEvaluation.Result?
    if !isHeard, let prometheus, hasPrometheus {
      evaluation = await RuleEvaluation(
        rules: configuration.rules, prometheus: prometheus
      ).run()
    }
    let changed = try await database.writing { [self, evaluation] connection in
      try store(live, evaluation, isHeard: isHeard, at: now(), in: connection)
    }
    clusterState.notify(changed)
    await settleSilences(olderThan: Self.settledAfter)
  }

  private func store(
    _ live: [AlertSighting]?, _ evaluation: RuleEvaluation.Result?, isHeard: Bool, at time: Date,
    in connection: any Connection
  ) throws -> Set<String> {
    var changed: Set<String> = []
    // Rules first: what they tell goes before what the picture shows.
    if let evaluation {
      changed = try intake.take(evaluation, at: time, in: connection)
    }
    if let live {
      let failed = try intake.releases.failedNewest(
        since: time.addingTimeInterval(-LiveAlerts.failedFor), in: connection)
      let all =
        live
        + LiveAlerts.sightings(of: failed, try intake.applications.references(in: connection))
      changed.formUnion(try intake.take(all, seenBy: .cluster, at: time, in: connection))
    }
    try intake.expire(at: time, in: connection)
    try intake.tell(at: time, in: connection)
    let problems = isHeard ? [] : evaluation?.problems ?? []
    try intake.intakes.setProblems(problems, in: connection)
    try purge(at: time, in: connection)
    return changed
  }

  /// Once an hour.
  private func purge(at time: Date, in connection: any Connection) throws {
    guard let clock = try intake.intakes.clock(in: connection),
      time.timeIntervalSince(clock.purgedAt) >= 3600
    else { return }
    let oldest = time.addingTimeInterval(-Double(configuration.daysKept) * 24 * 3600)
    try intake.store.purge(before: oldest, keeping: AlertIntake.Bounds.over, in: connection)
    try intake.silences.purge(before: oldest, in: connection)
    try intake.intakes.setPurged(at: time, in: connection)
  }

  // MARK: Silences

  /// Tells Alertmanager of silences that it doesn't know of, and has it forget
  /// those that were ended.
  ///
  /// - Parameter seconds: how old new ones must be.
  func settleSilences(olderThan seconds: Double = 0) async {
    guard let outside else { return }
    let time = now()
    do throws(DomainError) {
      let unsettled = try await database.reading { [intake] connection in
        try intake.silences.unsettled(
          at: time, limit: Self.silencesAtOnce, in: connection)
      }
      for silence in unsettled
      where silence.endedAt != nil || time.timeIntervalSince(silence.createdAt) >= seconds {
        try await settle(silence, outside, at: time)
      }
    } catch {
      logger.warning(
        "silences weren't told to Alertmanager",
        metadata: ["error": "\(error.underlying ?? error.message)"])
    }
  }

  private func settle(
    _ silence: AlertSilence, _ outside: AlertmanagerSilences, at time: Date
  ) async throws(DomainError) {
    var (state, id, problem) = (silence.outside, silence.outsideID, "")
    do throws(AlertmanagerSilences.Failure) {
      if silence.endedAt == nil {
        id = try await outside.create(silence, at: time)
        state = .there
      } else {
        if let id { try await outside.delete(id) }
        state = .gone
      }
    } catch {
      problem = error.sentence
      logger.warning(
        "Alertmanager wasn't told of a silence", metadata: ["error": "\(error.sentence)"])
    }
    try await database.writing { [intake, state, id, problem] connection in
      try intake.silences.setOutside(
        state, id: id, problem: problem, of: silence.id, in: connection)
    }
  }
}

extension AlertIntake {
  /// What an evaluation of rules saw. Where not every rule could be asked,
  /// nothing is ended by what isn't seen; it expires.
  fileprivate func take(
    _ evaluation: RuleEvaluation.Result, at time: Date, in connection: any Connection
  ) throws -> Set<String> {
    try take(
      evaluation.sightings, seenBy: .rules, endsRest: evaluation.isWhole, at: time, in: connection)
  }
}
