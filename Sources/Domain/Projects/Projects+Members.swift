internal import Foundation
internal import Logging

/// The people of a project. The database is the truth; what the cluster must
/// know of it follows at once, or later by itself.
extension Projects {
  /// Everybody in a project, owners first.
  ///
  /// - Throws: `notFound`, `unavailable`.
  public func members(
    of name: String, as principal: Principal
  ) async throws(DomainError) -> MemberList {
    try await database.reading { [self] connection in
      try members(
        of: try project(named: name, for: .readPeople, as: principal, in: connection),
        in: connection)
    }
  }

  private func members(
    of membership: ProjectMembership, in connection: any Connection
  ) throws -> MemberList {
    let rows = try store.members(of: membership.project.id, in: connection)
    let former = try store.formerMembers(of: membership.project.id, in: connection)
    return MemberList(
      membership: membership, members: rows.map(\.member),
      isUnsettled: !former.isEmpty || rows.contains { !$0.isSettled })
  }

  /// Adds a person by the address of their account.
  ///
  /// - Throws: `invalid` at `email` (nobody there who could be added, or a
  ///   member already), `notFound`, `forbidden`, `unavailable`.
  public func addMember(
    email: String, role: ProjectRole, to name: String, as principal: Principal
  ) async throws(DomainError) -> Member {
    let address = email.trimmingSpaces()
    let time = now()
    try await requireSomebody(address, in: name, as: principal)
    let (project, member) = try await database.writing { [self] connection in
      let membership = try self.project(
        named: name, for: .manageMembers, as: principal, in: connection)
      try Self.requireAddress(address)
      guard
        let person = try store.person(emailKey: EmailAddress.key(of: address), in: connection)
      else { throw Self.nobody(address) }
      let id = membership.project.id
      guard !(try store.members(of: id, in: connection).contains { $0.id == person.id }) else {
        throw DomainError.invalid([
          FieldError(
            "email", "\(person.name) is a member already; change their role in the list.")
        ])
      }
      if role == .owner { try requireRoom(for: person.id, named: person.name, in: connection) }
      try store.addMember(person.id, role, to: id, at: time, in: connection)
      let member = try self.member(person.id, of: membership, in: connection)
      try Self.requireFitting(role, for: member)
      try audit.record(
        .memberAdd, .user(member.email, in: name),
        [AuditChange("role", to: role.rawValue)], as: principal,
        in: connection)
      return (membership.project, member)
    }
    await noteChange(of: project, "a member was added", member, by: principal)
    return member
  }

  /// Who may be told of a project: the people in it; of a deleted one its
  /// owners.
  func people(of id: Project.ID, in connection: any Connection) throws -> [Member] {
    guard let project = try store.project(id, in: connection) else { return [] }
    let members = try store.members(of: id, in: connection).map(\.member)
    return project.deletedAt == nil ? members : members.filter { $0.role == .owner }
  }

  /// A person's role in a project that is in use; nil for none.
  func membership(
    of user: User.ID, inProjectNamed name: String, in connection: any Connection
  ) throws -> ProjectMembership? {
    guard let found = try store.membership(named: name, of: user, in: connection),
      found.project.deletedAt == nil, found.project.state == .ready
    else { return nil }
    return found
  }

  /// Puts somebody into a project who was invited; who is there already keeps
  /// the higher role.
  ///
  /// - Returns: the project, whose members' rights want to be settled.
  func join(
    _ name: String, _ user: User, as role: ProjectRole, by principal: Principal,
    in connection: any Connection
  ) throws -> Project {
    guard let found = try membership(of: user.id, inProjectNamed: name, in: connection) else {
      throw DomainError(
        .notFound, "The project “\(name)” is gone.", advice: "Ask whoever invited you.")
    }
    if let current = found.role, current >= role { return found.project }
    if role == .owner { try requireRoom(for: user.id, named: user.name, in: connection) }
    if let current = found.role {
      try store.setRole(role, of: user.id, in: found.project.id, connection)
      try audit.record(
        .memberRoleChange, .user(user.email, in: name),
        [AuditChange("role", from: current.rawValue, to: role.rawValue)], as: principal,
        in: connection)
    } else {
      try store.addMember(user.id, role, to: found.project.id, at: now(), in: connection)
      try audit.record(
        .memberAdd, .user(user.email, in: name), [AuditChange("role", to: role.rawValue)],
        as: principal, in: connection)
    }
    try Self.requireFitting(role, for: member(user.id, of: found, in: connection))
    return found.project
  }

  /// Gives a member another role.
  ///
  /// - Throws: `conflict` for the last owner, also when two owners try at once;
  ///   `notFound` when they aren't a member; `forbidden`; `unavailable`.
  public func changeRole(
    of user: User.ID, to role: ProjectRole, in name: String, as principal: Principal
  ) async throws(DomainError) -> Member {
    let (project, member) = try await database.writing { [self] connection in
      let membership = try self.project(
        named: name, for: .manageMembers, as: principal, in: connection)
      let list = try members(of: membership, in: connection)
      let member = try Self.member(user, of: list)
      try Self.requireFitting(role, for: member)
      if role < .owner { try Self.requireAnotherOwner(than: member, in: list) }
      if role == .owner, member.role < .owner {
        try requireRoom(for: member.id, named: member.name, in: connection)
      }
      try store.setRole(role, of: user, in: membership.project.id, connection)
      try audit.record(
        .memberRoleChange, .user(member.email, in: name),
        [AuditChange("role", from: member.role.rawValue, to: role.rawValue)], as: principal,
        in: connection)
      return (membership.project, try self.member(user, of: membership, in: connection))
    }
    await noteChange(of: project, "a member's role was changed", member, by: principal)
    return member
  }

