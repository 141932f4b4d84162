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
