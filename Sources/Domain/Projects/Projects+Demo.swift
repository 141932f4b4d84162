internal import Foundation

/// Projects for people who look around: demos, which everybody may see, and
/// trials, which are a visitor's own for an hour.
extension Projects {
  /// How long a trial lives, in seconds.
  public static let trialLifetime: Double = 3600
  /// How many there are at the same time; each may cost the sandbox
  /// ``trialQuota``.
  static let trialLimit = 40
  static let trialQuota = ProjectQuota(cpu: "1", memory: "1Gi", pods: 8, storage: "2Gi")

  /// Shows a project to everybody who is signed in, or stops that. The people in
  /// it, and what only they may see, are never shown.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `conflict` for a
  ///   trial; `notFound`, `unavailable`.
  public func setDemo(
    _ isDemo: Bool, of name: String, as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.markDemos, of: principal)
    try await database.writing { [self] connection in
      let project = try project(
        named: name, for: .readProject, as: principal, in: connection
      ).project
      guard project.expiresAt == nil else {
        throw DomainError(
          .conflict, "“\(name)” vanishes by itself, so it can’t be a demo.",
          advice: "Make a project that stays.")
      }
      guard project.isDemo != isDemo else { return }
      try store.setDemo(isDemo, of: project.id, in: connection)
      try audit.record(
        .projectDemoChange, .project(name),
        [AuditChange("demo", from: project.isDemo ? "on" : "off", to: isDemo ? "on" : "off")],
        as: principal, in: connection)
    }
  }

  /// Whether visitors may have a trial now, and why not, as a sentence.
  public func trialRefusal(for principal: Principal) async throws(DomainError) -> String? {
    if let reason = AccessTable.decide(.tryProjects, of: principal).reason { return reason }
    return try await policies.policy().areDemoProjectsOn && allowsTrials
      ? nil : Self.noTrials.message
  }

  /// Makes the visitor's own project, or finds the one that they have.
  ///
  /// - Throws: `forbidden` for others, and where admins didn't turn trials on
  ///   or the cluster is real; `tooManyRequests` when all places are taken;
  ///   `unavailable`.
  public func createTrial(as principal: Principal) async throws(DomainError) -> Project {
    try AccessTable.require(.tryProjects, of: principal)
    let time = now()
    let project = Project(
      id: .random(), name: Self.trialName(), quota: Self.trialQuota, podSecurity: .baseline,
      state: .creating, namespaceUID: nil, createdBy: principal.userID, createdAt: time,
      expiresAt: time.addingTimeInterval(Self.trialLifetime))
    let existing = try await database.writing { [self] connection -> Project? in
      guard try policies.policy(in: connection).areDemoProjectsOn, allowsTrials else {
        throw Self.noTrials
      }
      let trials = try store.trials(in: connection)
      if let own = trials.first(where: { $0.createdBy == principal.userID }) {
        guard own.deletedAt == nil else { throw Self.stillGoing }
        return own
      }
      guard trials.count < Self.trialLimit else { throw Self.noPlace }
      try store.insert(project, owner: principal.userID, in: connection)
      try audit.record(.projectCreate, .project(project.name), as: principal, in: connection)
      return nil
    }
    if let existing { return existing }
    do throws(DomainError) {
      return try await finish(project)
    } catch {
      await remove(project)
      throw error
    }
  }

  /// Begins to remove the trials whose hour is over. Somebody calls it again and
  /// again.
  func endTrials() async throws(DomainError) {
    let time = now()
    // A read doesn't disturb those who write.
    let ended = try await database.reading { [store] connection in
      try store.trials(in: connection).filter { trial in
        trial.deletedAt == nil && trial.expiresAt.map { $0 <= time } == true
      }
    }
    if ended.isEmpty { return }
    try await database.writing { [store, audit] connection in
      for project in ended {
        guard try store.endTrial(project.id, at: time, in: connection) else { continue }
        try audit.record(
          .projectRemove, .project(project.name), as: Self.itself(project.createdBy),
          in: connection)
      }
    }
  }

  private static func itself(_ user: User.ID) -> Principal {
    Principal(
      userID: user, name: "BabyHelm", email: "babyhelm", role: .member, credential: .system)
  }

  /// A name that nobody guesses and nobody else chose.
  private static func trialName() -> String {
    let letters = Array("bcdfghjkmnpqrstvwxz23456789")
    var random = SystemRandomNumberGenerator()
    let word = (0..<8).map { _ in letters[Int.random(in: letters.indices, using: &random)] }
    return "trial-\(String(word))"
  }

  private static var noTrials: DomainError {
    DomainError(
      .forbidden, "Visitors can’t have a project of their own here.",
      advice: "Register to make one.")
  }

  private static var stillGoing: DomainError {
    DomainError(
      .tooManyRequests, "The project that you had is still being removed.",
      advice: "Try again in a minute.", retryAfter: .seconds(60))
  }

  private static var noPlace: DomainError {
    DomainError(
      .tooManyRequests, "All projects for visitors are taken at the moment.",
      advice: "One becomes free within the hour.", retryAfter: .seconds(600))
  }
}

extension ProjectStore {
  func setDemo(_ isDemo: Bool, of id: Project.ID, in connection: any Connection) throws {
    try connection.execute("UPDATE projects SET is_demo = \(isDemo ? 1 : 0) WHERE id = \(id)")
  }

  /// All trials, also those whose namespace is still going: each takes a place.
  func trials(in connection: any Connection) throws -> [Project] {
    try connection.query("SELECT * FROM projects WHERE expires_at IS NOT NULL").map(project)
  }

  /// - Returns: false when somebody else did, or it isn't ready.
  func endTrial(_ id: Project.ID, at time: Date, in connection: any Connection) throws -> Bool {
    try connection.execute(
      """
      UPDATE projects SET deleted_at = \(time), removing_since = \(time)
      WHERE id = \(id) AND removing_since IS NULL AND state = \(Project.State.ready)
      """) == 1
  }
}
