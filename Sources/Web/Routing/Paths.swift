import Domain
import Templates

/// Every link of the site as a function. A segment is always encoded whole, so
/// no name can change where a link leads.
enum Paths {
  static let home = Link(path: "/")
  static let register = Link(path: "/register")
  static let logout = Link(path: "/logout")
  static let projects = Link(path: "/projects")
  static let newProject = Link(path: "/projects/new")
  static let account = Link(path: "/account")

  /// The login page, which leads on to `next`.
  static func login(next: LocalPath? = nil) -> Link {
    guard let next, next.text != "/" else { return Link(path: "/login") }
    return Link(segments: ["login"], query: ["next": next.text])
  }

  /// A page of the project list.
  static func projects(page: Int) -> Link {
    page == 1 ? projects : Link(segments: ["projects"], query: ["page": "\(page)"])
  }

  static func project(_ project: String, page: Int = 1) -> Link {
    page == 1
      ? Link(segments: ["projects", project])
      : Link(segments: ["projects", project], query: ["page": "\(page)"])
  }

  static func projectLive(_ project: String) -> Link {
    Link(segments: ["projects", project, "live"])
  }

  /// Where a project's guards are put back.
  static func projectGuards(_ project: String) -> Link {
    Link(segments: ["projects", project, "guards"])
  }

  static func projectMembers(_ project: String) -> Link {
    Link(segments: ["projects", project, "members"])
  }

  static func projectSettings(_ project: String) -> Link {
    Link(segments: ["projects", project, "settings"])
  }

  static func projectMonitoring(_ project: String) -> Link {
    Link(segments: ["projects", project, "monitoring"])
  }

  /// A project's download: its manifests, or its Helm chart.
  static func export(_ project: String, _ file: Download) -> Link {
    Link(segments: ["projects", project, file.rawValue])
  }

  /// An application's download.
  static func export(_ application: String, in project: String, _ file: Download) -> Link {
    Link(segments: ["projects", project, "apps", application, file.rawValue])
  }

  /// What can be downloaded.
  enum Download: String {
    case yaml = "manifests.yaml"
    case chart = "chart.tgz"
  }

  static func newApplication(in project: String) -> Link {
    Link(segments: ["projects", project, "apps", "new"])
  }

  static func application(_ application: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", application])
  }

  /// A subpage of an application.
  enum ApplicationPage: String {
    case deploys, edit, releases, logs, events, metrics, config, manifests, settings, live
  }

  static func application(
    _ application: String, in project: String, _ page: ApplicationPage
  ) -> Link {
    Link(segments: ["projects", project, "apps", application, page.rawValue])
  }

  static func adminUsers(query: String = "", page: Int = 1) -> Link {
    if query.isEmpty, page == 1 { return Link(path: "/admin/users") }
    return Link(segments: ["admin", "users"], query: ["q": query, "page": "\(page)"])
  }

  static func adminUserRole(_ user: User.ID) -> Link {
    Link(segments: ["admin", "users", user.rawValue, "role"])
  }
}
