internal import Foundation

/// Letting people in by a link: good once, for one address, for some days, and
/// never for more than who made it may give (docs/design.md §4).
public struct Invitations: Sendable {
  private let database: any Database
  private let accounts: Accounts
  private let projects: Projects
  private let now: @Sendable () -> Date
  private let audit: AuditLog
  private let store = InvitationStore()

  init(
    database: any Database, accounts: Accounts, projects: Projects,
    now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.accounts = accounts
    self.projects = projects
    self.now = now
    audit = AuditLog(database: database, now: now)
  }

  /// Invites a person.
  ///
  /// - Returns: the invitation, and its secret, which is told only now.
  /// - Throws: `invalid` with ``InvitationDraft/fields``; `forbidden` or
  ///   `notFound` for more than the principal may give; `conflict` at too many
  ///   open ones; `unavailable`.
  public func invite(
    _ draft: InvitationDraft, as principal: Principal
  ) async throws(DomainError) -> (invitation: Invitation, secret: String) {
    let wish = try Wish(draft)
    let secret = RandomText.base64URL(bytes: 32)
    let time = now()
    let invitation = try await database.writing { [self] connection in
      let project = try project(of: wish, as: principal, in: connection)
      // Nobody else has to clean up.
      try store.deleteExpired(at: time, in: connection)
      guard try store.count(by: principal.userID, at: time, in: connection) < Invitation.limit
      else {
        throw DomainError(
          .conflict, "You have \(Invitation.limit) open invitations.",
          advice: "Revoke those that nobody needs any more.")
      }
      let invitation = Invitation(
        id: .random(), email: wish.email, role: wish.role, project: project?.name,
        projectRole: project == nil ? nil : wish.projectRole, invitedBy: principal.name,
        createdAt: time, expiresAt: time.addingTimeInterval(Double(wish.days) * 24 * 3600),
        projectID: project?.id, inviter: principal.userID)
      try store.insert(invitation, hash: Accounts.hash(of: secret), in: connection)
      try audit.record(
        .invitationCreate, .user(wish.email, in: project?.name), invitation.changes,
        as: principal, in: connection)
      return invitation
    }
    return (invitation, secret)
  }

  /// The open invitations, the newest first.
  ///
  /// - Parameter project: a project's own; nil for all.
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func open(
    in project: String? = nil, as principal: Principal
  ) async throws(DomainError) -> [Invitation] {
    if project == nil { try AccessTable.require(.invitePeople, of: principal) }
    let time = now()
    return try await database.reading { [self] connection in
      let id = try project.map {
        try projects.project(named: $0, for: .manageMembers, as: principal, in: connection)
          .project.id
      }
      return try store.open(of: id, at: time, in: connection)
    }
  }

  /// Makes a link worthless. Does nothing when it is so already.
  ///
  /// - Parameter project: that it is for; nil for an admin's view of all.
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func revoke(
    _ id: Invitation.ID, in project: String? = nil, as principal: Principal
  ) async throws(DomainError) {
    if project == nil { try AccessTable.require(.invitePeople, of: principal) }
    try await database.writing { [self] connection in
      let owner = try project.map {
        try projects.project(named: $0, for: .manageMembers, as: principal, in: connection)
          .project.id
      }
      guard let found = try store.find(id, in: connection),
        project == nil || found.projectID == owner
      else { return }
      _ = try store.delete(id, in: connection)
      try audit.record(
        .invitationRevoke, .user(found.email, in: found.project), as: principal, in: connection)
    }
  }

  /// What a link offers.
  ///
  /// - Returns: nil when it was used, revoked, ran out or never was, or who
  ///   made it may not give so much any more.
  /// - Throws: `unavailable`.
  public func offer(secret: String) async throws(DomainError) -> InvitationOffer? {
    let time = now()
    return try await database.reading { [self] connection in
      guard let found = try standing(secret, at: time, in: connection) else { return nil }
      return InvitationOffer(
        invitation: found,
        hasAccount: try accounts.hasAccount(email: found.email, in: connection))
    }
  }

  /// Makes the account that a link is for, and puts it into its project.
  ///
  /// - Throws: `invalid` with the fields `name` and `password`; `notFound` for
  ///   a link that is worthless; `forbidden` where nobody may register any
  ///   more; `tooManyRequests`; `unavailable`.
  public func accept(
    secret: String, name: String, password: String, from client: ClientInfo
  ) async throws(DomainError) -> SignedIn {
    guard let offer = try await offer(secret: secret), !offer.hasAccount else {
      throw Self.worthless
    }
    let prepared = try await accounts.prepare(
      Registration(email: offer.invitation.email, name: name, password: password))
    let time = now()
    let (user, session, project) = try await database.writing { [self] connection in
      try accounts.requireNotClosed(in: connection)
      let found = try use(secret, at: time, in: connection)
      let (user, session) = try accounts.insert(
        prepared, role: found.role, from: client, at: time, in: connection)
      let principal = Accounts.principal(user, session, address: client.address)
      try audit.record(
        .accountRegister, .user(user.email),
        [AuditChange("role", to: user.role.rawValue), AuditChange("by", to: "invitation")],
        as: principal, in: connection)
      return (user, session, try join(found, user, as: principal, in: connection))
    }
    if let project { await projects.settle(project) }
    return try await accounts.signedIn(user, session)
  }

