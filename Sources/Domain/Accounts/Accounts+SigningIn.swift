internal import Foundation
internal import Logging

extension Accounts {
  /// What the registration page asks for.
  ///
  /// - Throws: `unavailable`.
  public func registrationState() async throws(DomainError) -> RegistrationState {
    try await database.reading { [self] connection in
      try registrationState(in: connection)
    }
  }

  private func registrationState(in connection: any Connection) throws -> RegistrationState {
    let needsSetupCode =
      try store.adminCount(in: connection) == 0 && !rules.firstUserBecomesAdmin
    let isFirst = try store.userCount(in: connection) == 0 && rules.firstUserBecomesAdmin
    // There is always a way to the first admin.
    let isOpen =
      try needsSetupCode || isFirst
      || policies.policy(in: connection).registration == .open
    return RegistrationState(
      needsSetupCode: needsSetupCode, firstUserBecomesAdmin: isFirst, isOpen: isOpen)
  }

  /// Makes an account and signs it in.
  ///
  /// While there is no admin, the setup code is needed and makes one; with the
  /// sandbox the very first account becomes admin. Of several at once only one
  /// does.
  /// - Throws: `invalid` with the fields `email`, `name`, `password` and
  ///   `setupCode`, all that are wrong at once; `alreadyExists` at `email` when
  ///   somebody else takes the address in the same moment; `forbidden` where
  ///   people may not register by themselves; `tooManyRequests`; `unavailable`.
  public func register(
    _ registration: Registration, from client: ClientInfo
  ) async throws(DomainError) -> SignedIn {
    let wanted = registration.tidied()
    let hasSetupCode = try await check(wanted, from: client)
    let prepared = PreparedAccount(
      registration: wanted, passwordHash: try await hashed(wanted.password))
    let time = now()
    let (user, session) = try await database.writing { [self] connection in
      let isAdmin =
        rules.firstUserBecomesAdmin
        ? try store.userCount(in: connection) == 0
        : try hasSetupCode && store.adminCount(in: connection) == 0
      try limits.noteFailure(
        of: .registration(address: client.address), at: time, in: connection)
      let (user, session) = try insert(
        prepared, role: isAdmin ? .admin : .member, from: client, at: time, in: connection)
      try audit.record(
        .accountRegister, .user(user.email), [AuditChange("role", to: user.role.rawValue)],
        as: Self.principal(user, session, address: client.address), in: connection)
      return (user, session)
    }
    if user.role == .admin {
      setup.void()
      logger.notice("the first admin registered", metadata: ["user": "\(user.id)"])
    }
    return try await signedIn(user, session)
  }

  /// Signs somebody in.
  ///
  /// Takes the same time and says the same whether or not the account exists.
  /// - Throws: `invalid` at the field `password`; at `email` for a suspended
  ///   account, and only after a right password; `tooManyRequests`;
  ///   `unavailable`.
  public func signIn(
    email: String, password: String, from client: ClientInfo
  ) async throws(DomainError) -> SignedIn {
    let address = email.trimmingSpaces()
    let attempt = AttemptLimits.Attempt.signIn(
      address: client.address, account: String(address.lowercased().prefix(256)))
    let (credentials, isKnown) = try await credentials(of: address, attempt, from: client)
    guard
      let found = try await checked(password, credentials, isKnown: isKnown, attempt, from: client)
    else { throw Self.wrongPassword }
    guard found.user.suspendedAt == nil else { throw Self.suspended }
    let newHash = hasher.needsRehash(found.passwordHash) ? try await hashed(password) : nil
    let time = now()
    let (user, session) = try await database.writing { [self] connection in
      try limits.forgive(attempt, in: connection)
      // Hashing takes its time; an admin may have been faster.
      guard let user = try store.noteSignIn(of: found.user.id, at: time, in: connection) else {
        throw Self.suspended
      }
      if let newHash {
        try store.setPasswordHash(
          newHash, of: user.id, replacing: found.passwordHash, in: connection)
      }
      let session = try openSession(of: user.id, from: client, at: time, in: connection)
      try audit.record(
        .sessionSignIn, .user(user.email),
        as: Self.principal(user, session, address: client.address), in: connection)
      return (user, session)
    }
    return try await signedIn(user, session)
  }

