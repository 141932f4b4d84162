internal import Foundation
internal import Logging

extension Accounts {
  /// One page, from 1, of users whose name or address contains a text,
  /// without regard to case. Of the text 254 characters count.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func users(
    matching text: String, page: Int, as principal: Principal
  ) async throws(DomainError) -> UserPage {
    try AccessTable.require(.listUsers, of: principal)
    let wanted = Self.searched(text)
    // Far beyond any list, and far below where the offset would overflow.
    let page = min(max(page, 1), 1_000_000)
    return try await database.reading { [store] connection in
      try store.users(matching: wanted, page: page, in: connection)
    }
  }

  /// The same from one after a user on, whatever became of others meanwhile.
  ///
  /// - Throws: as ``users(matching:page:as:)``.
  public func users(
    matching text: String, after id: User.ID?, limit: Int, as principal: Principal
  ) async throws(DomainError) -> [User] {
    try AccessTable.require(.listUsers, of: principal)
    let wanted = Self.searched(text)
    return try await database.reading { [store] connection in
      try store.users(matching: wanted, after: id, limit: limit, in: connection)
    }
  }

  private static func searched(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.trimmingSpaces().unicodeScalars.prefix(EmailAddress.maximumLength)
          .filter { $0.value != 0 }))
  }

  /// One user.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `notFound`;
  ///   `unavailable`.
  public func user(_ id: User.ID, as principal: Principal) async throws(DomainError) -> User {
    try AccessTable.require(.listUsers, of: principal)
    return try await database.reading { [self] connection in
      try existingUser(id, in: connection)
    }
  }

  /// Gives a user another platform role. It counts from their next request on.
  ///
  /// - Throws: `forbidden` unless the principal is an admin, also when they
  ///   stopped being one during the request; `notFound`; `conflict` for the
  ///   last admin, also when two admins try at once; `unavailable`.
  public func changeRole(
    of id: User.ID, to role: PlatformRole, as principal: Principal
  ) async throws(DomainError) -> User {
    try AccessTable.require(.changeUserRoles, of: principal)
    let (user, isChanged) = try await database.writing { [self] connection in
      try requireStillAllowed(principal, in: connection)
      let user = try existingUser(id, in: connection)
      if user.role == role { return (user, false) }
      try requireAnotherAdmin(than: user, in: connection)
      try store.setRole(role, of: id, in: connection)
      try audit.record(
        .accountRoleChange, .user(user.email),
        [AuditChange("role", from: user.role.rawValue, to: role.rawValue)], as: principal,
        in: connection)
      return (try existingUser(id, in: connection), true)
    }
    if isChanged {
      logger.notice(
        "a role was changed",
        metadata: ["user": "\(id)", "role": "\(role.rawValue)", "by": "\(principal.userID)"])
    }
    return user
  }

  /// Makes an account from the server's command line.
  ///
  /// - Throws: `invalid` with the fields `email`, `name`, `password`, all that
  ///   are wrong at once; `alreadyExists` at `email`; `unavailable`.
  public func createUser(
    email: String, name: String, password: String, role: PlatformRole
  ) async throws(DomainError) -> User {
    let wanted = Registration(email: email, name: name, password: password).tidied()
    let mistakes = wanted.mistakes()
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    let hash = try await hashed(wanted.password)
    let user = User(
      id: .random(), email: wanted.email, name: wanted.name, role: role, suspendedAt: nil,
      createdAt: now(), lastSeenAt: nil)
    try await database.writing { [self] connection in
      try insert(user, hash: hash, in: connection)
      try audit.record(
        .accountCreate, .user(user.email), [AuditChange("role", to: role.rawValue)],
        as: .commandLine, in: connection)
    }
    return user
  }

  /// - Throws: `conflict` for the last admin who can sign in.
  func requireAnotherAdmin(than user: User, in connection: any Connection) throws {
    if user.role == .admin, user.suspendedAt == nil,
      try store.adminCount(in: connection) <= 1
    {
      throw DomainError(
        .conflict, "\(user.name) is the last admin and stays one.",
        advice: "Make somebody else an admin first.")
    }
  }

  /// The role in the principal is as old as the request, and another admin may
  /// have taken it away since, or suspended them.
  func requireStillAllowed(
    _ principal: Principal, in connection: any Connection
  ) throws {
    if case .commandLine = principal.credential { return }
    var principal = principal
    let user = try store.user(principal.userID, in: connection)
    principal.role = user?.suspendedAt == nil ? user?.role ?? .visitor : .visitor
    try AccessTable.require(.changeUserRoles, of: principal)
  }

  func existingUser(_ id: User.ID, in connection: any Connection) throws -> User {
    // Anything but an identifier would come from the path of a request.
    guard UUID(uuidString: id.rawValue) != nil, let user = try store.user(id, in: connection)
    else {
      throw DomainError(.notFound, "There is no such user.", advice: "Reload the list of users.")
    }
    return user
  }
}
