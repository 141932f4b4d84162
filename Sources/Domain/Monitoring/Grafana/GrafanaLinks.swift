/// The addresses of the dashboards in deploy/grafana. Their uids are fixed and
/// their variables are part of the address, so a new project has its dashboard
/// without anybody making one.
public struct GrafanaLinks: Sendable, Hashable {
  /// A dashboard with what it shows.
  public enum Dashboard: Sendable, Hashable {
    case project(String)
    case application(String, project: String)
    /// All nodes and projects.
    case cluster
    /// BabyHelm itself.
    case server

    /// As provisioned.
    public var uid: String {
      switch self {
      case .project: "babyhelm-project"
      case .application: "babyhelm-application"
      case .cluster: "babyhelm-cluster"
      case .server: "babyhelm-server"
      }
    }

    /// The last part of its address, which says it to people.
    private var slug: String { String(uid.dropFirst("babyhelm-".count)) }

    var path: String { "/d/\(uid)/\(slug)" }

    var variables: [(String, String)] {
      switch self {
      case .project(let project): [("namespace", project)]
      case .application(let name, let project): [("namespace", project), ("application", name)]
      case .cluster, .server: []
      }
    }
  }

  private let address: String
  private let organization: Int?
  private let home: String

  public init(_ settings: GrafanaSettings) {
    address = settings.address
    home = settings.issuer
    organization = settings.organization
  }

  /// A dashboard's address.
  ///
  /// - Parameters:
  ///   - isFramed: without Grafana's own navigation (`kiosk`).
  ///   - token: who looks (`auth_token` of `url_login`).
  public func address(
    of dashboard: Dashboard, isFramed: Bool = false, token: String? = nil
  ) -> String {
    var parameters = organization.map { ["orgId=\($0)"] } ?? []
    parameters += dashboard.variables.map { "var-\($0)=\(FormEncoding.encoded($1))" }
    // Where the dashboards' links lead back to.
    if !home.isEmpty { parameters.append("var-babyhelm=\(FormEncoding.encoded(home))") }
    if isFramed { parameters.append("kiosk") }
    if let token { parameters.append("auth_token=\(token)") }
    let query = parameters.isEmpty ? "" : "?\(parameters.joined(separator: "&"))"
    return address + dashboard.path + query
  }
}
