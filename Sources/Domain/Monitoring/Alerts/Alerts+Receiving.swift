internal import Foundation

/// What Alertmanager sends, and the token that admits it.
extension Alerts {
  /// The largest message that is taken, in bytes.
  public static let largestMessage = 1 << 20

  /// Whether a message is taken. Wrong tokens count by the address that sends
  /// them, so that whoever has none keeps nobody out but itself.
  ///
  /// - Throws: `tooManyRequests`; `unavailable`; nobody is let in then.
  public func admits(
    token: String?, from address: String
  ) async throws(DomainError) -> Bool {
    try rate.requireRoom(for: address)
    guard let token, !token.isEmpty, try await admits(token: token) else {
      rate.noteFailure(of: address)
      return false
    }
    try rate.countMessage()
    return true
  }

  /// Whether a token is the one that admits Alertmanager. It takes the same time
  /// whether it nearly is or not at all.
  ///
  /// - Throws: `unavailable`; nobody is let in then.
  func admits(token: String) async throws(DomainError) -> Bool {
    let stored = try await database.reading { [intakes] connection in
      try intakes.intake(in: connection).tokenHash
    }
    let hash = Accounts.hash(of: String(token.prefix(300)))
    var isKnown = false
    for wanted in [stored, configuration.tokenHash].compactMap(\.self)
    where RandomText.isSame(hash, wanted) {
      isKnown = true
    }
    return isKnown
  }

  /// Stores what Alertmanager tells. Who calls has asked ``admits(token:from:)``.
  ///
  /// - Throws: `invalid` when it is no message of Alertmanager's; `unavailable`,
  ///   and Alertmanager sends it again.
  public func receive(_ bytes: [UInt8]) async throws(DomainError) {
    let time = now()
    let message = try AlertmanagerMessage(bytes, at: time)
    let changed = try await database.writing { [self] connection in
      try intakes.setHeard(at: time, in: connection)
      if message.leftOut > 0 {
        try intakes.addLeftOut(message.leftOut, at: time, in: connection)
      }
      let changed = try intake.take(
        message.observations, from: .alertmanager, at: time, in: connection)
      try intake.tell(at: time, in: connection)
      return changed
    }
    clusterState.notify(changed)
  }

  /// How alerts come in.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func status(as principal: Principal) async throws(DomainError) -> AlertIntakeStatus {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let time = now()
    return try await database.reading { [self] connection in
      let found = try intakes.intake(in: connection)
      let clock = try intakes.clock(in: connection)
      return AlertIntakeStatus(
        hasToken: found.tokenHash != nil, tokenMadeAt: found.tokenMadeAt,
        tokenMadeBy: found.tokenMadeBy, hasTokenFile: configuration.tokenHash != nil,
        heardAt: found.heardAt,
        isHeard: found.heardAt.map { time.timeIntervalSince($0) < Self.heardFor } ?? false,
        leftOut: found.leftOut, leftOutAt: found.leftOutAt,
        rules: watch.hasPrometheus ? configuration.rules.count : nil,
        evaluatedAt: clock?.evaluatedAt, problems: clock?.problems ?? [],
        tellsSilences: configuration.alertmanager != nil)
    }
  }

  /// Makes a token for Alertmanager; the one before is worthless then.
  ///
  /// - Returns: what to send as `Authorization: Bearer`, told only this once.
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func makeToken(as principal: Principal) async throws(DomainError) -> String {
    try AccessTable.require(.changeSettings, of: principal)
    let secret = "babyhelm_alerts_" + RandomText.base64URL(bytes: 32)
    let time = now()
    try await database.writing { [self] connection in
      try intakes.setToken(
        hash: Accounts.hash(of: secret), by: principal.name, at: time, in: connection)
      try audit.record(
        .alertTokenCreate, AuditTarget(kind: "token", name: "Alertmanager"), as: principal,
        in: connection)
    }
    return secret
  }

  /// Makes the token worthless.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func revokeToken(as principal: Principal) async throws(DomainError) {
    try AccessTable.require(.changeSettings, of: principal)
    try await database.writing { [self] connection in
      guard try intakes.intake(in: connection).tokenHash != nil else { return }
      try intakes.setToken(hash: nil, by: nil, at: nil, in: connection)
      try audit.record(
        .alertTokenRevoke, AuditTarget(kind: "token", name: "Alertmanager"), as: principal,
        in: connection)
    }
  }
}
