import Domain
import Templates

/// The way between the pages of a project.
struct ProjectTabs: Sendable {
  enum Page: CaseIterable {
    case applications, monitoring, alerts, usage, members, notifications, audit, settings
  }

  let tabs: [Tab]

  /// - Parameters:
  ///   - current: where the person is.
  ///   - isWithin: whether the page is one below that, as a single alert is.
  init(
    _ current: Page, isWithin: Bool = false, of membership: ProjectMembership,
    for principal: Principal
  ) {
    let pages = Page.allCases.filter { $0.isShown(of: membership, to: principal) }
    self.init(current, isWithin: isWithin, in: membership.project.name, pages: pages)
  }

  init(
    _ current: Page, isWithin: Bool = false, in project: String, pages: [Page] = Page.allCases
  ) {
    tabs = pages.map { page in
      Tab(
        text: page.text, link: page.link(in: project), isCurrent: page == current,
        isWithin: isWithin)
    }
  }
}

extension ProjectTabs.Page {
  fileprivate var text: String {
    switch self {
    case .applications: "Applications"
    case .monitoring: "Monitoring"
    case .alerts: "Alerts"
    case .usage: "Use and cost"
    case .members: "Members"
    case .notifications: "Notifications"
    case .audit: "Audit"
    case .settings: "Settings"
    }
  }

  fileprivate func link(in project: String) -> Link {
    switch self {
    case .applications: Paths.project(project)
    case .monitoring: Paths.projectMonitoring(project)
    case .alerts: Paths.alerts(of: project)
    case .usage: Paths.projectUsage(project)
    case .members: Paths.projectMembers(project)
    case .notifications: Paths.notifications(of: project)
    case .audit: Paths.audit(of: project)
    case .settings: Paths.projectSettings(project)
    }
  }

  fileprivate func isShown(of membership: ProjectMembership, to principal: Principal) -> Bool {
    switch self {
    case .applications, .monitoring, .alerts, .usage, .settings: true
    // The people in a demo are nobody else's business.
    case .members, .notifications: !membership.isOutsider
    case .audit: membership.decision(.readProjectAudit, for: principal).isAllowed
    }
  }
}
