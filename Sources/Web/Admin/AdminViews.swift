import Domain
import Templates

/// The list of people, for admins.
struct UsersPage: Sendable {
  /// One person.
  struct Row: Sendable {
    let id: String
    let name: String
    let email: String
    let isSelf: Bool
    let registered: RelativeTime
    let lastSeen: RelativeTime?
    let roles: [SelectField.Option]
    let roleAction: Link
    let isSuspended: Bool
    /// What the button sends: "yes" to suspend, "no" to let in again.
    let suspended: String
    let suspension: Link
    let reset: Link
  }

  /// A link that was just made.
  struct ResetLink: Sendable {
    let name: String
    let link: CodeBlock
  }

  let chrome: PageChrome
  let tabs = AdminTabs(.users)
  let query: String
  let page: Int
  /// "12 people" or "3 people match “ada”"
  let summary: String
  let users: [Row]
  let pagination: Pagination
  let empty: EmptyState
  /// Why the last change was refused.
  let failure: FormErrors?
  let reset: ResetLink?

  init(
    chrome: PageChrome, _ list: UserPage, query: String, viewer: User.ID,
    failure: DomainError? = nil, reset: ResetLink? = nil
  ) {
    self.chrome = chrome
    self.reset = reset
    self.query = query
    page = list.page
    summary = Self.summary(list.total, query)
    users = list.users.map { Self.row($0, viewer) }
    pagination = Pagination(page: list.page, pageSize: list.pageSize, total: list.total) {
      Paths.adminUsers(query: query, page: $0)
    }
    empty = EmptyState(
      "Nobody found", "No name or e-mail address contains “\(query)”.",
      action: ActionLink("Show everybody", Paths.adminUsers()))
    self.failure = failure.map { FormErrors($0, fields: []) }
  }

  var hasUsers: Bool { !users.isEmpty }

  private static func summary(_ total: Int, _ query: String) -> String {
    let people = "\(Pagination.grouped(total)) \(total == 1 ? "person" : "people")"
    guard !query.isEmpty else { return people }
    return "\(people) \(total == 1 ? "matches" : "match") “\(query)”"
  }

  private static func row(_ user: User, _ viewer: User.ID) -> Row {
    Row(
      id: user.id.rawValue, name: user.name, email: user.email, isSelf: user.id == viewer,
      registered: RelativeTime(user.createdAt),
      lastSeen: user.lastSeenAt.map { RelativeTime($0) },
      roles: PlatformRole.allCases.map {
        SelectField.Option(
          value: $0.rawValue, text: $0.rawValue, isSelected: $0 == user.role)
      },
      roleAction: Paths.adminUserRole(user.id), isSuspended: user.suspendedAt != nil,
      suspended: user.suspendedAt == nil ? "yes" : "no",
      suspension: Paths.adminUserSuspension(user.id), reset: Paths.adminUserReset(user.id))
  }
}
