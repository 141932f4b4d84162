import Domain

/// The list of users to come back to, which every button of it sends.
struct UserListForm: Sendable {
  let query: String
  let page: Int

  init(_ form: FormBody) {
    query = form.string("q")
    page = PageNumber.of(form.string("page"))
  }
}

/// What the button beside a role sends.
struct ChangeRoleForm: Sendable {
  let role: String
  let list: UserListForm

  init(_ form: FormBody) {
    role = form.string("role")
    list = UserListForm(form)
  }

  /// - Throws: `invalid` when it names no role.
  func platformRole() throws(DomainError) -> PlatformRole {
    guard let role = PlatformRole(rawValue: role) else {
      throw .invalid([FieldError("role", "Choose one of visitor, member and admin.")])
    }
    return role
  }
}
