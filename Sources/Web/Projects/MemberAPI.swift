import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// The members of projects for programs, with the invitations into them.
struct MemberAPI: Sendable {
  let projects: Projects
  let invitations: Invitations

  private static let own = "/projects/{project}/members"

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, Self.own, "listMembers", .members, "Everybody in a project, owners first",
        asks: .permission(.readPeople), query: APIParameter.paging, .ok(Self.member.page),
        use: list),
      APIRoute(
        .post, Self.own, "addMember", .members, "Add a person who has an account",
        asks: .permission(.manageMembers), body: Self.newMember, .created(Self.member.schema),
        isRepeatable: true, use: add),
      APIRoute(
        .patch, "\(Self.own)/{user}", "changeMember", .members, "Give a member another role",
        asks: .permission(.manageMembers), body: Self.newRole, .ok(Self.member.schema),
        use: change),
      APIRoute(
        .delete, "\(Self.own)/{user}", "removeMember", .members, "Remove a member",
        about: "Everybody may remove themselves.", asks: .permission(.manageMembers), .empty(),
        use: remove),
      APIRoute(
        .post, "/projects/{project}/kubeconfig", "makeKubeconfig", .members,
        "Make a kubeconfig for yourself", about: "It holds a token that expires.",
        asks: .permission(.downloadKubeconfig), body: Self.hours,
        .text("application/yaml", about: "The file."), use: kubeconfig),
      APIRoute(
        .get, "/projects/{project}/invitations", "listInvitations", .members,
        "The open invitations into a project", asks: .permission(.manageMembers),
        query: APIParameter.paging, .ok(InvitationResources.invitation.page), use: listInvitations),
      APIRoute(
        .post, "/projects/{project}/invitations", "createInvitation", .members,
        "Invite a person into a project", about: "The link is told only in this answer.",
        asks: .permission(.manageMembers), body: InvitationResources.wish,
        .created(InvitationResources.made.schema), isRepeatable: true, use: invite),
      APIRoute(
        .delete, "/projects/{project}/invitations/{invitation}", "revokeInvitation", .members,
        "Make an invitation worthless", about: "Harmless when it is so already.",
        asks: .permission(.manageMembers), .empty(), use: revoke),
    ]
  }

  private static let roles = ProjectRole.allCases.map(\.rawValue)

  private static let member = Resource<Member>("Member", "A person in a project.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "Their account's.") { $0.id.rawValue }
    $0.text("name", "Bob", "What others see.") { $0.name }
    $0.text("email", "bob@example.net", "The address.") { $0.email }
    $0.text("role", "editor", "The role in the project.", among: roles) { $0.role.rawValue }
    $0.time("since", "When they came.") { $0.since }
    $0.flag("isSuspended", "Whether an admin keeps them out.") { $0.isSuspended }
    $0.flag("isOnCluster", "Whether the cluster knows of them yet.") { $0.isOnCluster }
  }

  private static let newMember = Schema.body("NewMember", "Who is added.") {
    $0.required("email", .text("bob@example.net", length: 1...254), "The address of the account.")
    $0.required("role", .text("editor", among: roles), "The role in the project.")
  }

  private static let newRole = Schema.body("MemberRole", "What a member becomes.") {
    $0.required("role", .text("viewer", among: roles), "The role in the project.")
  }

  private static let hours = Schema.body("KubeconfigWish", "How long the file is good.") {
    $0.required("hours", .integer(8, 1...24), "1, 8 or 24 hours; the cluster may give less.")
  }

  @Sendable func list(_ call: APICall) async throws -> APIAnswer {
    let list = try await projects.members(of: try call.name("project"), as: call.principal)
    return try call.page(keyed: list.members, Self.member) { member in
      // Owners first; a name has no line breaks.
      let rank = member.role == .owner ? 0 : member.role == .editor ? 1 : 2
      return "\(rank)\n\(member.name)\n\(member.id)"
    }
  }

  @Sendable func add(_ call: APICall) async throws -> APIAnswer {
    let member = try await projects.addMember(
      email: call.text("email") ?? "", role: Self.role(call), to: try call.name("project"),
      as: call.principal)
    return .created(Self.member.json(member))
  }

  @Sendable func change(_ call: APICall) async throws -> APIAnswer {
    let member = try await projects.changeRole(
      of: User.ID(rawValue: try call.name("user")), to: Self.role(call),
      in: try call.name("project"), as: call.principal)
    return .ok(Self.member.json(member))
  }

  @Sendable func remove(_ call: APICall) async throws -> APIAnswer {
    _ = try await projects.removeMember(
      User.ID(rawValue: try call.name("user")), from: try call.name("project"),
      as: call.principal)
    return .empty
  }

  @Sendable func kubeconfig(_ call: APICall) async throws -> APIAnswer {
    let file = try await projects.kubeconfig(
      for: try call.name("project"), hours: call.body["hours"]?.int ?? 0, as: call.principal)
    return .response(
      Response(
        status: .ok,
        headers: [
          .contentType: "application/yaml",
          .contentDisposition: "attachment; filename=\"\(file.fileName)\"",
          .cacheControl: "no-store",
        ],
        body: ResponseBody(byteBuffer: ByteBuffer(string: file.text))))
  }

  @Sendable func listInvitations(_ call: APICall) async throws -> APIAnswer {
    let open = try await invitations.open(in: try call.name("project"), as: call.principal)
    return try call.page(
      keyed: open, InvitationResources.invitation, by: InvitationResources.key(of:))
  }

  @Sendable func invite(_ call: APICall) async throws -> APIAnswer {
    var draft = InvitationDraft(call.body)
    draft.project = try call.name("project")
    let (invitation, secret) = try await invitations.invite(draft, as: call.principal)
    return .created(
      InvitationResources.made.json(
        .init(invitation: invitation, link: call.context.origin + Paths.invitation(secret).text)))
  }

  @Sendable func revoke(_ call: APICall) async throws -> APIAnswer {
    try await invitations.revoke(
      Invitation.ID(rawValue: try call.name("invitation")), in: try call.name("project"),
      as: call.principal)
    return .empty
  }

  private static func role(_ call: APICall) -> ProjectRole {
    call.text("role").flatMap { ProjectRole(rawValue: $0) } ?? .viewer
  }
}
