import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Templates

/// The people of a project, and a member's way to the cluster itself.
struct MemberPages: Sendable {
  let projects: Projects
  let invitations: Invitations

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/members", use: index)
    pages.post("projects/:project/members", use: add)
    pages.post("projects/:project/members/:user/role", use: changeRole)
    pages.get("projects/:project/members/:user/remove", use: confirmRemoval)
    pages.post("projects/:project/members/:user/remove", use: remove)
    pages.post("projects/:project/kubeconfig", use: kubeconfig)
    pages.post("projects/:project/invitations", use: invite)
    pages.post("projects/:project/invitations/:invitation/revocation", use: revoke)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    try await page(context)
  }

  @Sendable func add(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let form = AddMemberForm(context.form)
    do throws(DomainError) {
      let member = try await projects.addMember(
        email: form.email, role: form.projectRole(), to: project, as: context.principal)
      return back(
        to: project, "\(member.name) is now \(member.role.withArticle) of \(project).", context)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, form: form, failure: error).response()
    }
  }

  @Sendable func changeRole(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let project = try context.parameter("project")
    let user = User.ID(rawValue: try context.parameter("user"))
    do throws(DomainError) {
      let role = try ProjectRole(named: context.form.string("role"))
      let before = try await projects.members(of: project, as: context.principal)
        .members.first { $0.id == user }
      let member = try await projects.changeRole(
        of: user, to: role, in: project, as: context.principal)
      let undo = before.flatMap { $0.role == member.role ? nil : $0.role }
        .map { Undo.memberRole(user, $0, project: project) }
      return back(
        to: project, "\(member.name) is now \(member.role.withArticle) of \(project).",
        undo: mayUndo(user, context) ? undo : nil, context)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, failure: error).response()
    }
  }

  @Sendable func confirmRemoval(
    request: Request, context: SignedInContext
  ) async throws -> Page {
    let list = try await projects.members(
      of: try context.parameter("project"), as: context.principal)
    return try Page(Template.Projects.removeMember(removal(in: list, context)))
  }

  private func removal(
    in list: MemberList, _ context: SignedInContext
  ) throws -> RemoveMemberPage {
    let user = User.ID(rawValue: try context.parameter("user"))
    guard let member = list.members.first(where: { $0.id == user }) else {
      throw DomainError(
        .notFound, "That person isn't a member of this project.",
        advice: "Go back to the list of members.")
    }
    return RemoveMemberPage(
      chrome: context.chrome("Remove a member", section: .projects), list, member,
      principal: context.principal)
  }

  @Sendable func remove(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let user = User.ID(rawValue: try context.parameter("user"))
    do throws(DomainError) {
      let member = try await projects.removeMember(
        user, from: project, as: context.principal)
      guard user == context.principal.userID, context.principal.role != .admin else {
        return back(
          to: project, "\(member.name) is no member of \(project) any more.",
          undo: .addMember(member.email, role: member.role, project: project), context)
      }
      return Redirect(
        to: Paths.projects, flash: .success("You left the project \(project).")
      ).response(in: context)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, failure: error).response()
    }
  }

  @Sendable func kubeconfig(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let project = try context.parameter("project")
    do throws(DomainError) {
      let file = try await projects.kubeconfig(
        for: project, hours: Int(context.form.string("hours")) ?? 0, as: context.principal)
      return Response(
        status: .ok,
        headers: [
          .contentType: "application/yaml",
          .contentDisposition: "attachment; filename=\"\(file.fileName)\"",
          .cacheControl: "no-store",
        ],
        body: ResponseBody(byteBuffer: ByteBuffer(string: file.text)))
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, failure: error, of: .downloadKubeconfig).response()
    }
  }

  @Sendable func invite(request: Request, context: SignedInContext) async throws -> Page {
    let draft = InvitationDraft(context.form, project: try context.parameter("project"))
    let made: InvitationLink
    do throws(DomainError) {
      made = InvitationLink(
        try await invitations.invite(draft, as: context.principal), context.origin)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await page(context, form: AddMemberForm(context.form), failure: error)
    }
    // Not a redirect: the link is on no other page, and in no cookie.
    return try await page(context, made: made)
  }

  @Sendable func revoke(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let id = Invitation.ID(rawValue: try context.parameter("invitation"))
    let open = try await invitations.open(in: project, as: context.principal)
    if !context.isConfirmed, let invitation = open.first(where: { $0.id == id }) {
      return context.ask(
        Question(
          revoking: invitation, cancel: Paths.projectMembers(project), section: .projects), request
      ).response()
    }
    try await invitations.revoke(id, in: project, as: context.principal)
    return back(to: project, "The invitation is worthless now.", context)
  }

  /// Whether who changed a member's role may still change it back.
  private func mayUndo(_ user: User.ID, _ context: SignedInContext) -> Bool {
    user != context.principal.userID || context.principal.role == .admin
  }

  private func back(
    to project: String, _ message: String, undo: Undo? = nil, _ context: SignedInContext
  ) -> Response {
    Redirect(to: Paths.projectMembers(project), flash: .success(message, undo: undo))
      .response(in: context)
  }

  private func page(
    _ context: SignedInContext, form: AddMemberForm = AddMemberForm(),
    made: InvitationLink? = nil, failure: DomainError? = nil,
    of permission: Permission = .manageMembers
  ) async throws -> Page {
    let project = try context.parameter("project")
    let list = try await projects.members(of: project, as: context.principal)
    let mayInvite = list.membership.decision(.manageMembers, for: context.principal).isAllowed
    // Who may not do it learns that, not what is wrong with their form.
    if failure != nil {
      try AccessTable.require(
        permission, of: context.principal, projectRole: list.membership.role)
    }
    let open = mayInvite ? try await invitations.open(in: project, as: context.principal) : []
    let view = MembersPage(
      chrome: context.chrome("Members", section: .projects), list, open, made: made, form: form,
      failure: failure, principal: context.principal)
    return Page(Template.Projects.members(view), status: failure?.formStatus ?? .ok)
  }
}

extension ProjectRole {
  /// "an owner"
  fileprivate var withArticle: String { self == .viewer ? "a viewer" : "an \(rawValue)" }
}
