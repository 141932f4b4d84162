import Domain
import Templates

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
  /// What somebody else deployed meanwhile.
  let notice: String?
  let warnings: [String]
  let items: [Item]
  let quota: [QuotaRow]
  let hidden: [HiddenField]
  let planHash: String
  let confirm: Link
  let back: Link
  let deployLabel: String
  /// What is on the button that leads back; its form asks for the form again.
  let backLabel: String
  /// Under which name a browser kept what was typed.
  let draftKey: String
  /// Whether the way back is a link and not the form sent again.
  let isBackLink: Bool
  /// What the author says about it; nil where BabyHelm says it.
  let message: Field?

  var hasWarnings: Bool { !warnings.isEmpty }
  var hasQuota: Bool { !quota.isEmpty }

  /// The plan of what the deploy form asked for.
  init(
    chrome: PageChrome, _ plan: Plan, form: DeployForm, project: String, hasMoved: Bool,
    notice: String? = nil
  ) {
    let name = plan.spec.name
    self.init(
      chrome: chrome, plan, project: project, hasMoved: hasMoved,
      title: "Review release #\(plan.releaseNumber) of \(name)",
      hidden: form.pairs.map { HiddenField(name: $0.name, value: $0.value) },
      confirm: Paths.application(name, in: project, .deploys),
      back: form.isChange
        ? Paths.application(name, in: project, .edit) : Paths.newApplication(in: project),
      isBackLink: false, notice: notice,
      message: Field(
        "message", label: "Why", value: form.message,
        hint: "For those who read the list of releases later.", isRequired: false,
        autocomplete: "off", placeholder: "New version of the shop", maximumLength: 500))
  }

  /// The plan of going back to an earlier release.
  init(
    chrome: PageChrome, _ plan: Plan, rollingBackTo number: Int, project: String, hasMoved: Bool
  ) {
    let name = plan.spec.name
    self.init(
      chrome: chrome, plan, project: project, hasMoved: hasMoved,
      title: "Roll \(name) back to release #\(number)", hidden: [],
      confirm: Paths.rollback(to: number, of: name, in: project),
      back: Paths.release(number, of: name, in: project), isBackLink: true, message: nil)
  }

  private init(
    chrome: PageChrome, _ plan: Plan, project: String, hasMoved: Bool, title: String,
    hidden: [HiddenField], confirm: Link, back: Link, isBackLink: Bool, notice: String? = nil,
    message: Field?
  ) {
    self.chrome = chrome
    let name = plan.spec.name
    draftKey = "\(project)/\(plan.isFirst ? "" : name)"
    let up = [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))]
    breadcrumb = Breadcrumb(
      plan.isFirst ? up : up + [ActionLink(name, Paths.application(name, in: project))],
      current: isBackLink ? "Roll back" : "Review")
    self.title = title
    summary =
      plan.isEmpty
      ? "The cluster is already as wanted: a deploy would change nothing."
      : "The cluster was asked what it would do. Nothing is written until you deploy."
    self.hasMoved = hasMoved
    self.notice = notice
    warnings = plan.warnings
    items = plan.steps.enumerated().map { Item($0.element, index: $0.offset) }
    quota = plan.quota.map { line in
      QuotaRow(
        sentence: line.sentence,
        badge: line.fits ? Badge(.good, "Fits") : Badge(.warning, "Too little left"))
    }
    self.hidden = hidden
    planHash = plan.hash
    self.confirm = confirm
    self.back = back
    self.isBackLink = isBackLink
    self.message = message
    backLabel = isBackLink ? "Cancel" : "Change something"
    let verb = isBackLink ? "Roll back" : "Deploy"
    deployLabel = plan.isEmpty ? "\(verb) anyway" : verb
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
      let nothing = MessageCatalogue.shown("not set")
      changes = fields.map {
        PlanPage.Change(path: $0.path, old: $0.old ?? nothing, new: $0.new ?? nothing)
      }
    }
    manifest =
      step.yaml.isEmpty
      ? nil
      : CodeBlock(
        id: "plan-manifest-\(index)", caption: "\(step.kind) \(step.name)", text: step.yaml)
  }
}
