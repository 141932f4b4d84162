import Domain

/// What the button beside a role sends.
struct ChangeRoleForm: Sendable {
  let role: String
  /// The list to come back to.
  let query: String
  let page: Int

  init(_ form: FormBody) {
    role = form.string("role")
    query = form.string("q")
    page = max(1, Int(form.string("page")) ?? 1)
  }

  /// - Throws: `invalid` when it names no role.
  func platformRole() throws(DomainError) -> PlatformRole {
    guard let role = PlatformRole(rawValue: role) else {
      throw .invalid([FieldError("role", "Choose one of visitor, member and admin.")])
    }
    return role
  }
}
