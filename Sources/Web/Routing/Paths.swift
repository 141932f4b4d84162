import Domain
import Templates

/// Every link of the site as a function. A segment is always encoded whole, so
/// no name can change where a link leads.
enum Paths {
  static let home = Link(path: "/")
  static let register = Link(path: "/register")
  static let logout = Link(path: "/logout")
  static let visit = Link(path: "/visit")
  static let projects = Link(path: "/projects")
  static let trial = Link(path: "/projects/trial")
  static let newProject = Link(path: "/projects/new")
  static let account = Link(path: "/account")
  static let accountName = Link(path: "/account/name")
  static let accountPassword = Link(path: "/account/password")
  static let accountTokens = Link(path: "/account/tokens")
  static let endOtherSessions = Link(path: "/account/sessions/end-others")

  static func endSession(_ session: Session.ID) -> Link {
    Link(segments: ["account", "sessions", session.rawValue, "end"])
  }

  static func revokeToken(_ token: APIToken.ID) -> Link {
    Link(segments: ["account", "tokens", token.rawValue, "revoke"])
  }

  /// Where somebody sets their password with a link.
  static func reset(_ secret: String) -> Link {
    Link(segments: ["reset"], query: ["link": secret])
  }

  /// The login page, which leads on to `next`.
  static func login(next: LocalPath? = nil) -> Link {
    guard let next, next.text != "/" else { return Link(path: "/login") }
    return Link(segments: ["login"], query: ["next": next.text])
  }

  /// The way to the OpenID provider, which leads on to `next`.
  static func signOn(next: LocalPath? = nil) -> Link {
    guard let next, next.text != "/" else { return Link(path: "/login/sso") }
    return Link(segments: ["login", "sso"], query: ["next": next.text])
  }

  static func project(_ project: String) -> Link {
    Link(segments: ["projects", project])
  }

  /// Where a project is shown to everybody, or not any more.
  static func projectDemo(_ project: String) -> Link {
    Link(segments: ["projects", project, "demo"])
  }

  /// Where a project's guards are put back.
  static func projectGuards(_ project: String) -> Link {
    Link(segments: ["projects", project, "guards"])
  }

  /// Where a project's namespace is made again.
  static func projectNamespace(_ project: String) -> Link {
    Link(segments: ["projects", project, "namespace"])
  }

  /// What runs in a project without BabyHelm.
  static func adoptions(in project: String) -> Link {
    Link(segments: ["projects", project, "adopt"])
  }

  /// The deploy form, filled in from a Deployment.
  static func adopting(_ deployment: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", "new"], query: ["adopt": deployment])
  }

  /// The deploy form with an example filled in.
  static func example(in project: String) -> Link {
    Link(segments: ["projects", project, "apps", "new"], query: ["example": "1"])
  }

  /// Where the tags of an image are asked for.
  static func imageTags(in project: String) -> Link {
    Link(segments: ["projects", project, "tags"])
  }

  static func removeForeign(_ deployment: String, in project: String) -> Link {
    Link(segments: ["projects", project, "adopt", deployment, "remove"])
  }

  static func deleteProject(_ project: String) -> Link {
    Link(segments: ["projects", project, "delete"])
  }

  static func deletedProject(_ project: String) -> Link {
    Link(segments: ["projects", project, "deleted"])
  }

  static func restoreProject(_ project: String) -> Link {
    Link(segments: ["projects", project, "restore"])
  }

  static func removeProject(_ project: String) -> Link {
    Link(segments: ["projects", project, "remove"])
  }

  static func projectMembers(_ project: String) -> Link {
    Link(segments: ["projects", project, "members"])
  }

  /// Where a member gets another role.
  static func memberRole(_ user: User.ID, in project: String) -> Link {
    Link(segments: ["projects", project, "members", user.rawValue, "role"])
  }

  /// Where it is asked whether to remove a member, and done.
  static func memberRemoval(_ user: User.ID, in project: String) -> Link {
    Link(segments: ["projects", project, "members", user.rawValue, "remove"])
  }

  static func projectKubeconfig(_ project: String) -> Link {
    Link(segments: ["projects", project, "kubeconfig"])
  }

