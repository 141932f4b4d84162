import Domain
import Templates

/// The deploy form.
struct DeployPage: Sendable {
  /// One row of the environment editor.
  struct Row: Sendable {
    let nameID: String
    let valueID: String
    let name: String
    let value: String
    let error: String?
    let errorID: String

    var isBad: Bool { error != nil }
  }

  /// Rows offered to people without JavaScript.
  static let spareRows = 3

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let title: String
  let errors: FormErrors?
  let action: Link
  let cancel: Link
  let name: Field?
  let image: Field
  let port: Field
  let replicas: Field
  let autoscaling: CheckboxField
  let minimumReplicas: Field
  let maximumReplicas: Field
  let targetCPU: Field
  let cpuRequest: Field
  let cpuLimit: Field
  let memoryRequest: Field
  let memoryLimit: Field
  let rows: [Row]
  let environmentError: String?
  /// Whether folded parts must be open because something in them is wrong or
  /// was filled in.
  let opensScaling: Bool
  let opensEnvironment: Bool
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
    let fields = DeployFields(draft, errors)
    image = fields.image
    port = fields.port
    replicas = fields.replicas
    autoscaling = fields.autoscaling
    minimumReplicas = fields.minimumReplicas
    maximumReplicas = fields.maximumReplicas
    targetCPU = fields.targetCPU
    cpuRequest = fields.cpuRequest
    cpuLimit = fields.cpuLimit
    memoryRequest = fields.memoryRequest
    memoryLimit = fields.memoryLimit
    rows = Self.rows(draft.environment, errors)
    environmentError = errors?["environment"]
    opensScaling =
      draft.isAutoscaled
      || ["minimumReplicas", "maximumReplicas", "targetCPU"].contains { errors?[$0] != nil }
    opensEnvironment = draft.environment.contains { !$0.name.isEmpty || !$0.value.isEmpty }
    refusal = membership.decision(.deployApplications, for: principal).reason.map {
      DisabledButton(id: "why-review", label: "Review changes", reason: $0)
    }
  }

  private static func rows(
    _ environment: [ApplicationDraft.EnvironmentRow], _ errors: FormErrors?
  ) -> [Row] {
    let filled = environment.enumerated().filter {
      !$0.element.name.isEmpty || !$0.element.value.isEmpty
    }
    var rows = filled.map { index, row in
      let nameField = "environment.\(index).name"
      let valueField = "environment.\(index).value"
      return Row(
        nameID: Field.id(of: nameField), valueID: Field.id(of: valueField), name: row.name,
        value: row.value, error: errors?[nameField] ?? errors?[valueField],
        errorID: "\(Field.id(of: nameField))-error")
    }
    for spare in 0..<spareRows {
      rows.append(
        Row(
          nameID: "environment-spare-\(spare)-name", valueID: "environment-spare-\(spare)-value",
          name: "", value: "", error: nil, errorID: "environment-spare-\(spare)-error"))
    }
    return rows
  }
}

/// The fields of the deploy form, with what was typed and what is wrong.
struct DeployFields: Sendable {
  let image: Field
  let port: Field
  let replicas: Field
  let autoscaling: CheckboxField
  let minimumReplicas: Field
  let maximumReplicas: Field
  let targetCPU: Field
  let cpuRequest: Field
  let cpuLimit: Field
  let memoryRequest: Field
  let memoryLimit: Field

