import Domain
import Templates

/// All projects, for admins.
struct AllProjectsPage: Sendable {
  struct Line: Sendable {
    let name: String
    /// Nil for a deleted one.
    let link: Link?
    let owners: String
    let quota: String
    let quotaLink: Link
    let use: String
    let level: String
    let applications: Int
    let created: RelativeTime
    let isDeleted: Bool
    let tag: String?
  }

  struct Request: Sendable {
    let project: String
    let link: Link
    let quota: String
    let askedBy: String
    let asked: RelativeTime
  }

  let chrome: PageChrome
  let tabs = AdminTabs(.projects)
  let query: String
  let summary: String
  let lines: [Line]
  let requests: [Request]
  let pagination: Pagination
  let empty: EmptyState

  var hasLines: Bool { !lines.isEmpty }
  var hasRequests: Bool { !requests.isEmpty }

  init(
    chrome: PageChrome, _ page: ProjectOverviewPage, query: String, requests: [QuotaRequest],
    use: (Project) -> ProjectUsage
  ) {
    self.chrome = chrome
    self.query = query
    let count = "\(Pagination.grouped(page.total)) \(page.total == 1 ? "project" : "projects")"
    summary =
      query.isEmpty ? count : "\(count) \(page.total == 1 ? "matches" : "match") “\(query)”"
    lines = page.projects.map { overview in
      let project = overview.project
      let isDeleted = project.deletedAt != nil
      return Line(
        name: project.name, link: isDeleted ? nil : Paths.project(project.name),
        owners: overview.owners.isEmpty
          ? MessageCatalogue.shown("nobody") : overview.owners.joined(separator: ", "),
        quota: project.quota.sentence, quotaLink: Paths.quota(of: project.name),
        use: Self.sentence(use(project)), level: project.podSecurity.rawValue,
        applications: overview.applicationCount, created: RelativeTime(project.createdAt),
        isDeleted: isDeleted, tag: isDeleted ? "deleted" : project.kind.tag)
    }
    self.requests = requests.map {
      Request(
        project: $0.projectName, link: Paths.quota(of: $0.projectName), quota: $0.quota.sentence,
        askedBy: $0.askedBy, asked: RelativeTime($0.createdAt))
    }
    pagination = Pagination(page: page.page, pageSize: page.pageSize, total: page.total) {
      Paths.adminProjects(query: query, page: $0)
    }
    empty =
      query.isEmpty
      ? EmptyState("No projects yet", "Members make them on the page “Projects”.")
      : EmptyState(
        "Nothing found", "No project, and no owner of one, is called “\(query)”.",
        action: ActionLink("Show all", Paths.adminProjects()))
  }

  /// "CPU 20 %, memory 12 %": what is used most, of what.
  private static func sentence(_ use: ProjectUsage) -> String {
    let shown: [(QuotaUsage.Resource, String)] = [
      (.cpuRequests, "CPU"), (.memoryRequests, "memory"), (.pods, "pods"), (.storage, "storage"),
    ]
    let parts = shown.compactMap { resource, word in
      use.quotas.first { $0.resource == resource }.map { "\(word) \($0.percent) %" }
    }
    return parts.isEmpty ? "not counted yet" : parts.joined(separator: ", ")
  }
}

/// The cluster, for admins.
struct ClusterPage: Sendable {
  struct Node: Sendable {
    let name: String
    let badge: Badge
    let version: String
    let cpu: String
    let memory: String
    let pods: Int
  }

  struct Problem: Sendable {
    let text: String
    let advice: String
  }

  let chrome: PageChrome
  let tabs = AdminTabs(.cluster)
  let problem: Problem?
  /// That the kubeconfig can't be used as it is now.
  let configuration: Problem?
  let version: String?
  let nodes: [Node]
  /// Why no nodes are shown; nil when they are.
  let nodeNote: String?
  let meters: [Meter]
  let missing: [String]
  let rightsBadge: Badge?
  let database: DatabaseCard
  /// In Grafana; none without one.
  let dashboards: [ActionLink]

  var hasNodes: Bool { !nodes.isEmpty }
  var hasMeters: Bool { !meters.isEmpty }
  var hasMissing: Bool { !missing.isEmpty }

  init(
    chrome: PageChrome, _ report: ClusterReport?, problem: DomainError?,
    configuration: DomainError? = nil, database: DatabaseCard, dashboards: [GrafanaOffer] = []
  ) {
    self.chrome = chrome
    self.database = database
    self.dashboards = dashboards.map { offer in
      ActionLink(
        offer.dashboard == .server ? "BabyHelm in Grafana" : "Cluster in Grafana",
        offer.address.flatMap(Link.init(url:)) ?? Paths.grafana(offer.dashboard))
    }
    self.problem = problem.map { Problem(text: $0.message, advice: $0.advice) }
    self.configuration = configuration.map { Problem(text: $0.message, advice: $0.advice) }
    version = report?.version
    nodes = (report?.nodes ?? []).map(Node.init)
    nodeNote =
      switch report?.nodes {
      case nil: report == nil ? nil : "BabyHelm may not list the nodes (list nodes)."
      case .some(let nodes): nodes.isEmpty ? "The cluster has no nodes." : nil
      }
    meters = report.map(Self.meters) ?? []
    missing = report?.missingRights ?? []
    rightsBadge = report.map {
      $0.missingRights.isEmpty
        ? Badge(.good, "Complete")
        : Badge(.bad, "\($0.missingRights.count) missing")
    }
  }

  private static func meters(_ report: ClusterReport) -> [Meter] {
    let capacity = report.capacity
    guard capacity.cpu > 0, capacity.memory > 0 else { return [] }
    return [
      Meter(
        label: "CPU asked for by projects", used: UsageText.cpu(report.requested.cpu),
        hard: UsageText.cpu(capacity.cpu), percent: percent(report.requested.cpu, capacity.cpu)),
      Meter(
        label: "Memory asked for by projects", used: UsageText.memory(report.requested.memory),
        hard: UsageText.memory(capacity.memory),
        percent: percent(report.requested.memory, capacity.memory)),
    ]
  }

  private static func percent(_ part: Int64, _ whole: Int64) -> Int {
    Int(clamping: Int128(part) * 100 / Int128(whole))
  }
}

extension ClusterPage.Node {
  init(_ node: ClusterReport.Node) {
    name = node.name
    badge =
      if !node.isReady {
        Badge(.bad, "Not ready")
      } else if !node.pressures.isEmpty {
        Badge(.warning, node.pressures.joined(separator: ", "))
      } else if node.isUnschedulable {
        Badge(.neutral, "Takes no new pods")
      } else {
        Badge(.good, "Ready")
      }
    version = node.version
    cpu = UsageText.cpu(node.capacity.cpu)
    memory = UsageText.memory(node.capacity.memory)
    pods = node.pods
  }
}
