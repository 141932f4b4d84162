import Domain
import Templates

/// The list of projects.
struct ProjectsPage: Sendable {
  /// One line of it.
  struct Line: Sendable {
    let name: String
    let link: Link
    let badge: Badge
    /// How many alerts fire; nil for none.
    let alerts: Badge?
    let alertsLink: Link
    let applications: String
    let role: String
    let quota: String
    /// When something was deployed last; nil for an empty one.
    let changed: RelativeTime?
    /// "demo" or "trial"; nil for an ordinary one.
    let tag: String?
  }

  let chrome: PageChrome
  /// Whether anything is wrong, at a glance.
  let summary: Badge
  let tools: ListTools
  let lines: [Line]
  let pagination: Pagination
  let empty: EmptyState
  let newProject: Link?
  let refusal: DisabledButton?
  /// Whether the visitor may have a project of their own for an hour.
  let mayTry: Bool
  let tryOut = Paths.trial
  /// Those that the person may restore.
  let deleted: [DeletedProjectLine]

  var hasDeleted: Bool { !deleted.isEmpty }
  var hasProjects: Bool { !lines.isEmpty }
  /// Whether there is anything to search in.
  var hasChoice: Bool { hasProjects || !tools.text.isEmpty }

  /// Of the projects on this page, which begins with the worst.
  private static func summary(
    _ page: ProjectPageList, _ health: [Project.ID: Health], _ alerts: [Project.ID: Int]
  ) -> Badge {
    let failing = page.projects.count { health[$0.project.id] == .failing }
    let warned = page.projects.count { alerts[$0.project.id] != nil }
    let moving = page.projects.count { health[$0.project.id] == .progressing }
    if failing > 0 { return Badge(.bad, failing == 1 ? "1 fails" : "\(failing) fail") }
    if warned > 0 {
      return Badge(.warning, warned == 1 ? "1 with alerts" : "\(warned) with alerts")
    }
    if moving > 0 {
      return Badge(.working, moving == 1 ? "1 is changing" : "\(moving) are changing")
    }
    return Badge(.good, "Nothing is wrong")
  }

  init(
    chrome: PageChrome, _ page: ProjectPageList, _ choice: ListChoice = ListChoice(usual: .health),
    health: [Project.ID: Health],
    alerts: [Project.ID: Int] = [:],
    deleted: [DeletedProject] = [], mayTry: Bool = false, principal: Principal
  ) {
    self.chrome = chrome
    tools = ListTools(choice, to: ["projects"], label: "Part of a project’s name")
    summary = Self.summary(page, health, alerts)
    self.mayTry = mayTry
    self.deleted = deleted.map(DeletedProjectLine.init)
    lines = page.projects.map { membership in
      let project = membership.project
      let count = membership.applicationCount
      return Line(
        name: project.name, link: Paths.project(project.name),
        badge: project.state == .creating
          ? Badge(.working, "Being made")
          : count == 0
            ? Badge(.neutral, "Empty") : (health[project.id] ?? .unknown).badge,
        alerts: alerts[project.id].map {
          Badge(.warning, $0 == 1 ? "1 alert" : "\($0) alerts")
        }, alertsLink: Paths.alerts(of: project.name),
        applications: "\(count)",
        role: membership.roleText,
        quota: "\(project.quota.cpu) CPU, \(project.quota.memory), \(project.quota.pods) pods",
        changed: count == 0 ? nil : page.changedAt[project.id].map { RelativeTime($0) },
        tag: project.kind.tag)
    }
    pagination = Pagination(page: page.page, pageSize: page.pageSize, total: page.total) {
      choice.link(to: ["projects"], page: $0)
    }
    let decision = AccessTable.decide(.createProjects, of: principal)
    newProject = decision.isAllowed ? Paths.newProject : nil
    refusal =
      mayTry
      ? nil
      : decision.reason.map {
        DisabledButton(id: "why-new", label: "New project", reason: $0)
      }
    empty = EmptyState(
      !choice.text.isEmpty
        ? "No project is called “\(choice.text)”"
        : page.total == 0 ? "No projects yet" : "No projects on this page",
      !choice.text.isEmpty
        ? "Search for another part of its name."
        : decision.isAllowed
          ? "A project is a namespace of its own with a quota. Make one, then deploy an image into it."
          : principal.vanishesAt == nil
            ? "Ask somebody to add you to a project." : "Nobody shows a project as a demo yet.",
      action: !choice.text.isEmpty
        ? ActionLink("All projects", Paths.projects)
        : decision.isAllowed ? ActionLink("Create your first project", Paths.newProject) : nil)
  }
}

/// The form for a new project.
struct NewProjectPage: Sendable {
  let chrome: PageChrome
  let breadcrumb = Breadcrumb([ActionLink("Projects", Paths.projects)], current: "New project")
  let errors: FormErrors?
  let name: Field
  let quota: QuotaFields
  let podSecurity: SelectField
  let refusal: DisabledButton?
  let action = Paths.newProject
  let cancel = Paths.projects

  var mayCreate: Bool { refusal == nil }

  init(
    chrome: PageChrome, form: ProjectForm, error: DomainError?, principal: Principal
  ) {
    self.chrome = chrome
    let errors = error.map { FormErrors($0, fields: ProjectForm.fields) }
    self.errors = errors
    let draft = form.draft
    name = Field(
      "name", label: "Name", value: draft.name,
      hint: "Lower-case letters, digits and dashes. It becomes the namespace’s name and stays.",
      error: errors?["name"], autocomplete: "off", placeholder: "shop", maximumLength: nil)
    quota = QuotaFields(
      QuotaDraft(cpu: draft.cpu, memory: draft.memory, pods: draft.pods, storage: draft.storage),
      errors: errors)
    podSecurity = SelectField(
      "podSecurity", label: "Pods may",
      options: [
        "baseline": "run as root in their container, as most public images do (baseline)",
        "restricted": "never run as root (restricted)",
      ], selected: draft.podSecurity,
      hint: "The cluster refuses pods that ask for more than this level of Pod Security allows.",
      error: errors?["podSecurity"])
    refusal = AccessTable.decide(.createProjects, of: principal).reason.map {
      DisabledButton(id: "why-create", label: "Create project", reason: $0)
    }
  }
}

