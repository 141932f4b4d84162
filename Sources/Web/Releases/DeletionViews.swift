import Domain
import Templates

/// The settings of an application: its deploy hooks, and deleting it.
struct ApplicationSettingsPage: Sendable {
  let chrome: PageChrome
  let header: ApplicationHeader
  let errors: FormErrors?
  let hooks: HooksCard
  let action: Link
  /// What goes in the end, a line each.
  let objects: [String]
  let confirmation: Field
  /// Whether the volumes go too; nil where there are none.
  let removesVolumes: CheckboxField?
  let refusal: DisabledButton?

  var mayDelete: Bool { refusal == nil }

  init(
    chrome: PageChrome, _ detail: ApplicationDetail, _ release: Release, hooks: HooksCard,
    error: DomainError?, removesVolumes: Bool, principal: Principal
  ) {
    self.chrome = chrome
    self.hooks = hooks
    let (name, project) = (detail.application.name, detail.membership.project.name)
    header = ApplicationHeader(detail, current: "Settings")
    errors = error.map { FormErrors($0, fields: ["confirmation"]) } ?? hooks.errors
    action = Paths.application(name, in: project, .delete)
    let volumes = release.manifests.filter { $0.kind == "PersistentVolumeClaim" }
    objects = release.manifests.filter { $0.kind != "PersistentVolumeClaim" }.map {
      "\($0.kind) \($0.name)"
    }
    confirmation = Field(
      "confirmation", label: "Type “\(name)” to confirm", error: errors?["confirmation"],
      autocomplete: "off")
    self.removesVolumes =
      volumes.isEmpty
      ? nil
      : CheckboxField(
        "removesVolumes", label: "Remove its volumes as well, in the end", isOn: removesVolumes,
        hint: "Otherwise these stay with their content: "
          + volumes.map(\.name).joined(separator: ", ") + ".")
    refusal = detail.membership.decision(.deleteApplications, for: principal).reason.map {
      DisabledButton(id: "why-delete", label: "Delete this application", reason: $0)
    }
  }
}

/// The question whether a deleted application goes for good.
struct ApplicationRemovalPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let title: String
  let sentence: String
  let errors: FormErrors?
  let action: Link
  let cancel: Link
  let confirmation: Field

  init(
    chrome: PageChrome, _ application: DeletedApplication, in project: String,
    error: DomainError?
  ) {
    self.chrome = chrome
    let name = application.name
    title = "Remove \(name) for good"
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))],
      current: "Remove \(name)")
    sentence =
      "All that BabyHelm made for it goes from the cluster now"
      + (application.removesVolumes
        ? ", its volumes with their content too" : "; its volumes stay")
      + ". There is no way back."
    errors = error.map { FormErrors($0, fields: ["confirmation"]) }
    action = Paths.application(name, in: project, .remove)
    cancel = Paths.project(project)
    confirmation = Field(
      "confirmation", label: "Type “\(name)” to confirm", error: errors?["confirmation"],
      autocomplete: "off")
  }
}

/// The deleted applications on a project's page.
struct DeletedApplications: Sendable {
  struct Line: Sendable {
    let name: String
    let sentence: String
    let restore: Link?
    let remove: Link?
  }

  let lines: [Line]
  let token: String
  /// Why nobody here may restore one; nil for who may.
  let reason: String?

  var hasLines: Bool { !lines.isEmpty }
}

extension DeletedApplications {
  init(
    _ deleted: [DeletedApplication], in membership: ProjectMembership, token: String,
    principal: Principal
  ) {
    self.token = token
    let project = membership.project.name
    let decision = membership.decision(.deleteApplications, for: principal)
    reason = decision.reason
    lines = deleted.map { application in
      let name = application.name
      let who = application.deletedBy.isEmpty ? "" : " by \(application.deletedBy)"
      let isOpen = decision.isAllowed && !application.isBeingRemoved
      return Line(
        name: name,
        sentence: application.isBeingRemoved
          ? "is being removed from the cluster"
          : "deleted \(RelativeTime(application.deletedAt).text)\(who); goes for good "
            + RelativeTime(application.removedAt).text,
        restore: isOpen ? Paths.application(name, in: project, .restore) : nil,
        remove: isOpen ? Paths.application(name, in: project, .remove) : nil)
    }
  }
}
