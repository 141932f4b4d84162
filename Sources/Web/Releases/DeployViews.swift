import Domain
import Templates

/// The deploy form.
struct DeployPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let title: String
  let errors: FormErrors?
  let action: Link
  let cancel: Link
  let name: Field?
  let fields: DeployFields
  let rows: DeployRows
  /// Which folded parts are open, because something in them is wrong or isn't
  /// as it is by default.
  let opens: DeployFolds
  let refusal: DisabledButton?

  var maySubmit: Bool { refusal == nil }

  init(
    chrome: PageChrome, title: String, _ membership: ProjectMembership, form: DeployForm,
    error: DomainError?, principal: Principal
  ) {
    self.chrome = chrome
    self.title = title
    let project = membership.project.name
    let draft = form.draft
    let errors = error.map { FormErrors($0) }
    self.errors = errors
    let up = [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))]
    if form.isChange {
      let own = Paths.application(draft.name, in: project)
      breadcrumb = Breadcrumb(up + [ActionLink(draft.name, own)], current: "Change")
      action = Paths.application(draft.name, in: project, .edit)
      cancel = own
      name = nil
    } else {
      breadcrumb = Breadcrumb(up, current: "Deploy")
      action = Paths.newApplication(in: project)
      cancel = Paths.project(project)
      name = Field(
        "name", label: "Name", value: draft.name,
        hint: "Other pods reach it under this name.", error: errors?["name"],
        autocomplete: "off", placeholder: "web")
    }
    fields = DeployFields(draft, errors)
    rows = DeployRows(draft, errors)
    opens = DeployFolds(draft, wrong: error?.fields.map(\.field) ?? [])
    refusal = membership.decision(.deployApplications, for: principal).reason.map {
      DisabledButton(id: "why-review", label: "Review changes", reason: $0)
    }
  }
}

/// Which folded parts of the deploy form are open.
struct DeployFolds: Sendable {
  let scaling: Bool
  let environment: Bool
  let health: Bool
  let exposure: Bool
  let storage: Bool
  let container: Bool
  let updates: Bool

  init(_ draft: ApplicationDraft, wrong: [String]) {
    let usual = ApplicationDraft()
    func isOpen(_ isChanged: Bool, _ prefixes: String...) -> Bool {
      isChanged || wrong.contains { field in prefixes.contains { field.hasPrefix($0) } }
    }
    scaling = isOpen(
      draft.isAutoscaled, "autoscaling", "minimumReplicas", "maximumReplicas", "targetCPU")
    environment = isOpen(
      !draft.environment.isEmpty || !draft.secrets.isEmpty, "environment", "secrets")
    health = isOpen(
      draft.healthCheck != usual.healthCheck || draft.restartsUnhealthy
        || !draft.startSeconds.isEmpty, "health", "startSeconds")
    exposure = isOpen(draft.exposure != usual.exposure, "exposure", "host", "tailnetName")
    storage = isOpen(!draft.files.isEmpty || !draft.volumes.isEmpty, "files", "volumes")
    container = isOpen(
      !draft.command.isEmpty || !draft.arguments.isEmpty || !draft.morePorts.isEmpty
        || !draft.userID.isEmpty || !draft.pullSecret.isEmpty,
      "command", "arguments", "ports", "userID", "pullSecret")
    updates = isOpen(
      draft.surge != usual.surge || draft.unavailable != usual.unavailable, "surge",
      "unavailable")
  }
}