  /// Ends the principal's session. Its token is refused on the very next
  /// request, on every replica. Does nothing for the command line.
  ///
  /// - Throws: `unavailable`; then the session still lives.
  public func signOut(as principal: Principal) async throws(DomainError) {
    guard case .session(let id) = principal.credential else { return }
    try await database.writing { [store, audit] connection in
      try store.deleteSession(id, in: connection)
      try audit.record(.sessionSignOut, .user(principal.email), as: principal, in: connection)
    }
  }

  // MARK: Steps

  /// The credentials of an address, and whether its owner logged in from there
  /// before.
  ///
  /// - Throws: `tooManyRequests`.
  private func credentials(
    of email: String, _ attempt: AttemptLimits.Attempt, from client: ClientInfo
  ) async throws(DomainError) -> (AccountStore.Credentials?, isKnown: Bool) {
    let time = now()
    return try await database.reading { [self] connection in
      // No account has an address that couldn't be registered.
      let found =
        EmailAddress.mistake(in: email) == nil
        ? try store.credentials(email: email, in: connection) : nil
      let isKnown =
        try found.map {
          try store.hasSession(of: $0.user.id, from: client.address, in: connection)
        } ?? false
      try limits.require(attempt, isKnown: isKnown, at: time, in: connection)
      return (found, isKnown)
    }
  }

  /// The credentials if the password is theirs; a failure is counted.
  private func checked(
    _ password: String, _ credentials: AccountStore.Credentials?, isKnown: Bool,
    _ attempt: AttemptLimits.Attempt, from client: ClientInfo
  ) async throws(DomainError) -> AccountStore.Credentials? {
    // Others who guess from the same address take no place of who is known there.
    if !isKnown { try limits.enter(client.address) }
    defer { if !isKnown { limits.leave(client.address) } }
    if let found = try await verified(password, against: credentials) { return found }
    try await noteFailure(of: attempt)
    refusals.noteSignIn(at: credentials?.user, from: client.address)
    return nil
  }

  func noteFailure(of attempt: AttemptLimits.Attempt) async throws(DomainError) {
    let time = now()
    try await database.writing { [limits] connection in
      try limits.noteFailure(of: attempt, at: time, in: connection)
    }
  }

  /// - Returns: whether the registration brought the setup code where one is
  ///   needed.
  private func check(
    _ wanted: Registration, from client: ClientInfo
  ) async throws(DomainError) -> Bool {
    let time = now()
    var mistakes = wanted.mistakes()
    let isAddress = !mistakes.contains { $0.field == "email" }
    let (isTaken, state) = try await database.reading { [self] connection in
      try limits.require(
        .registration(address: client.address), at: time, in: connection)
      try limits.require(.setupCode(address: client.address), at: time, in: connection)
      return (
        isAddress ? try store.hasUser(email: wanted.email, in: connection) : false,
        try registrationState(in: connection)
      )
    }
    guard state.isOpen else { throw Self.notOpen }
    if isTaken {
      mistakes.insert(contentsOf: Self.emailTaken.fields, at: 0)
      // It says that there is an account, so it isn't said without end.
      try await noteFailure(of: .registration(address: client.address))
    }
    if state.needsSetupCode, let mistake = setup.mistake(in: wanted.setupCode) {
      mistakes.append(FieldError("setupCode", mistake))
      if !wanted.setupCode.isEmpty {
        try await noteFailure(of: .setupCode(address: client.address))
      }
    }
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    return state.needsSetupCode
  }

  /// An account that is ready to be made: its password is hashed already,
  /// which takes too long for a transaction.
  struct PreparedAccount: Sendable {
    let registration: Registration
    let passwordHash: String
  }

  /// Checks what an invited person typed, and hashes their password.
  ///
  /// - Throws: `invalid` with the fields `name` and `password`;
  ///   `tooManyRequests`; `unavailable`.
  func prepare(_ registration: Registration) async throws(DomainError) -> PreparedAccount {
    let wanted = registration.tidied()
    let mistakes = wanted.mistakes()
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    return PreparedAccount(
      registration: wanted, passwordHash: try await hashed(wanted.password))
  }

  /// Makes an account and opens its first session.
  func insert(
    _ account: PreparedAccount, role: PlatformRole, from client: ClientInfo, at time: Date,
    in connection: any Connection
  ) throws -> (User, Session) {
    let user = User(
      id: .random(), email: account.registration.email, name: account.registration.name,
      role: role, suspendedAt: nil, createdAt: time, lastSeenAt: time)
    try insert(user, hash: account.passwordHash, in: connection)
    return (user, try openSession(of: user.id, from: client, at: time, in: connection))
  }

