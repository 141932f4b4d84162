import Domain
import HTTPTypes
import Hummingbird

/// The one table of what is answered where: middleware from the outside in,
/// then each feature's routes.
enum SiteRouter {
  static func make(site: Site, services: Services) -> Router<AppRequestContext> {
    let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: TrustedProxy(site: site))
    router.add(middleware: RequestLog())
    router.add(middleware: SecurityHeaders(isSecure: site.isSecure))
    // Refusals before it is known who asks.
    router.add(middleware: ErrorPages())
    HealthPages(checks: services.readiness).addRoutes(to: router)
    StaticFiles().addRoutes(to: router)

    router.add(middleware: ClusterStaleness(since: { services.domain.clusterState.staleSince }))
    router.add(middleware: SessionAuthentication(accounts: services.domain.accounts))
    // Refusals to somebody known, within their own layout.
    router.add(middleware: ErrorPages())
    addPages(to: router, services)
    refuseOtherMethods(on: router)
    return router
  }

  private static func addPages(to router: Router<AppRequestContext>, _ services: Services) {
    // Every form below is read, bounded and checked before its page runs.
    let pages = router.group().add(middleware: FormReading()).add(middleware: FormToken())
    let signedIn = pages.group(context: SignedInContext.self)
    let domain = services.domain
    let streams = services.streams
    let accounts = AccountPages(accounts: domain.accounts)
    accounts.addRoutes(to: pages)
    accounts.addSignedInRoutes(to: signedIn)
    ProjectPages(
      projects: domain.projects, applications: domain.applications, streams: streams
    ).addRoutes(to: signedIn)
    DeployPages(
      projects: domain.projects, applications: domain.applications, releases: domain.releases
    ).addRoutes(to: signedIn)
    ApplicationPages(
      applications: domain.applications, releases: domain.releases, streams: streams
    ).addRoutes(to: signedIn)
    ExportPages(exports: domain.exports).addRoutes(to: signedIn)
    UserAdminPages(accounts: domain.accounts).addRoutes(to: signedIn)
  }

  /// Answers 405 with the methods that a path has, where it has others than
  /// the one asked for (RFC 9110 §15.5.6).
  private static func refuseOtherMethods(on router: Router<AppRequestContext>) {
    let known = Dictionary(grouping: router.routes, by: { $0.path.description })
    for routes in known.values {
      guard let path = routes.first?.path else { continue }
      let methods = Set(routes.map(\.method))
      let allowed =
        methods.map(\.rawValue).sorted() + (methods.contains(.get) ? ["HEAD"] : [])
      for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete]
      where !methods.contains(method) {
        router.on(path, method: method) { _, _ -> Response in
          throw PageError.methodNotAllowed(allowed: allowed)
        }
      }
    }
  }
}
