internal import Foundation
internal import Logging

extension Accounts {
  /// What the registration page asks for.
  ///
  /// - Throws: `unavailable`.
  public func registrationState() async throws(DomainError) -> RegistrationState {
    let (users, admins) = try await database.reading { [store] connection in
      (try store.userCount(in: connection), try store.adminCount(in: connection))
    }
    return RegistrationState(
      needsSetupCode: admins == 0 && !rules.firstUserBecomesAdmin,
      firstUserBecomesAdmin: users == 0 && rules.firstUserBecomesAdmin)
  }

  /// Makes an account and signs it in.
  ///
  /// While there is no admin, the setup code is needed and makes one; with the
  /// sandbox the very first account becomes admin. Of several at once only one
  /// does.
  /// - Throws: `invalid` with the fields `email`, `name`, `password` and
  ///   `setupCode`, all that are wrong at once; `alreadyExists` at `email` when
  ///   somebody else takes the address in the same moment; `tooManyRequests`;
  ///   `unavailable`.
  public func register(
    _ registration: Registration, from client: ClientInfo
  ) async throws(DomainError) -> SignedIn {
    let wanted = registration.tidied()
    let hasSetupCode = try await check(wanted)
    let hash = try await hashed(wanted.password)
    let time = now()
    let (user, session) = try await database.writing { [self] connection in
      let isAdmin =
        rules.firstUserBecomesAdmin
        ? try store.userCount(in: connection) == 0
        : try hasSetupCode && store.adminCount(in: connection) == 0
      let user = User(
        id: .random(), email: wanted.email, name: wanted.name, role: isAdmin ? .admin : .member,
        suspendedAt: nil, createdAt: time, lastSeenAt: time)
      try insert(user, hash: hash, in: connection)
      return (user, try openSession(of: user.id, from: client, at: time, in: connection))
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
    let account = String(address.lowercased().prefix(256))
    try throttle.begin(address: client.address, account: account, at: now())
    var isRefused = false
    defer {
      throttle.end(address: client.address, account: account, failed: isRefused, at: now())
    }
    var found: AccountStore.Credentials?
    // No account has an address that couldn't be registered.
    if EmailAddress.mistake(in: address) == nil {
      found = try await database.reading { [store] connection in
        try store.credentials(email: address, in: connection)
      }
    }
    guard let found = try await verified(password, against: found) else {
      isRefused = true
      throw Self.wrongPassword
    }
    guard found.user.suspendedAt == nil else { throw Self.suspended }
    let newHash = hasher.needsRehash(found.passwordHash) ? try await hashed(password) : nil
    let time = now()
    let (user, session) = try await database.writing { [self] connection in
      // Hashing takes its time; an admin may have been faster.
      guard let user = try store.noteSignIn(of: found.user.id, at: time, in: connection) else {
        throw Self.suspended
      }
      if let newHash {
        try store.setPasswordHash(
          newHash, of: user.id, replacing: found.passwordHash, in: connection)
      }
      return (user, try openSession(of: user.id, from: client, at: time, in: connection))
    }
    return try await signedIn(user, session)
  }

  /// Ends the principal's session. Its token is refused on the very next
  /// request, on every replica. Does nothing for the command line.
  ///
  /// - Throws: `unavailable`; then the session still lives.
  public func signOut(as principal: Principal) async throws(DomainError) {
    guard case .session(let id) = principal.credential else { return }
    try await database.writing { [store] connection in
      try store.deleteSession(id, in: connection)
    }
  }

  // MARK: Steps

  /// - Returns: whether the registration brought the setup code where one is
  ///   needed.
  private func check(_ wanted: Registration) async throws(DomainError) -> Bool {
    var mistakes = wanted.mistakes()
    let isAddress = !mistakes.contains { $0.field == "email" }
    let (isTaken, admins) = try await database.reading { [store] connection in
      (
        isAddress ? try store.hasUser(email: wanted.email, in: connection) : false,
        try store.adminCount(in: connection)
      )
    }
    if isTaken { mistakes.insert(contentsOf: Self.emailTaken.fields, at: 0) }
    let needsSetupCode = admins == 0 && !rules.firstUserBecomesAdmin
    if needsSetupCode, let mistake = setup.mistake(in: wanted.setupCode, at: now()) {
      mistakes.append(FieldError("setupCode", mistake))
    }
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    return needsSetupCode
  }

  /// Inserts a user; an address that is taken becomes an error for people.
  func insert(_ user: User, hash: String, in connection: any Connection) throws {
    do {
      try store.insert(user, passwordHash: hash, in: connection)
    } catch StorageError.uniqueViolation(constraint: "users.email_key") {
      throw Self.emailTaken
    }
  }

  private func openSession(
    of user: User.ID, from client: ClientInfo, at time: Date, in connection: any Connection
  ) throws -> Session {
    let session = Session(
      id: .random(), userID: user, formToken: RandomText.base64(bytes: 32), createdAt: time,
      expiresAt: time.addingTimeInterval(rules.sessionLifetime))
    try store.insert(session, from: client, in: connection)
    return session
  }

  private func signedIn(_ user: User, _ session: Session) async throws(DomainError) -> SignedIn {
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
    do {
      let hash = credentials?.passwordHash ?? hasher.decoy
      return try await hasher.verify(password, against: hash) ? credentials : nil
    } catch {
      throw Self.hashingFailed(error)
    }
  }

  // MARK: Refusals

  private static var wrongPassword: DomainError {
    DomainError(
      .invalid, "The e-mail address or the password is wrong.",
      fields: [FieldError("password", "The e-mail address or the password is wrong.")])
  }

  private static var suspended: DomainError {
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
