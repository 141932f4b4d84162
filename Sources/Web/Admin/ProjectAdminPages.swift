import Domain
import Hummingbird
import Templates

/// All projects, and the cluster that they are on, for admins.
struct ProjectAdminPages: Sendable {
  let projects: Projects
  let applications: Applications
  let usage: Usage
  let grafana: GrafanaDashboards
  let database: DatabaseHealth
  /// Of this replica.
  let traffic: DatabaseTraffic

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("admin/projects", use: index)
    pages.get("admin/cluster", use: cluster)
  }

  @Sendable func index(request: Request, context: SignedInContext) async throws -> Page {
    let query = request.query("q")
    let page = try await projects.overview(
      matching: query, page: request.pageNumber, as: context.principal)
    let requests = try await projects.openQuotaRequests(as: context.principal)
    return Page(
      Template.Admin.projects(
        AllProjectsPage(
          chrome: context.chrome("Projects", section: .admin), page, query: query,
          requests: requests, use: { applications.usage(of: $0) })))
  }

  @Sendable func cluster(request: Request, context: SignedInContext) async throws -> Page {
    let report: ClusterReport?
    let problem: DomainError?
    do throws(DomainError) {
      (report, problem) = (try await usage.cluster(as: context.principal), nil)
    } catch {
      // A cluster that doesn't answer is what this page is for.
      guard error.reason == .unavailable else { throw error }
      (report, problem) = (nil, error)
    }
    let configuration = try usage.unusableConfiguration(as: context.principal)
    let storage = try await database.report(as: context.principal)
    return Page(
      Template.Admin.cluster(
        ClusterPage(
          chrome: context.chrome("Cluster", section: .admin), report, problem: problem,
          configuration: configuration,
          database: DatabaseCard(storage, traffic),
          dashboards: [.cluster, .server].compactMap {
            grafana.offer(of: $0, for: context.principal)
          }
        )))
  }
}
