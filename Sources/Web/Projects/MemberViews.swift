import Domain
import Templates

/// The people of a project.
struct MembersPage: Sendable {
  /// One person.
  struct Row: Sendable {
    let id: String
    let name: String
    let email: String
    let isSelf: Bool
    let isSuspended: Bool
    let isWaiting: Bool
    let role: String
    let since: RelativeTime
    let roles: [SelectField.Option]
    let roleAction: Link?
    let removal: Link?
    let removalLabel: String
    /// Why neither can be done.
    let reason: String?
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let project: String
  let errors: FormErrors?
  let isUnsettled: Bool
  let members: [Row]
  let action: Link
  let email: Field
  let role: SelectField
  /// Why the person may not change members.
  let refusal: DisabledButton?
  let kubeconfig: Link?
  let hours: SelectField
  let kubeconfigRefusal: DisabledButton?
  /// A link that was just made.
  let made: InvitationLink?
  let invitations: [InvitationLine]
  let invite: Link

  var hasInvitations: Bool { !invitations.isEmpty }
  var mayAdd: Bool { refusal == nil }
}

extension MembersPage {
  init(
    chrome: PageChrome, _ list: MemberList, _ open: [Invitation], made: InvitationLink?,
    form: AddMemberForm, failure: DomainError?,
    principal: Principal
  ) {
    self.chrome = chrome
    let name = list.membership.project.name
    project = name
    self.made = made
    invitations = open.map { InvitationLine($0, in: name) }
    invite = Paths.projectInvitations(name)
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(name, Paths.project(name))],
      current: "Members")
    tabs = ProjectTabs(.members, of: list.membership, for: principal)
    let errors = failure.map { FormErrors($0, fields: AddMemberForm.fields + ["hours"]) }
    self.errors = errors
    isUnsettled = list.isUnsettled
    let decision = list.membership.decision(.manageMembers, for: principal)
    let refusal = decision.reason.map {
      "\($0) Owners: \(list.ownerNames.joined(separator: ", "))."
    }
    self.refusal = refusal.map { DisabledButton(id: "why-add", label: "Add", reason: $0) }
    members = list.members.map { Row($0, of: list, viewer: principal, refusal: refusal) }
    action = Paths.projectMembers(name)
    email = Field(
      "email", label: "E-mail", value: form.email, type: "email",
      hint: "People with an account are added at once; for others, make a link.",
      error: errors?["email"],
      autocomplete: "off")
    role = SelectField(
      "role", label: "Role",
      options: [
        "viewer": "viewer: may look", "editor": "editor: may also deploy",
        "owner": "owner: may also change members",
      ], selected: form.role, error: errors?["role"])
    let download = list.membership.decision(.downloadKubeconfig, for: principal)
    let reason =
      download.reason
      ?? (list.membership.role == nil ? "Only members have an account on the cluster." : nil)
    kubeconfig = reason == nil ? Paths.projectKubeconfig(name) : nil
    kubeconfigRefusal = reason.map {
      DisabledButton(id: "why-kubeconfig", label: "Download kubeconfig", reason: $0)
    }
    hours = SelectField(
      "hours", label: "Valid for", options: ["1": "1 hour", "8": "8 hours", "24": "24 hours"],
      selected: "8", error: errors?["hours"])
  }
}

extension MembersPage.Row {
  init(_ member: Member, of list: MemberList, viewer: Principal, refusal: String?) {
    let project = list.membership.project.name
    id = member.id.rawValue
    name = member.name
    email = member.email
    isSelf = member.id == viewer.userID
    isSuspended = member.isSuspended
    isWaiting = !member.isOnCluster
    role = member.role.rawValue
    since = RelativeTime(member.since)
    let stays = list.mustStay(member)
    reason = stays ?? (isSelf ? nil : refusal)
    roles = ProjectRole.allCases.map {
      SelectField.Option(
        value: $0.rawValue, text: $0.rawValue, isSelected: $0 == member.role)
    }
    roleAction =
      refusal == nil && stays == nil ? Paths.memberRole(member.id, in: project) : nil
    removal =
      stays == nil && (refusal == nil || isSelf)
      ? Paths.memberRemoval(member.id, in: project) : nil
    removalLabel = isSelf ? "Leave" : "Remove"
  }
}

/// Asks whether to remove a member, by name.
struct RemoveMemberPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let title: String
  let consequence: String
  let button: String
  let action: Link
  let cancel: Link
  let refusal: DisabledButton?

  var mayRemove: Bool { refusal == nil }

  init(chrome: PageChrome, _ list: MemberList, _ member: Member, principal: Principal) {
    self.chrome = chrome
    let project = list.membership.project.name
    let isSelf = member.id == principal.userID
    breadcrumb = Breadcrumb(
      [
        ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project)),
        ActionLink("Members", Paths.projectMembers(project)),
      ], current: isSelf ? "Leave" : "Remove")
    title = isSelf ? "Leave \(project)?" : "Remove \(member.name) from \(project)?"
    consequence =
      isSelf
      ? "You will not see this project any more, and your kubeconfig for it stops to work. "
        + "An owner can add you again."
      : "\(member.name) (\(member.email)) will not see this project any more, and their kubeconfig "
        + "for it stops to work. What they deployed stays."
    button = isSelf ? "Leave the project" : "Remove \(member.name)"
    action = Paths.memberRemoval(member.id, in: project)
    cancel = Paths.projectMembers(project)
    let decision = list.membership.decision(.manageMembers, for: principal)
    let reason = list.mustStay(member) ?? (isSelf ? nil : decision.reason)
    refusal = reason.map { [button] in
      DisabledButton(id: "why-remove", label: button, reason: $0)
    }
  }
}
