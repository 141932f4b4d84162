import Domain

/// What the form for a new member sends.
struct AddMemberForm: Sendable {
  static let fields = ["email", "role"]

  let email: String
  let role: String

  init() {
    email = ""
    role = ProjectRole.viewer.rawValue
  }

  init(_ form: FormBody) {
    email = form.string("email")
    role = form.string("role")
  }

  /// - Throws: `invalid` when it names no role.
  func projectRole() throws(DomainError) -> ProjectRole { try ProjectRole(named: role) }
}

extension ProjectRole {
  /// - Throws: `invalid` when it names no role.
  init(named name: String) throws(DomainError) {
    guard let role = ProjectRole(rawValue: name) else {
      throw .invalid([FieldError("role", "Choose one of viewer, editor and owner.")])
    }
    self = role
  }
}