  /// What a project asked for, used and cost.
  static func projectUsage(_ project: String, over range: UsageRange = .day) -> Link {
    range == .day
      ? Link(segments: ["projects", project, "usage"])
      : Link(segments: ["projects", project, "usage"], query: ["range": range.rawValue])
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
    case delete, restore, remove, address, drift
    case liveManifests = "live-manifests"
    case liveYAML = "live.yaml"
  }

  /// The form that changes an application, filled in with what somebody
  /// changed by hand.
  static func adoption(of application: String, in project: String) -> Link {
    Link(path: "\(Self.application(application, in: project, .edit).text)?adopt=1")
  }

  /// What an application writes, with everything chosen about it.
  static func logs(
    _ application: String, in project: String, _ query: LogQuery, as face: LogFace = .page
  ) -> Link {
    let segments = ["projects", project, "apps", application] + face.segments
    let text = query.parameters.map { "\($0)=\(encoded($1))" }.joined(separator: "&")
    let path = Link(segments: segments).text
    return Link(path: text.isEmpty ? path : "\(path)?\(text)")
  }

  /// The ways to get a log.
  enum LogFace {
    case page, live, file

    var segments: [String] {
      switch self {
      case .page: ["logs"]
      case .live: ["logs", "live"]
      case .file: ["logs.txt"]
      }
    }
  }

  /// A value of a query, percent-encoded whole.
  private static func encoded(_ value: String) -> String {
    String(Link(segments: [value]).text.dropFirst())
  }

  static func eventsLive(_ application: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", application, "events", "live"])
  }

  static func application(
    _ application: String, in project: String, _ page: ApplicationPage
  ) -> Link {
    Link(segments: ["projects", project, "apps", application, page.rawValue])
  }

  /// The form that changes an application, open at one field.
  static func change(
    _ field: Diagnosis.Field, of application: String, in project: String
  ) -> Link {
    let form = Self.application(application, in: project, .edit).text
    return Link(path: "\(form)?focus=\(field.rawValue)#\(Field.id(of: field.rawValue))")
  }

  /// The releases before one.
  static func releases(of application: String, in project: String, before number: Int) -> Link {
    Link(
      segments: ["projects", project, "apps", application, "releases"],
      query: ["before": "\(number)"])
  }

  static func release(_ number: Int, of application: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", application, "releases", "\(number)"])
  }

  static func rollback(to number: Int, of application: String, in project: String) -> Link {
    Link(
      segments: ["projects", project, "apps", application, "releases", "\(number)", "rollback"])
  }

  static func hooks(of application: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", application, "hooks"])
  }

  static func hookRotation(_ hook: DeployHook.ID, of name: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", name, "hooks", hook.rawValue, "rotation"])
  }

  static func hookRemoval(_ hook: DeployHook.ID, of name: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", name, "hooks", hook.rawValue, "removal"])
  }

  /// Where a registry or a CI posts to.
  static func hookCall(_ hook: DeployHook.ID, secret: String? = nil) -> Link {
    Link(segments: ["hooks", "deploy", hook.rawValue] + (secret.map { [$0] } ?? []))
  }

  /// What the buttons of an application's page send.
  enum Action: String {
    case scale, restart, stop, start, pause, resume, cancel
    case putBack = "put-back"
  }

  static func action(_ action: Action, on application: String, in project: String) -> Link {
    Link(segments: ["projects", project, "apps", application, action.rawValue])
  }

  static func adminUsers(query: String = "", page: Int = 1) -> Link {
    if query.isEmpty, page == 1 { return Link(path: "/admin/users") }
    return Link(segments: ["admin", "users"], query: ["q": query, "page": "\(page)"])
  }

  static func adminUsage(over range: UsageRange = .day) -> Link {
    range == .day
      ? Link(path: "/admin/usage")
      : Link(segments: ["admin", "usage"], query: ["range": range.rawValue])
  }

  /// What people did: everything, or in one project.
  static func audit(of project: String?, _ parameters: [(String, String)] = []) -> Link {
    let path =
      project.map { Link(segments: ["projects", $0, "audit"]) } ?? Link(path: "/admin/audit")
    let query = parameters.map { "\($0)=\(encoded($1))" }.joined(separator: "&")
    return query.isEmpty ? path : Link(path: "\(path.text)?\(query)")
  }

