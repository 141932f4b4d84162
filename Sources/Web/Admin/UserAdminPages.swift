import Domain
import Hummingbird
import Templates

/// The people and their roles, for admins.
struct UserAdminPages: Sendable {
  let accounts: Accounts

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin", use: start)
    pages.get("admin/users", use: index)
    pages.post("admin/users/:user/role", use: changeRole)
    pages.post("admin/users/:user/suspension", use: suspend)
    pages.post("admin/users/:user/reset", use: makeReset)
  }

  @Sendable func start(request: Request, context: SignedInContext) -> Redirect {
    Redirect(to: Paths.adminUsers())
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    try await list(request.query("q"), request.pageNumber, context)
  }

  @Sendable func changeRole(
    request: Request, context: SignedInContext
  ) async throws -> Response {
    let form = ChangeRoleForm(context.form)
    let id = User.ID(rawValue: try context.parameter("user"))
    let (user, before): (User, User)
    do {
      let role = try form.platformRole()
      before = try await accounts.user(id, as: context.principal)
      user = try await accounts.changeRole(of: id, to: role, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await list(form.list.query, form.list.page, context, failure: error).response()
    }
    return Redirect(
      to: Paths.adminUsers(query: form.list.query, page: form.list.page),
      flash: .success(
        "\(user.name) is now \(user.role.withArticle).",
        // Who gave their own rights away can't take them back.
        undo: user.role == before.role || id == context.principal.userID
          ? nil : .platformRole(id, before.role))
    ).response(in: context)
  }

  @Sendable func suspend(request: Request, context: SignedInContext) async throws -> Response {
    let form = UserListForm(context.form)
    let id = User.ID(rawValue: try context.parameter("user"))
    let isToGo = context.form.string("suspended") == "yes"
    let user: User
    do {
      let before = try await accounts.user(id, as: context.principal)
      if isToGo, before.suspendedAt == nil, id != context.principal.userID, !context.isConfirmed {
        return context.ask(Question(suspending: before, back: form), request).response()
      }
      user = try await accounts.setSuspended(isToGo, id, as: context.principal)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await list(form.query, form.page, context, failure: error).response()
    }
    let text =
      user.suspendedAt == nil
      ? "\(user.name) may log in again." : "\(user.name) is suspended and logged out everywhere."
    return Redirect(
      to: Paths.adminUsers(query: form.query, page: form.page), flash: .success(text)
    ).response(in: context)
  }

  @Sendable func makeReset(request: Request, context: SignedInContext) async throws -> Response {
    let form = UserListForm(context.form)
    let id = User.ID(rawValue: try context.parameter("user"))
    let (secret, user) = try await accounts.makeReset(for: id, as: context.principal)
    let link = UsersPage.ResetLink(
      name: user.name,
      link: CodeBlock(
        id: "reset-link", caption: "For \(user.email)",
        text: context.origin + Paths.reset(secret).text))
    // Not a redirect: the link is on no other page, and in no cookie.
    return try await list(form.query, form.page, context, reset: link).response()
  }

  private func list(
    _ query: String, _ page: Int, _ context: SignedInContext, failure: DomainError? = nil,
    reset: UsersPage.ResetLink? = nil
  ) async throws -> Page {
    let users = try await accounts.users(matching: query, page: page, as: context.principal)
    let view = UsersPage(
      chrome: context.chrome("Users", section: .admin), users, query: query,
      viewer: context.principal.userID, failure: failure, reset: reset)
    return Page(Template.Admin.users(view), status: failure == nil ? .ok : .unprocessableContent)
  }
}

extension PlatformRole {
  /// "an admin"
  fileprivate var withArticle: String { self == .admin ? "an admin" : "a \(rawValue)" }
}

extension Question {
  /// Asked before somebody is suspended.
  fileprivate init(suspending user: User, back: UserListForm) {
    self.init(
      title: "Suspend \(user.name)?",
      consequence: "\(user.name) (\(user.email)) is logged out everywhere at once, and their "
        + "tokens and kubeconfigs are refused. What they deployed goes on. You can let them in again.",
      button: "Suspend them",
      cancel: Paths.adminUsers(query: back.query, page: back.page), section: .admin)
  }
}
