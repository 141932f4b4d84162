import Domain
import Templates

/// A person's own account.
struct OwnAccountPage: Sendable {
  /// The forms of the page.
  enum Part {
    case name, password, token, mails
  }

  struct SessionLine: Sendable {
    let device: String
    let address: String
    let began: RelativeTime
    let seen: RelativeTime
    let isCurrent: Bool
    let end: Link
  }

  struct TokenLine: Sendable {
    let name: String
    let scope: String
    let made: RelativeTime
    let expires: RelativeTime
    let used: RelativeTime?
    let revoke: Link
  }

  /// A token that was just made.
  struct Made: Sendable {
    let name: String
    let secret: CodeBlock
  }

  let chrome: PageChrome
  let errors: FormErrors?
  let email: String
  let role: String
  let since: RelativeTime
  let name: Field
  let hasPassword: Bool
  let issuers: String
  let current: Field
  let password: Field
  let sessions: [SessionLine]
  let hasOthers: Bool
  let tokens: [TokenLine]
  let made: Made?
  let mails: MailFields
  let tokenName: Field
  let scope: SelectField
  let days: SelectField
  let renameAction = Paths.accountName
  let passwordAction = Paths.accountPassword
  let endOthers = Paths.endOtherSessions
  let tokensAction = Paths.accountTokens

  var hasTokens: Bool { !tokens.isEmpty }

  init(
    chrome: PageChrome, _ account: OwnAccount, _ mails: MailSettings, form: FormBody, part: Part?,
    error: DomainError?, made: NewAPIToken?
  ) {
    self.chrome = chrome
    let user = account.user
    (email, role, since) = (user.email, user.role.rawValue, RelativeTime(user.createdAt))
    hasPassword = account.hasPassword
    issuers = account.issuers.joined(separator: ", ")
    let errors = error.map {
      FormErrors(Self.renamed($0, for: part), fields: Self.fields)
    }
    self.errors = errors
    name = Field(
      "name", label: "Name", value: part == .name ? form.string("name") : user.name,
      error: errors?["name"], autocomplete: "name", maximumLength: 100)
    current = Field(
      "current", label: "Current password", type: "password", error: errors?["current"],
      autocomplete: "current-password")
    password = Field(
      "password", label: "New password", type: "password", hint: "At least 10 characters.",
      error: errors?["password"], autocomplete: "new-password")
    sessions = account.sessions.map(SessionLine.init)
    hasOthers = account.sessions.contains { !$0.isCurrent }
    tokens = account.tokens.map(TokenLine.init)
    self.made = made.map {
      Made(
        name: $0.token.name,
        secret: CodeBlock(id: "new-token", caption: $0.token.name, text: $0.secret))
    }
    self.mails = MailFields(
      mails, action: Paths.accountMails,
      inheriting: ("standard: critical ones", "standard: none"),
      typed: part == .mails ? form : nil)
    let isToken = part == .token
    tokenName = Field(
      "name", label: "What will use it", value: isToken ? form.string("name") : "",
      error: errors?["token-name"], autocomplete: "off", placeholder: "CI of the shop",
      maximumLength: 80, id: Field.id(of: "token-name"))
    scope = SelectField(
      "scope", label: "It may",
      options: [
        "read": "read: look at your projects", "deploy": "deploy: also change what runs",
        "admin": "admin: everything that you may",
      ], selected: isToken ? form.string("scope") : "read", error: errors?["scope"])
    days = SelectField(
      "days", label: "It expires",
      options: ["7": "in 7 days", "30": "in 30 days", "90": "in 90 days", "365": "in a year"],
      selected: isToken ? form.string("days") : "30", error: errors?["days"])
  }

  private static let fields = [
    "name", "current", "password", "token-name", "scope", "days",
  ]

  /// Two forms of the page have a field `name`.
  private static func renamed(_ error: DomainError, for part: Part?) -> DomainError {
    guard part == .token else { return error }
    return DomainError(
      error.reason, error.message, advice: error.advice,
      fields: error.fields.map {
        FieldError($0.field == "name" ? "token-name" : $0.field, $0.message)
      })
  }
}

extension OwnAccountPage.SessionLine {
  init(_ session: OwnSession) {
    device = Device.name(session.userAgent)
    address = session.address.isEmpty ? "unknown" : session.address
    began = RelativeTime(session.createdAt)
    seen = RelativeTime(session.lastSeenAt)
    isCurrent = session.isCurrent
    end = Paths.endSession(session.id)
  }
}

extension OwnAccountPage.TokenLine {
  init(_ token: APIToken) {
    name = token.name
    scope = token.scope.rawValue
    made = RelativeTime(token.createdAt)
    expires = RelativeTime(token.expiresAt)
    used = token.lastUsedAt.map { RelativeTime($0) }
    revoke = Paths.revokeToken(token.id)
  }
}

/// Where somebody sets their password with a link.
struct ResetPage: Sendable {
  let chrome: PageChrome
  let errors: FormErrors?
  let email: String
  let link: String
  let password: Field

  init(chrome: PageChrome, _ user: User, secret: String, error: DomainError? = nil) {
    self.chrome = chrome
    let errors = error.map { FormErrors($0, fields: ["password"]) }
    self.errors = errors
    email = user.email
    link = secret
    password = Field(
      "password", label: "New password", type: "password", hint: "At least 10 characters.",
      error: errors?["password"], autocomplete: "new-password")
  }
}
