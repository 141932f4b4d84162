internal import Foundation
internal import Logging

extension Accounts {
  /// How exactly ``User/lastSeenAt`` is known, and so how often a session is
  /// written, in seconds.
  static let seenInterval: Double = 60

  /// Who sent a token.
  ///
  /// A token is fresh for 15 minutes. It proves a session beyond that, as long
  /// as the session's row lives: the row is read on every call, so that a token
  /// is refused on the very next request after a sign-out or a suspension, and
  /// a new role counts at once. An old token is replaced.
  ///
  /// Reads the database once. At most once a minute a session it also notes
  /// that the session is in use, which keeps it alive.
  /// - Returns: nil when the token isn't ours, its session has ended, or its
  ///   person is suspended.
  /// - Throws: `unavailable` when the database can't be asked; nobody is let in
  ///   then.
  public func authenticate(
    token: String, requestID: String, address: String = ""
  ) async throws(DomainError) -> AuthenticatedSession? {
    let time = now()
    guard let claims = try await claims(in: token),
      claims.begin <= time.addingTimeInterval(SessionTokens.leeway)
    else { return nil }
    let id = Session.ID(rawValue: claims.sid)
    let found = try await database.reading { [store] connection in
      try store.session(id, at: time, in: connection)
    }
    guard let found, found.user.id.rawValue == claims.user else { return nil }
    let expiresAt = await touched(found, at: time)
    let isFresh = claims.expiry.timeIntervalSince(time) >= SessionTokens.lifetime / 2
    return AuthenticatedSession(
      principal: Self.principal(
        found.user, found.session, requestID: requestID, address: address),
      formToken: found.session.formToken,
      renewedToken: isFresh ? nil : try await signed(found.session, at: time),
      expiresAt: expiresAt, language: found.user.language)
  }

  private func claims(in token: String) async throws(DomainError) -> SessionClaims? {
    if let claims = tokens.remembered(token) { return claims }
    guard let keyID = SessionTokens.keyID(of: token) else { return nil }
    if !tokens.knows(keyID) {
      // Another replica may have made the key.
      try await keyring.refresh(ifOlderThan: Keyring.unknownKeyInterval)
    }
    return await tokens.verified(token)
  }

  func signed(_ session: Session, at time: Date) async throws(DomainError) -> String {
    // Else this replica would go on signing with a key that another retired.
    try await keyring.refresh(ifOlderThan: Keyring.signingInterval)
    do {
      return try await tokens.sign(session, at: time)
    } catch let error as DomainError {
      throw error
    } catch {
      throw DomainError(
        .internalError, "The session couldn't be signed.", underlying: "\(type(of: error))")
    }
  }

  /// Notes that a session is in use, at most once a minute.
  ///
  /// - Returns: when it ends if nobody uses it again.
  private func touched(_ found: AccountStore.Found, at time: Date) async -> Date {
    let old = found.session.expiresAt
    guard time.timeIntervalSince(found.lastSeenAt) >= Self.seenInterval else { return old }
    // Who looks around without an account doesn't stay for coming back.
    let new = min(
      time.addingTimeInterval(rules.sessionLifetime), found.user.expiresAt ?? .distantFuture)
    do {
      try await database.write { [store] connection in
        try store.touch(
          found.session, seenAt: time, ifNotSince: time.addingTimeInterval(-Self.seenInterval),
          expiresAt: new, in: connection)
      }
      return new
    } catch {
      // The session was read and is good; it is noted with the next request.
      logger.warning(
        "a session's use couldn't be noted", metadata: ["reason": "\(type(of: error))"])
      return old
    }
  }
}