  /// Throws where not even invited people may make an account.
  func requireNotClosed(in connection: any Connection) throws {
    guard try policies.policy(in: connection).registration == .closed else { return }
    throw DomainError(
      .forbidden, "New accounts are not made here any more.", advice: "Ask an admin why.")
  }

  func hasAccount(email: String, in connection: any Connection) throws -> Bool {
    try store.hasUser(email: email, in: connection)
  }

  /// The user of an id; nil when there is none or they are suspended.
  func activeUser(_ id: User.ID, in connection: any Connection) throws -> User? {
    try store.user(id, in: connection).flatMap { $0.suspendedAt == nil ? $0 : nil }
  }

  /// Inserts a user; an address that is taken becomes an error for people.
  func insert(_ user: User, hash: String, in connection: any Connection) throws {
    do {
      try store.insert(user, passwordHash: hash, in: connection)
    } catch StorageError.uniqueViolation(constraint: "users.email_key") {
      throw Self.emailTaken
    }
  }

  func openSession(
    of user: User.ID, from client: ClientInfo, at time: Date, until end: Date = .distantFuture,
    in connection: any Connection
  ) throws -> Session {
    let session = Session(
      id: .random(), userID: user, formToken: RandomText.base64(bytes: 32), createdAt: time,
      expiresAt: min(time.addingTimeInterval(rules.sessionLifetime), end))
    try store.insert(session, from: client, in: connection)
    return session
  }

  func signedIn(_ user: User, _ session: Session) async throws(DomainError) -> SignedIn {
    SignedIn(
      user: user, principal: Self.principal(user, session),
      token: try await signed(session, at: session.createdAt), formToken: session.formToken,
      expiresAt: session.expiresAt)
  }

  func hashed(_ password: String) async throws(DomainError) -> String {
    do {
      return try await hasher.hash(password)
    } catch {
      throw Self.hashingFailed(error)
    }
  }

  /// The credentials if the password is theirs. Does the same work when there
  /// are none.
  private func verified(
    _ password: String, against credentials: AccountStore.Credentials?
  ) async throws(DomainError) -> AccountStore.Credentials? {
    // Nobody has such a password; the answer is as fast for every address.
    guard Registration.passwordLengths.upperBound >= password.unicodeScalars.count else {
      return nil
    }
    // An account of single sign-on has no password.
    let credentials = credentials?.passwordHash.isEmpty == true ? nil : credentials
    do {
      let hash = credentials?.passwordHash ?? hasher.decoy
      return try await hasher.verify(password, against: hash) ? credentials : nil
    } catch {
      throw Self.hashingFailed(error)
    }
  }

  func isRight(_ password: String, for hash: String) async throws(DomainError) -> Bool {
    guard Registration.passwordLengths.upperBound >= password.unicodeScalars.count else {
      return false
    }
    do {
      return try await hasher.verify(password, against: hash)
    } catch {
      throw Self.hashingFailed(error)
    }
  }

  // MARK: Refusals

  private static var notOpen: DomainError {
    DomainError(
      .forbidden, "Nobody can register here without an invitation.",
      advice: "Ask an admin to send you one.")
  }

  private static var wrongPassword: DomainError {
    DomainError(
      .invalid, "The e-mail address or the password is wrong.",
      fields: [FieldError("password", "The e-mail address or the password is wrong.")])
  }

  static var suspended: DomainError {
    DomainError(
      .invalid, "This account is suspended.", advice: "Ask an admin why.",
      fields: [FieldError("email", "This account is suspended. Ask an admin why.")])
  }

  private static var emailTaken: DomainError {
    DomainError(
      .alreadyExists, "There is an account with this e-mail address already.",
      advice: "Log in, or use another address.",
      fields: [
        FieldError(
          "email", "There is an account with this address already. Log in, or use another.")
      ])
  }

  private static func hashingFailed(_ error: any Error) -> DomainError {
    switch error {
    case PasswordHasher.Failure.crowded:
      DomainError(
        .tooManyRequests, "Too many people are signing in right now.",
        advice: "Try again in a few seconds.", retryAfter: .seconds(5))
    default:
      DomainError(
        .unavailable, "The password couldn't be checked right now.",
        advice: "Try again in a moment.", retryAfter: .seconds(1), underlying: "\(error)")
    }
  }
}
