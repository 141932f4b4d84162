internal import Foundation
internal import Logging

extension Accounts {
  /// How long somebody may take to type the password that connects an
  /// account, in seconds.
  static let linkLifetime: Double = 600
  private static let linkContext = "connecting an external identity"

  /// Signs in somebody whom a proxy of a tailnet vouches for.
  ///
  /// - Parameters:
  ///   - login: the `Tailscale-User-Login` of a request that a trusted proxy
  ///     passed on.
  ///   - name: the `Tailscale-User-Name`, decoded.
  ///   - role: what they become who come for the first time.
  /// - Throws: `forbidden` for a login that is no address; `invalid` at
  ///   `email` for a suspended account; `unavailable`.
  public func signIn(
    tailscaleLogin login: String, name: String, firstRole role: PlatformRole,
    from client: ClientInfo
  ) async throws(DomainError) -> ExternalSignIn {
    try await signIn(
      ExternalIdentity(
        issuer: ExternalIdentity.tailscale, subject: login.lowercased(), email: login, name: name,
        role: nil, firstRole: role),
      from: client)
  }

  /// Signs in somebody whom another party vouches for, and makes an account
  /// when they come for the first time.
  ///
  /// An account that has a password isn't given away for an address alone:
  /// whoever registered it first may not be the one who comes now.
  /// - Throws: `forbidden` for an address that can't be one; `invalid` at
  ///   `email` for a suspended account; `unavailable`.
  func signIn(
    _ identity: ExternalIdentity, from client: ClientInfo
  ) async throws(DomainError) -> ExternalSignIn {
    guard EmailAddress.mistake(in: identity.email) == nil else {
      throw DomainError(
        .forbidden, "You were not signed in: you came without an e-mail address.",
        advice: "Ask the admin of your sign-in to give you one.")
    }
    let time = now()
    let opened = try await database.writing { [self] connection -> (User, Session)? in
      guard let user = try account(of: identity, at: time, in: connection) else { return nil }
      guard let noted = try store.noteSignIn(of: user.id, at: time, in: connection) else {
        throw Self.suspended
      }
      let current = try followRole(of: identity, for: noted, in: connection)
      let session = try openSession(of: current.id, from: client, at: time, in: connection)
      var changes = [AuditChange("identity", to: identity.issuer)]
      if current.role != noted.role {
        changes.append(
          AuditChange("role", from: noted.role.rawValue, to: current.role.rawValue))
      }
      try audit.record(
        .sessionSignIn, .user(current.email), changes,
        as: Self.principal(current, session, address: client.address), in: connection)
      return (current, session)
    }
    guard let (user, session) = opened else {
      return .needsPassword(email: identity.email, link: try await sealedLink(to: identity))
    }
    return .signedIn(try await signedIn(user, session))
  }

  /// Connects what somebody else vouched for a moment ago with the account
  /// that the principal has just logged in to.
  ///
  /// - Parameter link: of ``ExternalSignIn/needsPassword(email:link:)``.
  /// - Returns: false when the link is too old, or for another address.
  /// - Throws: `unavailable`.
  public func connect(_ link: String, as principal: Principal) async throws(DomainError) -> Bool {
    guard let text = try await formSeal.open(link, for: Self.linkContext),
      let sealed = try? JSONDecoder().decode(SealedLink.self, from: Data(text.utf8)),
      now().timeIntervalSince(sealed.time) < Self.linkLifetime,
      EmailAddress.key(of: sealed.email) == EmailAddress.key(of: principal.email)
    else { return false }
    let identity = ExternalIdentity(
      issuer: sealed.issuer, subject: sealed.subject, email: sealed.email, name: "")
    let time = now()
    return try await database.writing { [audit] connection in
      let isNew = try ExternalIdentityStore().connect(
        identity, with: principal.userID, at: time, in: connection)
      if isNew {
        try audit.record(
          .identityConnect, .user(principal.email),
          [AuditChange("identity", to: identity.issuer)], as: principal, in: connection)
      }
      return isNew
    }
  }

  // MARK: Steps

  /// What a link carries through the login page.
  private struct SealedLink: Codable {
    let issuer: String
    let subject: String
    let email: String
    let time: Date
  }

  private func sealedLink(to identity: ExternalIdentity) async throws(DomainError) -> String {
    let link = SealedLink(
      issuer: identity.issuer, subject: identity.subject, email: identity.email, time: now())
    guard let text = try? JSONEncoder().encode(link) else {
      throw DomainError(.internalError, "The sign-in couldn't be kept.", advice: "Try again.")
    }
    return try await formSeal.seal(String(decoding: text, as: UTF8.self), for: Self.linkContext)
  }

  /// The connected account, or a new one; nil when the address has an account
  /// that isn't connected.
  private func account(
    of identity: ExternalIdentity, at time: Date, in connection: any Connection
  ) throws -> User? {
    let identities = ExternalIdentityStore()
    if let id = try identities.userID(of: identity, in: connection) {
      return try store.user(id, in: connection)
    }
    if try store.hasUser(email: identity.email, in: connection) { return nil }
    let user = User(
      id: .random(), email: identity.email, name: identity.displayName,
      role: identity.role ?? identity.firstRole, suspendedAt: nil, createdAt: time,
      lastSeenAt: time)
    // No password verifies against an empty hash.
    try insert(user, hash: "", in: connection)
    _ = try identities.connect(identity, with: user.id, at: time, in: connection)
    logger.notice(
      "an account was made for an external identity",
      metadata: ["user": "\(user.id)", "issuer": "\(identity.issuer)"])
    return user
  }

  /// Gives the role that the other party's groups say, except to the last
  /// admin, who stays one.
  private func followRole(
    of identity: ExternalIdentity, for user: User, in connection: any Connection
  ) throws -> User {
    guard let role = identity.role, role != user.role else { return user }
    if user.role == .admin, try store.adminCount(in: connection) <= 1 {
      logger.warning(
        "the last admin stays one, although their groups say otherwise",
        metadata: ["user": "\(user.id)", "role": "\(role.rawValue)"])
      return user
    }
    try store.setRole(role, of: user.id, in: connection)
    logger.notice(
      "a role followed somebody's groups",
      metadata: ["user": "\(user.id)", "role": "\(role.rawValue)"])
    return try store.user(user.id, in: connection) ?? user
  }
}
