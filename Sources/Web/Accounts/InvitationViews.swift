import Domain
import Templates

/// A link that was just made.
struct InvitationLink: Sendable {
  let email: String
  let link: CodeBlock

  init(_ made: (invitation: Invitation, secret: String), _ origin: String) {
    email = made.invitation.email
    link = CodeBlock(
      id: "invitation-link", caption: "For \(email)",
      text: origin + Paths.invitation(made.secret).text)
  }
}

/// An open invitation in a list.
struct InvitationLine: Sendable {
  let email: String
  let role: String
  let project: String
  let invitedBy: String
  let expires: RelativeTime
  let revocation: Link

  /// - Parameter project: whose list it is; nil for the admins'.
  init(_ invitation: Invitation, in project: String?) {
    email = invitation.email
    role = invitation.role.rawValue
    self.project =
      invitation.project.map { "\($0), as \(invitation.projectRole?.rawValue ?? "")" } ?? "none"
    invitedBy = invitation.invitedBy
    expires = RelativeTime(invitation.expiresAt)
    revocation = Paths.invitationRevocation(invitation.id, in: project)
  }
}

extension InvitationDraft {
  /// - Parameter project: that it is for; nil when the form names it.
  init(_ form: FormBody, project: String? = nil) {
    self.init()
    email = form.string("email")
    self.project = project ?? form.string("project")
    if project == nil {
      role = form.string("role")
      projectRole = form.string("projectRole")
      days = form.string("days")
    } else {
      projectRole = form.string("role")
    }
  }
}

/// Everybody who was invited and didn't come yet, for admins.
struct InvitationsPage: Sendable {
  let chrome: PageChrome
  let tabs = AdminTabs(.invitations)
  let errors: FormErrors?
  let made: InvitationLink?
  let lines: [InvitationLine]
  let email: Field
  let role: SelectField
  let project: Field
  let projectRole: SelectField
  let days: SelectField
  let action = Paths.adminInvitations

  var hasLines: Bool { !lines.isEmpty }

  init(
    chrome: PageChrome, _ open: [Invitation], draft: InvitationDraft, made: InvitationLink?,
    error: DomainError?
  ) {
    self.chrome = chrome
    self.made = made
    let errors = error.map { FormErrors($0, fields: InvitationDraft.fields) }
    self.errors = errors
    lines = open.map { InvitationLine($0, in: nil) }
    email = Field(
      "email", label: "E-mail", value: draft.email, type: "email",
      hint: "Only this address can use the link.", error: errors?["email"], autocomplete: "off",
      inputMode: "email", maximumLength: 254)
    role = SelectField(
      "role", label: "Role",
      options: [
        "visitor": "visitor: looks at demos", "member": "member: makes projects",
        "admin": "admin: may do everything",
      ], selected: draft.role, error: errors?["role"])
    project = Field(
      "project", label: "Project", value: draft.project, error: errors?["project"],
      isRequired: false, autocomplete: "off")
    projectRole = SelectField(
      "projectRole", label: "Role in it",
      options: [
        "viewer": "viewer: may look", "editor": "editor: may also deploy",
        "owner": "owner: may also change members",
      ], selected: draft.projectRole, error: errors?["projectRole"])
    days = SelectField(
      "days", label: "Good for", options: ["1": "a day", "7": "7 days", "30": "30 days"],
      selected: draft.days, error: errors?["days"])
  }
}

/// What an invited person sees.
struct InvitationPage: Sendable {
  let chrome: PageChrome
  let link: String
  let email: String
  /// "Ann invites you to the project shop, as an editor."
  let sentence: String
  let errors: FormErrors?
  let name: Field
  let password: Field
  /// The address has no account yet, and nobody is logged in.
  let mayRegister: Bool
  /// The person who is logged in is who was invited.
  let mayJoin: Bool
  /// Where to log in first; nil when that isn't what is missing.
  let login: Link?
  /// Somebody else is logged in.
  let other: String?
  let joinAction = Link(path: "/invitation/join")

  init(
    chrome: PageChrome, _ offer: InvitationOffer, secret: String, form: RegistrationForm,
    error: DomainError?, visitor: Principal?
  ) {
    self.chrome = chrome
    let invitation = offer.invitation
    link = secret
    email = invitation.email
    sentence =
      invitation.project.map {
        "\(invitation.invitedBy) invites you to the project \($0), as \(invitation.projectRole == .viewer ? "a" : "an") \(invitation.projectRole?.rawValue ?? "")."
      } ?? "\(invitation.invitedBy) invites you to this BabyHelm."
    let errors = error.map { FormErrors($0, fields: ["name", "password"]) }
    self.errors = errors
    name = Field(
      "name", label: "Name", value: form.name, error: errors?["name"], autocomplete: "name",
      maximumLength: 100)
    password = Field(
      "password", label: "Password", type: "password", hint: "At least 10 characters.",
      error: errors?["password"], autocomplete: "new-password")
    let isInvited = visitor.map { $0.email.lowercased() == invitation.email.lowercased() }
    mayRegister = visitor == nil && !offer.hasAccount
    mayJoin = isInvited == true
    login =
      visitor == nil && offer.hasAccount
      ? Paths.login(next: LocalPath(Paths.invitation(secret).text)) : nil
    other = isInvited == false ? visitor?.email : nil
  }
}