  /// Puts the person who is logged in into the project that a link is for.
  ///
  /// - Returns: the project's name; nil when the link named none.
  /// - Throws: `forbidden` when it is for another address; `notFound` for a
  ///   link that is worthless; `unavailable`.
  public func join(
    secret: String, as principal: Principal
  ) async throws(DomainError) -> String? {
    let time = now()
    let project = try await database.writing { [self] connection in
      let found = try use(secret, at: time, in: connection)
      guard EmailAddress.key(of: found.email) == EmailAddress.key(of: principal.email) else {
        throw DomainError(
          .forbidden, "This invitation is for \(found.email), and you are \(principal.email).",
          advice: "Log in with the address that was invited, or ask for another invitation.")
      }
      let user = try accounts.existingUser(principal.userID, in: connection)
      return try join(found, user, as: principal, in: connection)
    }
    if let project { await projects.settle(project) }
    return project?.name
  }

  // MARK: Steps

  /// The project of a wish, whose principal may give what it asks for.
  private func project(
    of wish: Wish, as principal: Principal, in connection: any Connection
  ) throws -> Project? {
    // Owners let people into their project, as members and no more.
    if wish.project.isEmpty || wish.role == .admin {
      try AccessTable.require(.invitePeople, of: principal)
    }
    if wish.project.isEmpty { return nil }
    return try projects.project(
      named: wish.project, for: .manageMembers, as: principal, in: connection
    ).project
  }

  /// The invitation of a secret, if its inviter may still give what it gives.
  private func standing(
    _ secret: String, at time: Date, in connection: any Connection
  ) throws -> Invitation? {
    guard
      let found = try store.find(hash: Accounts.hash(of: secret), at: time, in: connection),
      let inviter = try accounts.activeUser(found.inviter, in: connection)
    else { return nil }
    if inviter.role == .admin { return found }
    guard found.role != .admin, let project = found.project else { return nil }
    let membership = try projects.membership(
      of: inviter.id, inProjectNamed: project, in: connection)
    return membership?.role == .owner && inviter.role == .member ? found : nil
  }

  /// The same, used up.
  private func use(
    _ secret: String, at time: Date, in connection: any Connection
  ) throws -> Invitation {
    guard let found = try standing(secret, at: time, in: connection),
      try store.delete(found.id, in: connection)
    else { throw Self.worthless }
    return found
  }

  private func join(
    _ invitation: Invitation, _ user: User, as principal: Principal,
    in connection: any Connection
  ) throws -> Project? {
    guard let name = invitation.project, let role = invitation.projectRole else { return nil }
    return try projects.join(name, user, as: role, by: principal, in: connection)
  }

  static var worthless: DomainError {
    DomainError(
      .notFound, "This invitation was used already, was revoked, or ran out.",
      advice: "Ask whoever sent it for a new one.")
  }

  /// A checked draft.
  private struct Wish {
    let email: String
    let role: PlatformRole
    let project: String
    let projectRole: ProjectRole
    let days: Int

    init(_ draft: InvitationDraft) throws(DomainError) {
      email = draft.email.trimmingSpaces()
      project = draft.project.trimmingSpaces()
      var mistakes: [FieldError] = []
      if let mistake = EmailAddress.mistake(in: email) {
        mistakes.append(FieldError("email", mistake))
      }
      let role = PlatformRole(rawValue: draft.role)
      if role == nil {
        mistakes.append(FieldError("role", "Choose one of visitor, member and admin."))
      }
      let projectRole = ProjectRole(rawValue: draft.projectRole)
      if projectRole == nil {
        mistakes.append(FieldError("projectRole", "Choose one of viewer, editor and owner."))
      }
      let days = Int(draft.days) ?? 0
      if !Invitation.lifetimes.contains(days) {
        mistakes.append(FieldError("days", "Choose one of the times in the list."))
      }
      if role == .visitor, !project.isEmpty, let projectRole, projectRole > .viewer {
        mistakes.append(
          FieldError("projectRole", "A visitor may look but change nothing; choose viewer."))
      }
      guard mistakes.isEmpty, let role, let projectRole else { throw .invalid(mistakes) }
      self.role = role
      self.projectRole = projectRole
      self.days = days
    }
  }
}

extension Invitation {
  fileprivate var changes: [AuditChange] {
    [AuditChange("role", to: role.rawValue)]
      + (projectRole.map { [AuditChange("project role", to: $0.rawValue)] } ?? [])
  }
}
