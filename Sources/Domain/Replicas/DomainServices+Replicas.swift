public import Logging

extension DomainServices {
  /// How the database does.
  public var databaseHealth: DatabaseHealth { DatabaseHealth(database: accounts.database) }

  /// Keeps pages of several replicas alike. Run it as long as the program.
  public func changeRelay(logger: Logger) -> ChangeRelay {
    ChangeRelay(database: accounts.database, clusterState: clusterState, logger: logger)
  }

  /// What one of all replicas does. Run it as long as the program.
  ///
  /// - Parameter auditRetention: how long rows of the audit log are kept, in days.
  public func duties(auditRetention: Int, logger: Logger) -> Duties {
    let (accounts, audit, hooks) = (accounts, audit, hooks)
    return Duties(
      [
        Duty(name: "accounts.purge", interval: 3600) { () async throws(DomainError) in
          try await accounts.purgeExpired()
        },
        Duty(name: "audit.prune", interval: 24 * 3600) { () async throws(DomainError) in
          try await audit.removeOld(after: auditRetention, logger: logger)
        },
        // A retired key is kept for days.
        Duty(name: "hooks.seal", interval: 3600) { () async throws(DomainError) in
          try await hooks.reseal()
        },
      ], database: accounts.database, logger: logger, now: accounts.now)
  }
}