/// One project with its applications.
struct ProjectPage: Sendable {
  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let name: String
  let standing: String
  let tag: String?
  /// When it vanishes; nil for a project that stays.
  let vanishes: RelativeTime?
  let meters: [Meter]
  let tools: ListTools
  let applications: ProjectApplications
  let isolation: IsolationCard
  let grafana: GrafanaPanel?
  let firing: FiringAlerts
  let deleted: DeletedApplications
  let newApplication: Link?
  let refusal: DisabledButton?
  /// Its pages, as far as the person may see them.
  let tabs: ProjectTabs
  let quota: Link
  let adopt: Link?
  let live: Link
  let yaml: Link
  let chart: Link
  let created: RelativeTime

  var hasMeters: Bool { !meters.isEmpty }
  /// Whether there is anything to search in.
  var hasTools: Bool { applications.hasApplications || !tools.text.isEmpty }
}

extension ProjectPage {
  init(
    chrome: PageChrome, _ list: ApplicationPage, _ choice: ListChoice = ListChoice(usual: .name),
    isolation: IsolationCard,
    grafana: GrafanaPanel? = nil, alerts firing: FiringAlerts, principal: Principal
  ) {
    self.chrome = chrome
    self.grafana = grafana
    self.isolation = isolation
    self.firing = firing
    let membership = list.membership
    name = membership.project.name
    breadcrumb = Breadcrumb([ActionLink("Projects", Paths.projects)], current: name)
    standing =
      membership.isOutsider
      ? "You look at a demo: you may see what runs here, and change nothing."
      : "Your role here: \(membership.roleText)."
    tag = membership.project.kind.tag
    vanishes = membership.project.expiresAt.map { RelativeTime($0) }
    meters = list.usage.quotas.map(Meter.init)
    tools = ListTools(
      choice, to: ["projects", name], label: "Part of an application’s name")
    applications = ProjectApplications(list, choice)
    deleted = DeletedApplications(
      list.deleted, in: membership, token: chrome.formToken, principal: principal)
    let decision = membership.decision(.deployApplications, for: principal)
    newApplication = decision.isAllowed ? Paths.newApplication(in: name) : nil
    refusal = decision.reason.map {
      DisabledButton(id: "why-deploy", label: "Deploy an application", reason: $0)
    }
    tabs = ProjectTabs(.applications, of: membership, for: principal)
    quota = Paths.quota(of: name)
    adopt =
      membership.isOutsider || membership.project.expiresAt != nil ? nil : Paths.adoptions(in: name)
    live = choice.link(to: ["projects", name, "live"], page: choice.page)
    yaml = Paths.export(name, .yaml)
    chart = Paths.export(name, .chart)
    created = RelativeTime(membership.project.createdAt)
  }
}

/// The part of a project's page that updates by itself.
struct ProjectApplications: Sendable {
  /// One line of the list.
  struct Line: Sendable {
    let name: String
    let link: Link
    let image: String
    let badge: Badge
    let replicas: String
    let release: String
    let changed: RelativeTime
  }

  let lines: [Line]
  let pagination: Pagination
  let empty: EmptyState

  var hasApplications: Bool { !lines.isEmpty }
}

extension ProjectApplications {
  init(_ list: ApplicationPage, _ choice: ListChoice = ListChoice(usual: .name)) {
    let project = list.membership.project.name
    lines = list.applications.map { overview in
      let application = overview.application
      return Line(
        name: application.name, link: Paths.application(application.name, in: project),
        image: application.image, badge: overview.health.badge,
        replicas: overview.desired.map { "\(overview.ready)/\($0)" } ?? "–",
        release: "#\(application.releaseNumber)", changed: RelativeTime(application.updatedAt))
    }
    pagination = Pagination(page: list.page, pageSize: list.pageSize, total: list.total) {
      choice.link(to: ["projects", project], page: $0)
    }
    if !choice.text.isEmpty {
      empty = EmptyState(
        "No application is called “\(choice.text)”", "Search for another part of its name.",
        action: ActionLink("All applications", Paths.project(project)))
      return
    }
    empty = EmptyState(
      "Nothing runs here yet",
      "Deploy a container image: nginx:1.27 on port 80 is a good first one.")
  }
}

extension ProjectMembership {
  /// "owner", "read only", or "admin" for an admin who isn't a member.
  var roleText: String { role?.rawValue ?? (isOutsider ? "read only" : "admin") }
}

extension ProjectKind {
  /// The word beside a project's name; nil for an ordinary one.
  var tag: String? { self == .ordinary ? nil : rawValue }
}

extension Meter {
  init(_ quota: QuotaUsage) {
    let label =
      switch quota.resource {
      case .cpuRequests: "CPU"
      case .memoryRequests: "Memory"
      case .memoryLimits: "Memory limits"
      case .pods: "Pods"
      case .storage: "Storage"
      }
    self.init(label: label, used: quota.used, hard: quota.hard, percent: quota.percent)
  }
}

extension Health {
  var badge: Badge {
    switch self {
    case .healthy: Badge(.good, "Healthy")
    case .progressing: Badge(.working, "Rolling out")
    case .failing: Badge(.bad, "Failing")
    case .stopped: Badge(.neutral, "Stopped")
    case .unknown: Badge(.neutral, "Unknown")
    }
  }
}
