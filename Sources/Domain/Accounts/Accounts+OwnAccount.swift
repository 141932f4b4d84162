internal import Foundation
internal import Logging

/// What people do with their own accounts. All of it needs a session: a token
/// can't make another one, nor change the password.
extension Accounts {
  /// The asking person's account.
  ///
  /// - Throws: `forbidden` without a session; `unavailable`.
  public func ownAccount(as principal: Principal) async throws(DomainError) -> OwnAccount {
    let session = try Self.requireSession(of: principal)
    let time = now()
    return try await database.reading { [store] connection in
      guard let user = try store.user(principal.userID, in: connection) else {
        throw DomainError(.notFound, "There is no such account any more.", advice: "Register.")
      }
      let hash = try store.passwordHash(of: user.id, in: connection)
      return OwnAccount(
        user: user, hasPassword: hash?.isEmpty == false,
        issuers: try store.issuers(of: user.id, in: connection),
        sessions: try store.sessions(of: user.id, at: time, current: session, in: connection),
        tokens: try store.tokens(of: user.id, at: time, in: connection))
    }
  }

  /// Gives the asking person another name.
  ///
  /// - Throws: `invalid` at `name`; `forbidden` without a session; `unavailable`.
  public func rename(to name: String, as principal: Principal) async throws(DomainError) {
    _ = try Self.requireSession(of: principal)
    let wanted = Registration(email: principal.email, name: name, password: "").tidied()
    let mistakes = wanted.mistakes().filter { $0.field == "name" }
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    if wanted.name == principal.name { return }
    try await database.writing { [store, audit] connection in
      try store.setName(wanted.name, of: principal.userID, in: connection)
      try audit.record(
        .accountRename, .user(principal.email),
        [AuditChange("name", from: principal.name, to: wanted.name)], as: principal,
        in: connection)
    }
  }

  /// Keeps the language that the asking person chose for their pages, in every
  /// browser. Somebody who looks around without an account has one browser,
  /// which knows it.
  ///
  /// - Parameter code: of a language that pages are in, as in `ru`.
  /// - Throws: `forbidden` without a session; `unavailable`.
  public func chooseLanguage(
    _ code: String, as principal: Principal
  ) async throws(DomainError) {
    _ = try Self.requireSession(of: principal)
    guard principal.vanishesAt == nil else { return }
    try await database.writing { [store] connection in
      try store.setLanguage(code, of: principal.userID, in: connection)
    }
  }

  /// Gives the asking person another password. Every other session ends; API
  /// tokens stay.
  ///
  /// - Throws: `invalid` at `current` or `password`; `conflict` for an account
  ///   without a password; `tooManyRequests` after many wrong ones; `forbidden`
  ///   without a session; `unavailable`.
  public func changePassword(
    from current: String, to password: String, as principal: Principal
  ) async throws(DomainError) {
    let session = try Self.requireSession(of: principal)
    let mistakes = Registration(
      email: principal.email, name: principal.name, password: password
    ).mistakes().filter { $0.field == "password" }
    let old = try await rightPassword(current, of: principal, or: mistakes)
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    let hash = try await hashed(password)
    try await database.writing { [store, audit] connection in
      guard try store.passwordHash(of: principal.userID, in: connection) == old else {
        throw DomainError(
          .conflict, "Your password was changed a moment ago, from somewhere else.",
          advice: "If that wasn't you, ask an admin for a link to set it anew.")
      }
      try store.replacePassword(hash, of: principal.userID, in: connection)
      try store.deleteSessions(of: principal.userID, but: session, in: connection)
      try audit.record(
        .accountPasswordChange, .user(principal.email), as: principal, in: connection)
    }
  }

  /// Ends one of the asking person's sessions.
  ///
  /// - Throws: `notFound`; `forbidden` without a session; `unavailable`.
  public func endSession(
    _ id: Session.ID, as principal: Principal
  ) async throws(DomainError) {
    _ = try Self.requireSession(of: principal)
    try await database.writing { [store, audit] connection in
      guard try store.deleteSession(id, of: principal.userID, in: connection) else {
        throw DomainError(.notFound, "This session has ended already.")
      }
      try audit.record(.sessionEnd, .user(principal.email), as: principal, in: connection)
    }
  }

  /// Ends all of the asking person's sessions but this one.
  ///
  /// - Returns: how many ended.
  /// - Throws: `forbidden` without a session; `unavailable`.
  public func endOtherSessions(as principal: Principal) async throws(DomainError) -> Int {
    let session = try Self.requireSession(of: principal)
    return try await database.writing { [store, audit] connection in
      let count = try store.deleteSessions(of: principal.userID, but: session, in: connection)
      if count > 0 {
        try audit.record(
          .sessionEnd, .user(principal.email), [AuditChange("sessions", to: "\(count)")],
          as: principal, in: connection)
      }
      return count
    }
  }

  /// - Returns: the session that asks.
  /// - Throws: `forbidden` when none does, or the account is nobody's own.
  static func requireSession(of principal: Principal) throws(DomainError) -> Session.ID {
    guard case .session(let id) = principal.credential else {
      throw DomainError(
        .forbidden, "An API token can't change the account that it belongs to.",
        advice: "Log in with a browser.")
    }
    guard principal.vanishesAt == nil else {
      throw DomainError(
        .forbidden, "You look around without an account of your own.",
        advice: "Register to have one.")
    }
    return id
  }

  /// The hash of the asking person's password, once they have told it.
  private func rightPassword(
    _ password: String, of principal: Principal, or others: [FieldError]
  ) async throws(DomainError) -> String {
    let attempt = AttemptLimits.Attempt.signIn(
      address: principal.address, account: principal.email.lowercased())
    let time = now()
    let hash = try await database.reading { [store, limits] connection in
      try limits.require(attempt, isKnown: true, at: time, in: connection)
      return try store.passwordHash(of: principal.userID, in: connection)
    }
    guard let hash, !hash.isEmpty else {
      throw DomainError(
        .conflict, "Your account has no password: you log in through another party.",
        advice: "Ask an admin for a link that sets one.")
    }
    guard try await isRight(password, for: hash) else {
      try await noteFailure(of: attempt)
      throw DomainError.invalid(
        [FieldError("current", "This isn't your password.")] + others)
    }
    return hash
  }
}