  init(_ draft: ApplicationDraft, _ errors: FormErrors?) {
    func field(
      _ name: String, _ label: String, _ value: String, hint: String? = nil,
      isRequired: Bool = true, inputMode: String? = nil, placeholder: String? = nil
    ) -> Field {
      Field(
        name, label: label, value: value, hint: hint, error: errors?[name],
        isRequired: isRequired, autocomplete: "off", inputMode: inputMode,
        placeholder: placeholder)
    }
    image = field(
      "image", "Image", draft.image, hint: "With a version: nginx:1.27 rather than nginx.",
      placeholder: "nginx:1.27")
    port = field(
      "port", "Port", draft.port, hint: "Where the container listens; leave it empty for none.",
      isRequired: false, inputMode: "numeric", placeholder: "80")
    replicas = field("replicas", "Replicas", draft.replicas, inputMode: "numeric")
    autoscaling = CheckboxField(
      "autoscaling", label: "Scale by CPU use", isOn: draft.isAutoscaled,
      hint: "An autoscaler sets the number of replicas between these two.")
    minimumReplicas = field(
      "minimumReplicas", "At least", draft.minimumReplicas, inputMode: "numeric")
    maximumReplicas = field(
      "maximumReplicas", "At most", draft.maximumReplicas, inputMode: "numeric")
    targetCPU = field(
      "targetCPU", "CPU target, percent", draft.targetCPU, inputMode: "numeric")
    cpuRequest = field("cpuRequest", "CPU request", draft.cpuRequest, placeholder: "100m")
    cpuLimit = field(
      "cpuLimit", "CPU limit", draft.cpuLimit, isRequired: false, placeholder: "none")
    memoryRequest = field(
      "memoryRequest", "Memory request", draft.memoryRequest, placeholder: "128Mi")
    memoryLimit = field("memoryLimit", "Memory limit", draft.memoryLimit, placeholder: "256Mi")
  }
}

/// What a deploy would do, for confirmation.
struct PlanPage: Sendable {
  /// One object.
  struct Item: Sendable {
    let style: String
    let verb: String
    let kind: String
    let name: String
    let changes: [Change]
    let manifest: CodeBlock?

    var hasChanges: Bool { !changes.isEmpty }
  }

  /// One field that gets another value.
  struct Change: Sendable {
    let path: String
    let old: String
    let new: String
  }

  /// A field of the form, sent along unseen.
  struct Hidden: Sendable {
    let name: String
    let value: String
  }

  /// One line of the quota arithmetic.
  struct QuotaRow: Sendable {
    let sentence: String
    let badge: Badge
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let title: String
  let summary: String
  let hasMoved: Bool
  let warnings: [String]
  let items: [Item]
  let quota: [QuotaRow]
  let hidden: [Hidden]
  let planHash: String
  let confirm: Link
  let back: Link
  let deployLabel: String

  var hasWarnings: Bool { !warnings.isEmpty }
  var hasQuota: Bool { !quota.isEmpty }

  init(chrome: PageChrome, _ plan: Plan, form: DeployForm, project: String, hasMoved: Bool) {
    self.chrome = chrome
    let name = plan.spec.name
    breadcrumb = Breadcrumb(
      [
        ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project)),
      ], current: "Review \(name)")
    title = "Review release #\(plan.releaseNumber) of \(name)"
    summary =
      plan.isEmpty
      ? "The cluster is already as wanted: a deploy would change nothing."
      : "The cluster was asked what it would do. Nothing is written until you deploy."
    self.hasMoved = hasMoved
    warnings = plan.warnings
    items = plan.steps.enumerated().map { Item($0.element, index: $0.offset) }
    quota = plan.quota.map { line in
      QuotaRow(
        sentence: line.sentence,
        badge: line.fits ? Badge(.good, "Fits") : Badge(.warning, "Too little left"))
    }
    hidden = form.pairs.map { Hidden(name: $0.name, value: $0.value) }
    planHash = plan.hash
    confirm = Paths.application(name, in: project, .deploys)
    back =
      form.isChange
      ? Paths.application(name, in: project, .edit) : Paths.newApplication(in: project)
    deployLabel = plan.isEmpty ? "Deploy anyway" : "Deploy"
  }
}

extension PlanPage.Item {
  init(_ step: Plan.Step, index: Int) {
    kind = step.kind
    name = step.name
    switch step.action {
    case .create: (style, verb, changes) = ("create", "Create", [])
    case .nothing: (style, verb, changes) = ("none", "No change", [])
    case .delete: (style, verb, changes) = ("blocked", "Remove", [])
    case .change(let fields):
      (style, verb) = ("change", "Change")
      changes = fields.map {
        PlanPage.Change(path: $0.path, old: $0.old ?? "not set", new: $0.new ?? "not set")
      }
    }
    manifest =
      step.yaml.isEmpty
      ? nil
      : CodeBlock(
        id: "plan-manifest-\(index)", caption: "\(step.kind) \(step.name)", text: step.yaml)
  }
}
