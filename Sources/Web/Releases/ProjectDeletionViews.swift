import Domain
import Templates

/// The settings of a project: showing it as a demo, and deleting it.
struct ProjectSettingsPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let name: String
  let errors: FormErrors?
  let action: Link
  /// What goes in the end, a line each.
  let lines: [String]
  /// What was made without BabyHelm and goes too; nil for nothing.
  let foreign: String?
  /// For who may show it to everybody.
  let demo: CheckboxField?
  let demoAction: Link
  let confirmation: Field
  let includesApplications: CheckboxField?
  let removesVolumes: CheckboxField?
  let refusal: DisabledButton?

  var mayDelete: Bool { refusal == nil }

  init(
    chrome: PageChrome, _ contents: ProjectContents, form: FormBody, error: DomainError?,
    principal: Principal
  ) {
    self.chrome = chrome
    let name = contents.membership.project.name
    self.name = name
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(name, Paths.project(name))],
      current: "Settings")
    tabs = ProjectTabs(.settings, of: contents.membership, for: principal)
    let errors = error.map {
      FormErrors($0, fields: ["includesApplications", "removesVolumes", "confirmation"])
    }
    self.errors = errors
    action = Paths.deleteProject(name)
    let project = contents.membership.project
    demoAction = Paths.projectDemo(name)
    demo =
      project.kind != .trial && AccessTable.decide(.markDemos, of: principal).isAllowed
      ? CheckboxField("isDemo", label: "Show it to everybody", isOn: project.isDemo) : nil
    lines =
      contents.applications.map { "the application \($0), with its releases" }
      + contents.volumes.map { "the volume \($0), with all that is stored in it" }
      + ["the access of its members", "the namespace \(name), with its quota and guards"]
    foreign = contents.foreign.isEmpty ? nil : contents.foreign.joined(separator: ", ")
    includesApplications =
      contents.applications.isEmpty
      ? nil
      : CheckboxField(
        "includesApplications", label: "Yes, with its applications",
        isOn: form.isOn("includesApplications"), error: errors?["includesApplications"])
    removesVolumes =
      contents.volumes.isEmpty
      ? nil
      : CheckboxField(
        "removesVolumes", label: "Remove its volumes as well, in the end",
        isOn: form.isOn("removesVolumes"),
        hint: "They can’t stay without the namespace. Until it is removed they keep their content.",
        error: errors?["removesVolumes"])
    confirmation = Field(
      "confirmation", label: "Type “\(name)” to confirm", value: form.string("confirmation"),
      error: errors?["confirmation"], autocomplete: "off")
    refusal = contents.membership.decision(.deleteProject, for: principal).reason.map {
      DisabledButton(id: "why-delete", label: "Delete this project", reason: $0)
    }
  }
}

/// A deleted project, to those who may bring it back.
struct DeletedProjectPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let name: String
  let who: String
  let deletedAt: RelativeTime
  let removedAt: RelativeTime
  /// What happens at the moment; nil when nothing does.
  let progress: String?
  /// What holds up the end of its namespace.
  let remains: [String]
  let errors: FormErrors?
  let confirmation: Field
  let restore: Link
  let remove: Link
  let isBeingRemoved: Bool

  var hasRemains: Bool { !remains.isEmpty }

  init(
    chrome: PageChrome, _ project: DeletedProject, remains: [String], error: DomainError?
  ) {
    self.chrome = chrome
    let name = project.project.name
    self.name = name
    breadcrumb = Breadcrumb([ActionLink("Projects", Paths.projects)], current: name)
    who = project.deletedBy.isEmpty ? MessageCatalogue.shown("somebody") : project.deletedBy
    deletedAt = RelativeTime(project.deletedAt)
    removedAt = RelativeTime(project.removedAt)
    isBeingRemoved = project.isBeingRemoved
    let running = project.runningApplications
    progress =
      project.isBeingRemoved
      ? "The cluster is removing the namespace \(name). This page shows what holds it up; it ends by itself."
      : running == 0
        ? nil
        : "\(running == 1 ? "One application is" : "\(running) applications are") being stopped."
    self.remains = remains
    errors = error.map { FormErrors($0, fields: ["confirmation"]) }
    confirmation = Field(
      "confirmation", label: "Type “\(name)” to confirm", error: errors?["confirmation"],
      autocomplete: "off")
    restore = Paths.restoreProject(name)
    remove = Paths.removeProject(name)
  }
}

/// The deleted projects below the list of projects.
struct DeletedProjectLine: Sendable {
  let name: String
  let link: Link
  let sentence: String

  init(_ project: DeletedProject) {
    name = project.project.name
    link = Paths.deletedProject(name)
    sentence =
      project.isBeingRemoved
      ? "is being removed from the cluster"
      : "deleted \(RelativeTime(project.deletedAt).text); goes for good "
        + RelativeTime(project.removedAt).text
  }
}
