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
  let fillIn: FillInView
  /// What became of a text that was just used.
  let report: FillInReport?
  /// The variables as a text; nil when they are rows.
  let environmentText: TextareaField?
  let refusal: DisabledButton?
  /// What was said about it on the plan page, before something was changed.
  let message: String
  /// The release that the change began with; nil for a new application.
  let base: Int?
  /// The field that a diagnosis led to.
  let focus: ActionLink?
  let help: DeployHelp

  var maySubmit: Bool { refusal == nil }

  init(
    chrome: PageChrome, title: String, _ membership: ProjectMembership, form: DeployForm,
    help: DeployHelp, error: DomainError?, report: FillInReport?,
    focus field: Diagnosis.Field? = nil,
    principal: Principal
  ) {
    focus = field.map { ActionLink($0.words, Link(fragment: Field.id(of: $0.rawValue))) }
    self.chrome = chrome
    self.help = help
    self.title = title
    let project = membership.project.name
    let draft = form.draft
    message = form.message
    base = form.isChange ? draft.base : nil
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
    fillIn = FillInView(form.texts, errors)
    self.report = report
    environmentText = form.texts.environment.map { text in
      TextareaField(
        DeployTexts.environmentField, label: "Variables", value: text, rows: 10,
        hint: "NAME=value, one a line; a value with several lines in quotes.",
        error: errors?[DeployTexts.environmentField], placeholder: "LOG_LEVEL=debug")
    }
    opens = DeployFolds(
      draft, wrong: error?.fields.map(\.field) ?? [],
      isEnvironmentText: form.texts.environment != nil
        || form.texts.step == .environmentRows, focus: field)
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
  let registry: Bool
  let updates: Bool

  /// Spare rows that nobody filled in come back from a form as empty ones: those
  /// are no reason to open anything.
  init(
    _ draft: ApplicationDraft, wrong: [String], isEnvironmentText: Bool = false,
    focus: Diagnosis.Field? = nil
  ) {
    let usual = ApplicationDraft()
    let wrong = wrong + [focus?.rawValue].compactMap(\.self)
    func isOpen(_ isChanged: Bool, _ prefixes: String...) -> Bool {
      isChanged || wrong.contains { field in prefixes.contains { field.hasPrefix($0) } }
    }
    scaling = isOpen(
      draft.isAutoscaled, "autoscaling", "minimumReplicas", "maximumReplicas", "targetCPU")
    environment = isOpen(
      isEnvironmentText || draft.environment.contains { !$0.name.isEmpty || !$0.value.isEmpty }
        || draft.secrets.contains { !$0.name.isEmpty || !$0.reference.isEmpty }
        || draft.secretValues.contains {
          !$0.target.isEmpty || !$0.value.isEmpty || !$0.sealed.isEmpty
        },
      "environment", "envText", "secret")
    health = isOpen(
      draft.healthCheck != usual.healthCheck || draft.restartsUnhealthy
        || !draft.startSeconds.isEmpty, "health", "startSeconds", "restartsUnhealthy")
    exposure = isOpen(draft.exposure != usual.exposure, "exposure", "host", "tailnetName")
    storage = isOpen(
      draft.files.contains { !$0.path.isEmpty || !$0.content.isEmpty }
        || draft.volumes.contains { !$0.path.isEmpty || !$0.size.isEmpty },
      "files", "volumes")
    container = isOpen(
      !draft.command.isEmpty || !draft.arguments.isEmpty
        || draft.morePorts.contains { !$0.number.isEmpty } || !draft.userID.isEmpty,
      "command", "arguments", "ports", "userID")
    registry = isOpen(
      draft.hasRegistryLogin || !draft.pullSecret.isEmpty, "registry", "pullSecret")
    updates = isOpen(
      draft.surge != usual.surge || draft.unavailable != usual.unavailable
        || draft.undoesFailures, "surge", "unavailable")
  }
}
