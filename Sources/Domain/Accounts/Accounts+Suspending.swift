internal import Foundation
internal import Logging

/// What admins do to others' accounts besides their roles.
extension Accounts {
  /// How long a link that sets a password is good, in seconds.
  public static let resetLifetime: Double = 3600

  /// Keeps somebody out, from their very next request on, or lets them in
  /// again. What they deployed goes on.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `notFound`;
  ///   `conflict` for the last admin and for oneself; `unavailable`.
  public func setSuspended(
    _ isSuspended: Bool, _ id: User.ID, as principal: Principal
  ) async throws(DomainError) -> User {
    try AccessTable.require(.changeUserRoles, of: principal)
    let time = now()
    return try await database.writing { [self] connection in
      try requireStillAllowed(principal, in: connection)
      let user = try existingUser(id, in: connection)
      guard (user.suspendedAt != nil) != isSuspended else { return user }
      if isSuspended {
        guard user.id != principal.userID else {
          throw DomainError(
            .conflict, "You can't suspend yourself.", advice: "Ask another admin.")
        }
        try requireAnotherAdmin(than: user, in: connection)
        try store.deleteSessions(of: id, but: nil, in: connection)
      }
      try store.setSuspended(at: isSuspended ? time : nil, of: id, in: connection)
      try audit.record(
        isSuspended ? .accountSuspend : .accountResume, .user(user.email), as: principal,
        in: connection)
      return try existingUser(id, in: connection)
    }
  }

  /// Makes a secret with which somebody sets their password, once and within an
  /// hour. An earlier one is worthless from now on.
  ///
  /// - Returns: the secret, which is told only now, and whose it is.
  /// - Throws: `forbidden` unless the principal is an admin; `notFound`;
  ///   `unavailable`.
  public func makeReset(
    for id: User.ID, as principal: Principal
  ) async throws(DomainError) -> (secret: String, user: User) {
    try AccessTable.require(.changeUserRoles, of: principal)
    let secret = RandomText.base64URL(bytes: 32)
    let time = now()
    let user = try await database.writing { [self] connection in
      try requireStillAllowed(principal, in: connection)
      let user = try existingUser(id, in: connection)
      try store.setReset(
        hash: Self.hash(of: secret), of: id, at: time,
        until: time.addingTimeInterval(Self.resetLifetime), in: connection)
      try audit.record(.accountResetLink, .user(user.email), as: principal, in: connection)
      return user
    }
    return (secret, user)
  }

  /// Whose password a link sets.
  ///
  /// - Returns: nil when it was used, ran out or never was.
  /// - Throws: `unavailable`.
  public func resetUser(secret: String) async throws(DomainError) -> User? {
    let time = now()
    return try await database.reading { [store] connection in
      try store.resetUser(hash: Self.hash(of: secret), at: time, in: connection)
    }
  }

  /// Sets the password of whom a link is for. Every session of theirs ends.
  ///
  /// - Throws: `invalid` at `password`; `notFound` for a link that was used or
  ///   ran out; `tooManyRequests`; `unavailable`.
  public func resetPassword(
    secret: String, to password: String, from client: ClientInfo
  ) async throws(DomainError) {
    guard let user = try await resetUser(secret: secret) else { throw Self.deadLink }
    let mistakes = Registration(email: user.email, name: user.name, password: password)
      .mistakes().filter { $0.field == "password" }
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    let hash = try await hashed(password)
    let time = now()
    try await database.writing { [self] connection in
      guard
        let owner = try store.resetUser(
          hash: Self.hash(of: secret), at: time, in: connection)
      else { throw Self.deadLink }
      try store.replacePassword(hash, of: owner.id, in: connection)
      try store.deleteSessions(of: owner.id, but: nil, in: connection)
      let principal = Principal(
        userID: owner.id, name: owner.name, email: owner.email, role: owner.role,
        credential: .link, address: client.address)
      try audit.record(
        .accountPasswordChange, .user(owner.email), as: principal, in: connection)
    }
  }

  private static var deadLink: DomainError {
    DomainError(
      .notFound, "This link was used already, or is older than an hour.",
      advice: "Ask an admin for a new one.")
  }
}
