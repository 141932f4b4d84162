import Domain
import Templates

/// The policy as it is typed.
struct PolicyForm: Sendable {
  var draft: PolicyDraft
  var version: Int
  let changed: RelativeTime?
  let changedBy: String

  init(_ setting: Setting<PlatformPolicy>) {
    draft = PolicyDraft(setting.value)
    version = setting.version
    changed = setting.changedAt.map { RelativeTime($0) }
    changedBy = setting.changedBy
  }

  init(_ form: FormBody) {
    draft = PolicyDraft(PlatformPolicy())
    draft.registration = form.string("registration")
    draft.quota = QuotaDraft(form)
    draft.projectsPerPerson = form.string("projectsPerPerson")
    draft.replicas = form.string("replicas")
    draft.registries = form.string("registries")
    draft.reservedNames = form.string("reservedNames")
    draft.banner = form.string("banner")
    draft.isDemoOn = form.isOn("isDemoOn")
    draft.areDemoProjectsOn = form.isOn("areDemoProjectsOn")
    version = Int(form.string("version")) ?? 0
    changed = nil
    changedBy = ""
  }
}

/// The form for what holds for everybody.
struct PolicySection: Sendable {
  let version: String
  let changed: RelativeTime?
  let changedBy: String
  let registration: SelectField
  let quota: QuotaFields
  let projectsPerPerson: Field
  let replicas: Field
  let registries: TextareaField
  let reservedNames: TextareaField
  let banner: Field
  let isDemoOn: CheckboxField
  let areDemoProjectsOn: CheckboxField
  /// Whether another admin was faster.
  let isClash: Bool
  let action = Paths.adminPolicy

  init(_ form: PolicyForm, current: PolicyForm, error: DomainError?) {
    let errors = error.map { FormErrors($0, fields: PolicyDraft.fields) }
    let draft = form.draft
    version = String(form.version)
    changed = current.changed
    changedBy = current.changedBy
    isClash = error?.reason == .conflict
    registration = SelectField(
      "registration", label: "Who may register",
      options: [
        "open": "everybody who reaches this site", "invitation": "who has an invitation",
        "closed": "nobody",
      ], selected: draft.registration, error: errors?["registration"])
    quota = QuotaFields(draft.quota, errors: errors)
    projectsPerPerson = Field(
      "projectsPerPerson", label: "Projects that a person may own",
      value: draft.projectsPerPerson, hint: "Admins may own any number.",
      error: errors?["projectsPerPerson"], autocomplete: "off", inputMode: "numeric")
    replicas = Field(
      "replicas", label: "Replicas of an application, at most", value: draft.replicas,
      error: errors?["replicas"], autocomplete: "off", inputMode: "numeric")
    registries = TextareaField(
      "registries", label: "Registries that images may come from", value: draft.registries,
      rows: 3, hint: "One in each line, such as ghcr.io or docker.io/library. Empty: any.",
      error: errors?["registries"])
    reservedNames = TextareaField(
      "reservedNames", label: "Names kept free", value: draft.reservedNames, rows: 3,
      hint: "No project gets one of these names. One in each line.",
      error: errors?["reservedNames"])
    banner = Field(
      "banner", label: "Banner", value: draft.banner,
      hint: "A sentence at the top of every page, for everybody.", error: errors?["banner"],
      isRequired: false, maximumLength: 200)
    isDemoOn = CheckboxField(
      "isDemoOn", label: "Let strangers look around", isOn: draft.isDemoOn,
      hint: "Without an account, and only at projects that their settings show to everybody.")
    areDemoProjectsOn = CheckboxField(
      "areDemoProjectsOn", label: "Let them have a project of their own for an hour",
      isOn: draft.areDemoProjectsOn,
      hint: "On the sandbox only, since nothing real runs here. Small, and gone after the hour.")
  }
}
