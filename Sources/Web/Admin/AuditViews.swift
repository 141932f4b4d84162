import Domain
import Foundation
import Templates

/// What people did, the newest first.
struct AuditPage: Sendable {
  struct Change: Sendable {
    let field: String
    let before: String?
    let after: String?

    var isReplaced: Bool { before != nil && after != nil }
  }

  struct Line: Sendable {
    let number: String
    let time: RelativeTime
    let actor: String
    let action: String
    let target: String
    let isTargetOurs: Bool
    let project: String?
    let badge: Badge
    let reason: String
    let place: String
    let changes: [Change]
    let occurrences: String?

    var hasReason: Bool { !reason.isEmpty }
    var hasChanges: Bool { !changes.isEmpty }
  }

  let chrome: PageChrome
  /// Nil on a project's own page.
  let tabs: AdminTabs?
  /// Nil on the page about everything.
  let projectTabs: ProjectTabs?
  let breadcrumb: Breadcrumb?
  let title: String
  let lines: [Line]
  let actor: Field
  let action: SelectField
  /// Nil on a project's own page.
  let project: Field?
  let outcome: SelectField
  let since: Field
  let until: Field
  let older: Link?
  let csv: Link
  let jsonl: Link
  let empty: EmptyState

  var hasLines: Bool { !lines.isEmpty }
  var isWhole: Bool { tabs != nil }

  init(
    chrome: PageChrome, _ events: [AuditEvent], _ search: AuditSearch,
    of project: ProjectMembership?, principal: Principal
  ) {
    self.chrome = chrome
    let name = project?.project.name
    tabs = project == nil ? AdminTabs(.audit) : nil
    projectTabs = project.map { ProjectTabs(.audit, of: $0, for: principal) }
    breadcrumb = name.map {
      Breadcrumb(
        [ActionLink("Projects", Paths.projects), ActionLink($0, Paths.project($0))],
        current: "Audit")
    }
    title = name.map { "Audit of \($0)" } ?? "Audit"
    lines = events.map { Line($0, isWhole: name == nil) }
    actor = Field(
      "actor", label: "Who", value: search.actor, isRequired: false, autocomplete: "off",
      placeholder: "a part of the address")
    action = SelectField(
      "action", label: "What",
      choices: [("", "everything")]
        + AuditAction.allCases.filter { name == nil || $0.concernsProjects }.map {
          ($0.rawValue, $0.label)
        },
      selected: search.action)
    self.project =
      name == nil
      ? Field(
        "project", label: "Project", value: search.project, isRequired: false,
        autocomplete: "off") : nil
    outcome = SelectField(
      "outcome", label: "Outcome",
      options: ["": "any outcome", "done": "done", "refused": "refused", "failed": "failed"],
      selected: search.outcome)
    since = Field("since", label: "Since", value: search.since, type: "date", isRequired: false)
    until = Field("until", label: "Until", value: search.until, type: "date", isRequired: false)
    older =
      events.count == AuditLog.pageSize
      ? events.last.map {
        Paths.audit(of: name, search.parameters + [("before", "\($0.number)")])
      } : nil
    csv = Paths.auditExport(.csv)
    jsonl = Paths.auditExport(.jsonl)
    empty = EmptyState(
      "No rows", search.isEmpty ? "Nothing happened yet." : "Nothing happened that this asks for.",
      action: search.isEmpty ? nil : ActionLink("Show everything", Paths.audit(of: name, [])))
  }
}

extension AuditPage.Line {
  fileprivate init(_ event: AuditEvent, isWhole: Bool) {
    number = "\(event.number)"
    time = RelativeTime(event.at)
    actor = event.actorEmail.isEmpty ? event.via : event.actorEmail
    let known = AuditAction(rawValue: event.action)
    action = known?.label ?? event.action
    // The action says of what kind it is, unless nobody knows it any more.
    target =
      known == nil || event.target.kind == "many"
      ? "\(event.target.kind) \(event.target.name)" : event.target.name
    // What people named isn't translated.
    isTargetOurs = known == nil || ["many", "setting"].contains(event.target.kind)
    project = isWhole ? event.target.project : nil
    badge =
      switch event.outcome {
      case .done: Badge(.good, "Done")
      case .refused: Badge(.warning, "Refused")
      case .failed: Badge(.bad, "Failed")
      }
    reason = event.reason
    place = [event.via, event.address].filter { !$0.isEmpty }.joined(separator: ", ")
    let all = try? JSONDecoder().decode([AuditChange].self, from: Data(event.changes.utf8))
    changes = (all ?? []).map {
      AuditPage.Change(field: $0.field, before: $0.before, after: $0.after)
    }
    occurrences = event.occurrences > 1 ? "\(event.occurrences) times" : nil
  }
}
