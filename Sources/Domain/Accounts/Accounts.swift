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
  let audit: AuditLog
  let policies: Policies
  let refusals: AuditRefusals
  let tokens = SessionTokens()
  let setup = SetupCode()
  let limits = AttemptLimits()
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
    audit = AuditLog(database: database, now: now)
    policies = Policies(database: database, now: now)
    refusals = AuditRefusals(audit: audit, logger: logger)
    keyring = Keyring(database: database, tokens: tokens, now: now)
  }

  /// Seals what pages carry unread, with this installation's keys.
  var formSeal: FormSeal { FormSeal(keyring: keyring, tokens: tokens, now: now) }

  /// Says to other programs who somebody is, with this installation's keys.
  public var identityTokens: IdentityTokens {
    IdentityTokens(keyring: keyring, tokens: tokens, now: now)
  }

  /// Gets ready: makes the first signing key, removes what has expired, and
  /// computes the setup code while there is no admin. All replicas have the
  /// same one.
  ///
  /// - Returns: the setup code, as in `AB23-CD45`; nil with the sandbox and when an
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
  /// ``start()`` does it too; call it once an hour.
  ///
  /// - Throws: `unavailable`.
  public func purgeExpired() async throws(DomainError) {
    let time = now()
    // A token of a living session is as old as its last use, at most.
    let retiredBefore = time.addingTimeInterval(-rules.sessionLifetime - Self.keyTail)
    try await database.writing { [store, limits] connection in
      try limits.deleteExpired(at: time, in: connection)
      try KeptAnswers.deleteExpired(at: time, in: connection)
      try store.deleteSessions(expiredAt: time, in: connection)
      try store.deleteKeys(retiredBefore: retiredBefore, in: connection)
      try store.deleteExpiredAccess(at: time, in: connection)
    }
    try await database.writing { [store] connection in
      try store.deleteVisitors(expiredAt: time, in: connection)
    }
  }

  /// The keys that session tokens are signed with, the newest first; never
  /// their secrets.
  ///
  /// - Throws: `unavailable`.
  public func signingKeys() async throws(DomainError) -> [SigningKeyState] {
    let tail = rules.sessionLifetime + Self.keyTail
    return try await database.reading { [store] connection in
      try store.keys(in: connection).sorted { $0.createdAt > $1.createdAt }.map { key in
        SigningKeyState(
          id: key.id, createdAt: key.createdAt,
          verifiesUntil: key.retiredAt?.addingTimeInterval(tail))
      }
    }
  }

  /// A day more than tokens live covers replicas that learnt late of a newer
  /// key, in seconds.
  private static let keyTail: Double = 24 * 3600

  /// Makes a new key sign from now on, on other replicas within a minute. The
  /// old one verifies until its last token has run out, so nobody is logged out.
  ///
  /// - Throws: `unavailable`.
  public func rotateSigningKey() async throws(DomainError) {
    try await keyring.rotate { [audit] id, connection in
      try audit.record(
        .keysRotate, AuditTarget(kind: "key", name: id), as: .commandLine, in: connection)
    }
    logger.notice("the key for session tokens was rotated")
  }

  /// The principal that a session proves.
  static func principal(
    _ user: User, _ session: Session, requestID: String = "", address: String = ""
  ) -> Principal {
    Principal(
      userID: user.id, name: user.name, email: user.email, role: user.role,
      credential: .session(session.id), requestID: requestID, address: address,
      vanishesAt: user.expiresAt)
  }
}
