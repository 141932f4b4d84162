public import Foundation
public import Logging

/// Accounts: register, sign in, who is it, roles. Passwords are hashed with
/// Argon2id; a session is a row and a signed token (docs/design.md §4).
public struct Accounts: Sendable {
  let database: any Database
  let rules: AccountRules
  let hasher: PasswordHasher
  let logger: Logger
  let now: @Sendable () -> Date
  let store = AccountStore()
  let tokens = SessionTokens()
  let setup = SetupCode()
  let throttle = SignInThrottle()
  let keyring: Keyring

  /// - Parameters:
  ///   - database: with all migrations applied.
  ///   - rules: the same on every replica.
  ///   - hasher: one for the whole process; it bounds the work.
  ///   - logger: gets role changes and the like, never a secret.
  ///   - now: the time, for tests.
  public init(
    database: any Database, rules: AccountRules, hasher: PasswordHasher, logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.database = database
    self.rules = rules
    self.hasher = hasher
    self.logger = logger
    self.now = now
    keyring = Keyring(database: database, tokens: tokens, now: now)
  }

  /// Gets ready: makes the first signing key, removes what has expired, and
  /// computes the setup code while there is no admin. All replicas have the
  /// same one.
  ///
  /// - Returns: the setup code, `XXXX-XXXX`; nil with the sandbox and when an
  ///   admin exists.
  /// - Throws: `unavailable` without the database, `internalError` when a
  ///   signing key is damaged or too short.
  public func start() async throws(DomainError) -> String? {
    try await keyring.refresh(ifOlderThan: 0)
    try await purgeExpired()
    guard try await registrationState().needsSetupCode else { return nil }
    return try setup.issue(from: tokens.secret(for: "setup code"))
  }

  /// Removes sessions that have ended, and signing keys whose last token has.
  /// ``start()`` does it too; call it once a day.
  ///
  /// - Throws: `unavailable`.
  public func purgeExpired() async throws(DomainError) {
    let time = now()
    // A token of a living session is as old as its last use, at most. A day
    // more covers replicas that learnt late of the newer key.
    let retiredBefore = time.addingTimeInterval(-rules.sessionLifetime - 24 * 3600)
    try await database.writing { [store] connection in
      try store.deleteSessions(expiredAt: time, in: connection)
      try store.deleteKeys(retiredBefore: retiredBefore, in: connection)
    }
  }

  /// Makes a new key sign from now on, on other replicas within a minute. The
  /// old one verifies until its last token has run out.
  ///
  /// - Throws: `unavailable`.
  public func rotateSigningKey() async throws(DomainError) {
    try await keyring.rotate()
    logger.notice("the key for session tokens was rotated")
  }

  /// The principal that a session proves.
  static func principal(
    _ user: User, _ session: Session, requestID: String = ""
  ) -> Principal {
    Principal(
      userID: user.id, name: user.name, email: user.email, role: user.role,
      credential: .session(session.id), requestID: requestID)
  }
}