  /// Removes a member; everybody may remove themselves. It counts from their
  /// next request on.
  ///
  /// - Returns: who was removed.
  /// - Throws: as ``changeRole(of:to:in:as:)``.
  public func removeMember(
    _ user: User.ID, from name: String, as principal: Principal
  ) async throws(DomainError) -> Member {
    let isLeaving = user == principal.userID
    let (project, member) = try await database.writing { [self] connection in
      let membership = try self.project(
        named: name, for: isLeaving ? .readPeople : .manageMembers, as: principal,
        in: connection)
      guard membership.project.kind != .trial else {
        throw DomainError(
          .conflict, "“\(name)” is nobody else's, so it can't be left.",
          advice: "Delete it instead, or wait until it vanishes.")
      }
      let list = try members(of: membership, in: connection)
      let member = try Self.member(user, of: list)
      try Self.requireAnotherOwner(than: member, in: list)
      try store.removeMember(user, from: membership.project.id, in: connection)
      try audit.record(
        .memberRemove, .user(member.email, in: name),
        [AuditChange("role", from: member.role.rawValue)], as: principal,
        in: connection)
      return (membership.project, member)
    }
    await noteChange(of: project, "a member was removed", member, by: principal)
    return member
  }

  // MARK: Conditions

  /// Who may add people could find out which addresses have an account: not
  /// many of them in an hour.
  ///
  /// - Throws: `invalid` at `email` when nobody is there; `tooManyRequests`.
  private func requireSomebody(
    _ address: String, in name: String, as principal: Principal
  ) async throws(DomainError) {
    let attempt = AttemptLimits.Attempt.lookup(by: principal.userID)
    let time = now()
    let isThere = try await database.reading { [self] connection in
      _ = try project(named: name, for: .manageMembers, as: principal, in: connection)
      try limits.require(attempt, at: time, in: connection)
      try Self.requireAddress(address)
      return try store.person(emailKey: EmailAddress.key(of: address), in: connection) != nil
    }
    if isThere { return }
    try await database.writing { [limits] connection in
      try limits.noteFailure(of: attempt, at: time, in: connection)
    }
    throw Self.nobody(address)
  }

  private static func requireAddress(_ address: String) throws {
    guard let mistake = EmailAddress.mistake(in: address) else { return }
    throw DomainError.invalid([FieldError("email", mistake)])
  }

  /// The same for an address without an account and one that is suspended.
  private static func nobody(_ address: String) -> DomainError {
    DomainError.invalid([
      FieldError(
        "email",
        "“\(address)” can't be added: check its spelling, ask them to register here first, or make "
          + "an invitation link.")
    ])
  }

  private static func member(_ user: User.ID, of list: MemberList) throws -> Member {
    guard let member = list.members.first(where: { $0.id == user }) else {
      throw DomainError(
        .notFound, "That person isn't a member of this project.",
        advice: "Reload the list of members.")
    }
    return member
  }

  private func member(
    _ user: User.ID, of membership: ProjectMembership, in connection: any Connection
  ) throws -> Member {
    try Self.member(user, of: members(of: membership, in: connection))
  }

  private static func requireAnotherOwner(than member: Member, in list: MemberList) throws {
    guard let reason = list.mustStay(member) else { return }
    throw DomainError(.conflict, reason, advice: "Make somebody else an owner first.")
  }

  /// A project that one is given counts like one that one made.
  private func requireRoom(
    for user: User.ID, named name: String, in connection: any Connection
  ) throws {
    let role = try store.platformRole(of: user, in: connection) ?? .member
    try policies.policy(in: connection).requireRoom(
      forProjectOf: name, owned: try store.ownedCount(of: user, in: connection), role: role)
  }

  /// A visitor would be an owner who can do nothing.
  private static func requireFitting(_ role: ProjectRole, for member: Member) throws {
    guard member.isVisitor, role > .viewer else { return }
    throw DomainError.invalid([
      FieldError(
        "role",
        "\(member.name) is a visitor here, who may look but change nothing. Choose viewer, or ask an "
          + "admin to make them a member.")
    ])
  }

  // MARK: The cluster

  /// Logs a change and tells the cluster. What fails there is done later by itself.
  private func noteChange(
    of project: Project, _ event: Logger.Message, _ member: Member, by principal: Principal
  ) async {
    logger.notice(
      event,
      metadata: [
        "project": "\(project.name)", "user": "\(member.id)", "role": "\(member.role.rawValue)",
        "by": "\(principal.userID)",
      ])
    await settle(project)
  }

  func settle(_ project: Project) async {
    guard project.state == .ready else { return }
    do throws(DomainError) {
      try await rights.settle(project)
    } catch {
      logger.warning(
        "members' rights on the cluster are changed later",
        metadata: ["project": "\(project.name)", "error": "\(error.underlying ?? error.message)"])
    }
    isolation.forget(project)
  }

  /// Tells the cluster what it doesn't know of members yet.
  func settleMembers() async throws(DomainError) {
    let projects = try await database.reading { [store] connection in
      try store.unsettled(in: connection).compactMap { try store.project($0, in: connection) }
    }
    for project in projects { await settle(project) }
  }
}
