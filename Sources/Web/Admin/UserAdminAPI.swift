import Domain
import HTTPTypes
import Templates

/// The people, for admins' programs: roles, suspending, links, invitations.
struct UserAdminAPI: Sendable {
  let accounts: Accounts
  let invitations: Invitations

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/admin/users", "listUsers", .admin, "Everybody with an account, the oldest first",
        asks: .permission(.listUsers), query: APIParameter.paging + [Self.search],
        .ok(Self.user.page), use: list),
      APIRoute(
        .get, "/admin/users/{user}", "getUser", .admin, "One person",
        asks: .permission(.listUsers), .ok(Self.user.schema), use: show),
      APIRoute(
        .patch, "/admin/users/{user}", "changeUser", .admin,
        "Give somebody another role, keep them out, or let them in again",
        about: "Both count from their next request on. The last admin stays one.",
        asks: .permission(.changeUserRoles), body: Self.change, .ok(Self.user.schema),
        use: change),
      APIRoute(
        .post, "/admin/users/{user}/reset-link", "makeResetLink", .admin,
        "Make a link with which somebody sets their password",
        about: "Good once, for an hour, and told only in this answer.",
        asks: .permission(.changeUserRoles), .created(Self.reset.schema), isRepeatable: true,
        use: makeReset),
      APIRoute(
        .get, "/admin/invitations", "listSiteInvitations", .admin, "All open invitations",
        asks: .permission(.invitePeople), query: APIParameter.paging,
        .ok(InvitationResources.invitation.page), use: listInvitations),
      APIRoute(
        .post, "/admin/invitations", "createSiteInvitation", .admin, "Invite a person",
        about: "The link is told only in this answer.", asks: .permission(.invitePeople),
        body: InvitationResources.siteWish, .created(InvitationResources.made.schema),
        isRepeatable: true, use: invite),
      APIRoute(
        .delete, "/admin/invitations/{invitation}", "revokeSiteInvitation", .admin,
        "Make an invitation worthless", about: "Harmless when it is so already.",
        asks: .permission(.invitePeople), .empty(), use: revoke),
    ]
  }

  static let search = APIParameter(
    "q", .text("ann", length: 0...254), "Only those whose name or address holds this text.")

  private static let roles = PlatformRole.allCases.map(\.rawValue)

  private static let user = Resource<User>("User", "Somebody with an account.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "Never given to anybody else.") {
      $0.id.rawValue
    }
    $0.text("name", "Ann", "What others see.") { $0.name }
    $0.text("email", "ann@example.net", "The address.") { $0.email }
    $0.text("role", "member", "The role on the platform.", among: roles) { $0.role.rawValue }
    $0.maybeTime("suspendedAt", "Since when an admin keeps them out; null when nobody does.") {
      $0.suspendedAt
    }
    $0.time("createdAt", "When the account was made.") { $0.createdAt }
    $0.maybeTime("lastSeenAt", "To the minute; null before the first time.") { $0.lastSeenAt }
  }

  private static let change = Schema.body("UserChange", "What becomes of somebody.") {
    $0.optional("role", .text("admin", among: roles), "Another role.")
    $0.optional("suspended", .flag(), "Whether they are kept out.")
  }

  private static let reset = Resource<String>("ResetLink", "Where somebody sets their password.") {
    $0.text("link", "https://babyhelm.example.net/reset?link=…", "Told only now.") { $0 }
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let found = try await accounts.users(
      matching: call.query["q"] ?? "", after: try call.cursor().map(User.ID.init(rawValue:)),
      limit: call.limit + 1, as: call.principal)
    return call.page(found, Self.user) { $0.id.rawValue }
  }

  @Sendable func show(_ call: APICall) async throws -> APIAnswer {
    .ok(Self.user.json(try await accounts.user(try Self.id(call), as: call.principal)))
  }

  @Sendable func change(_ call: APICall) async throws -> APIAnswer {
    let id = try Self.id(call)
    let isSuspended = call.body["suspended"]?.bool
    var user: User?
    // What may be refused comes first, so that never one half is done: who is suspended may get
    // any role, and whoever may be given a role may be let in again.
    if isSuspended == true {
      user = try await accounts.setSuspended(true, id, as: call.principal)
    }
    if let role = call.text("role").flatMap({ PlatformRole(rawValue: $0) }) {
      user = try await accounts.changeRole(of: id, to: role, as: call.principal)
    }
    if isSuspended == false {
      user = try await accounts.setSuspended(false, id, as: call.principal)
    }
    if let user { return .ok(Self.user.json(user)) }
    return .ok(Self.user.json(try await accounts.user(id, as: call.principal)))
  }

  @Sendable func makeReset(_ call: APICall) async throws -> APIAnswer {
    let (secret, _) = try await accounts.makeReset(for: try Self.id(call), as: call.principal)
    return .created(Self.reset.json(call.context.origin + Paths.reset(secret).text))
  }

  @Sendable func listInvitations(_ call: APICall) async throws -> APIAnswer {
    try call.page(
      keyed: try await invitations.open(as: call.principal), InvitationResources.invitation,
      by: InvitationResources.key(of:))
  }

  @Sendable func invite(_ call: APICall) async throws -> APIAnswer {
    let (invitation, secret) = try await invitations.invite(
      InvitationDraft(call.body), as: call.principal)
    return .created(
      InvitationResources.made.json(
        .init(invitation: invitation, link: call.context.origin + Paths.invitation(secret).text)))
  }

  @Sendable func revoke(_ call: APICall) async throws -> APIAnswer {
    try await invitations.revoke(
      Invitation.ID(rawValue: try call.name("invitation")), as: call.principal)
    return .empty
  }

  private static func id(_ call: APICall) throws -> User.ID {
    User.ID(rawValue: try call.name("user"))
  }
}
