import Templates

/// The way between the pages of admins.
struct AdminTabs: Sendable {
  enum Page: String, CaseIterable {
    case users, invitations, projects, cluster, alerts, usage, audit, notifications, settings
  }

  let tabs: [Tab]

  /// - Parameter isWithin: whether the page is one below that, as a single alert is.
  init(_ current: Page, isWithin: Bool = false) {
    tabs = Page.allCases.map { page in
      let (text, link) =
        switch page {
        case .users: ("Users", Paths.adminUsers())
        case .invitations: ("Invitations", Paths.adminInvitations)
        case .projects: ("Projects", Paths.adminProjects())
        case .cluster: ("Cluster", Paths.adminCluster)
        case .alerts: ("Alerts", Paths.adminAlerts())
        case .usage: ("Use and cost", Paths.adminUsage())
        case .audit: ("Audit", Paths.audit(of: nil))
        case .notifications: ("Notifications", Paths.adminNotifications)
        case .settings: ("Settings", Paths.adminSettings)
        }
      return Tab(text: text, link: link, isCurrent: page == current, isWithin: isWithin)
    }
  }
}
