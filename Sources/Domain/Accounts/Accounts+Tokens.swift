internal import Crypto
internal import Foundation
internal import Logging

/// API tokens.
extension Accounts {
  /// Makes a token for the asking person.
  ///
  /// - Parameter days: one of ``APIToken/lifetimes``.
  /// - Throws: `invalid` at `name`, `scope` or `days`; `conflict` at the
  ///   hundredth or so; `forbidden` without a session; `unavailable`.
  public func createToken(
    named name: String, scope: TokenScope, days: Int, as principal: Principal
  ) async throws(DomainError) -> NewAPIToken {
    _ = try Self.requireSession(of: principal)
    let name = name.trimmingSpaces().precomposedStringWithCanonicalMapping
    var mistakes: [FieldError] = []
    if name.isEmpty || name.unicodeScalars.count > 80
      || name.unicodeScalars.contains(where: \.breaksLines)
    {
      mistakes.append(FieldError("name", "Name what will use it, in at most 80 characters."))
    }
    if !APIToken.lifetimes.contains(days) {
      mistakes.append(FieldError("days", "Choose one of the times in the list."))
    }
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    let time = now()
    let secret = APIToken.prefix + RandomText.base64URL(bytes: 32)
    let token = APIToken(
      id: .random(), name: name, scope: scope, createdAt: time,
      expiresAt: time.addingTimeInterval(Double(days) * 24 * 3600), lastUsedAt: nil)
    try await database.writing { [store, audit] connection in
      let tokens = try store.tokens(of: principal.userID, at: time, in: connection)
      guard tokens.count < APIToken.limit else {
        throw DomainError(
          .conflict, "You have \(tokens.count) tokens already.",
          advice: "Revoke those that nothing uses.")
      }
      guard !tokens.contains(where: { $0.name == name }) else {
        throw DomainError.invalid([FieldError("name", "You have a token of this name already.")])
      }
      try store.insert(
        token, hash: Self.hash(of: secret), of: principal.userID, in: connection)
      try audit.record(
        .tokenCreate, AuditTarget(kind: "token", name: name),
        [AuditChange("scope", to: scope.rawValue), AuditChange("days", to: "\(days)")],
        as: principal, in: connection)
    }
    return NewAPIToken(token: token, secret: secret)
  }

  /// Makes a token of the asking person worthless.
  ///
  /// - Throws: `notFound`; `forbidden` without a session; `unavailable`.
  public func revokeToken(
    _ id: APIToken.ID, as principal: Principal
  ) async throws(DomainError) {
    _ = try Self.requireSession(of: principal)
    try await database.writing { [store, audit] connection in
      guard let name = try store.deleteToken(id, of: principal.userID, in: connection) else {
        throw DomainError(.notFound, "This token was revoked already, or has run out.")
      }
      try audit.record(
        .tokenRevoke, AuditTarget(kind: "token", name: name), as: principal, in: connection)
    }
  }

  /// Whom a token acts for, with the role that they have now.
  ///
  /// - Returns: nil when it is no token of ours, has run out or was revoked, or
  ///   its owner is suspended.
  /// - Throws: `unavailable`; nobody is let in then.
  public func authenticate(
    apiToken secret: String, requestID: String, address: String
  ) async throws(DomainError) -> AuthenticatedSession? {
    guard secret.hasPrefix(APIToken.prefix), secret.utf8.count < 200 else { return nil }
    let time = now()
    let hash = Self.hash(of: secret)
    let found = try await database.reading { [store] connection in
      try store.token(hash: hash, at: time, in: connection)
    }
    guard let (token, owner) = found else { return nil }
    if token.lastUsedAt.map({ time.timeIntervalSince($0) >= Self.seenInterval }) ?? true {
      do throws(DomainError) {
        try await database.writing { [store] connection in
          try store.noteUse(of: token.id, at: time, in: connection)
        }
      } catch {
        logger.info("a token's use wasn't noted", metadata: ["error": "\(error.message)"])
      }
    }
    let principal = Principal(
      userID: owner.id, name: owner.name, email: owner.email, role: owner.role,
      credential: .token(token.id, token.scope), requestID: requestID, address: address)
    // No page has this form token: forms are for browsers.
    return AuthenticatedSession(
      principal: principal, formToken: RandomText.base64(bytes: 32), renewedToken: nil,
      expiresAt: token.expiresAt, language: owner.language)
  }

  /// What the database keeps of a secret that is random enough to need no salt.
  static func hash(of secret: String) -> String {
    SHA256.hash(data: Data(secret.utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