  static func auditExport(_ format: AuditExport) -> Link {
    Link(segments: ["admin", "audit.\(format.rawValue)"])
  }

  static func adminProjects(query: String = "", page: Int = 1) -> Link {
    if query.isEmpty, page == 1 { return Link(path: "/admin/projects") }
    return Link(segments: ["admin", "projects"], query: ["q": query, "page": "\(page)"])
  }

  /// A project's alerts, with what is asked for.
  static func alerts(of project: String, _ parameters: [(String, String)] = []) -> Link {
    query(parameters, at: Link(segments: ["projects", project, "alerts"]))
  }

  static func alert(_ alert: Alert.ID, in project: String) -> Link {
    Link(segments: ["projects", project, "alerts", alert.rawValue])
  }

  /// Where an alert of a project is silenced.
  static func silence(_ alert: Alert.ID, in project: String) -> Link {
    Link(segments: ["projects", project, "alerts", alert.rawValue, "silences"])
  }

  static func endSilence(_ silence: AlertSilence.ID, in project: String) -> Link {
    Link(segments: ["projects", project, "silences", silence.rawValue, "end"])
  }

  static func adminAlerts(_ parameters: [(String, String)] = []) -> Link {
    query(parameters, at: Link(path: "/admin/alerts"))
  }

  static func adminAlert(_ alert: Alert.ID) -> Link {
    Link(segments: ["admin", "alerts", alert.rawValue])
  }

  static func adminSilence(_ alert: Alert.ID) -> Link {
    Link(segments: ["admin", "alerts", alert.rawValue, "silences"])
  }

  static func adminEndSilence(_ silence: AlertSilence.ID) -> Link {
    Link(segments: ["admin", "silences", silence.rawValue, "end"])
  }

  static let adminAlertToken = Link(path: "/admin/alerts/token")
  static let adminAlertTokenRevocation = Link(path: "/admin/alerts/token/revoke")

  /// An application's charts, at one of them.
  static func charts(
    of application: String, in project: String, _ kind: MetricChart.Kind?
  ) -> Link {
    let page = Self.application(application, in: project, .metrics)
    return kind.map { Link(path: "\(page.text)#\($0.rawValue)") } ?? page
  }

  private static func query(_ parameters: [(String, String)], at page: Link) -> Link {
    let text = parameters.map { "\($0)=\(encoded($1))" }.joined(separator: "&")
    return text.isEmpty ? page : Link(path: "\(page.text)?\(text)")
  }

  static let adminInvitations = Link(path: "/admin/invitations")

  static func invitationRevocation(_ id: Invitation.ID, in project: String?) -> Link {
    Link(
      segments: (project.map { ["projects", $0] } ?? ["admin"])
        + ["invitations", id.rawValue, "revocation"])
  }

  static func projectInvitations(_ project: String) -> Link {
    Link(segments: ["projects", project, "invitations"])
  }

  /// What an invited person opens.
  static func invitation(_ secret: String) -> Link {
    Link(segments: ["invitation"], query: ["link": secret])
  }

  static let adminCluster = Link(path: "/admin/cluster")

  static func quota(of project: String) -> Link {
    Link(segments: ["projects", project, "quota"])
  }

  static func quotaWithdrawal(of project: String) -> Link {
    Link(segments: ["projects", project, "quota", "withdrawal"])
  }

  /// Where an admin answers a request.
  static func quotaDecision(of project: String) -> Link {
    Link(segments: ["projects", project, "quota", "decision"])
  }

  static let adminSettings = Link(path: "/admin/settings")
  static let adminPolicy = Link(path: "/admin/settings/policy")
  static let adminPrices = Link(path: "/admin/settings/prices")

  static func adminUserSuspension(_ user: User.ID) -> Link {
    Link(segments: ["admin", "users", user.rawValue, "suspension"])
  }

  static func adminUserReset(_ user: User.ID) -> Link {
    Link(segments: ["admin", "users", user.rawValue, "reset"])
  }

  static func adminUserRole(_ user: User.ID) -> Link {
    Link(segments: ["admin", "users", user.rawValue, "role"])
  }
}
