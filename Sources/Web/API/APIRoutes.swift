import Domain
import HTTPTypes
import Hummingbird

/// All calls of the API. Router, reference and tests read this one list.
enum APIRoutes {
  static func all(_ services: Services) -> [APIRoute] {
    let calls = calls(services)
    return calls + [OpenAPIPages.route(of: calls)]
  }

  private static func calls(_ services: Services) -> [APIRoute] {
    let domain = services.domain
    return [
      AccountAPI(accounts: domain.accounts).routes,
      ProjectAPI(
        projects: domain.projects, applications: domain.applications, releases: domain.releases,
        policies: domain.policies
      ).routes,
      ApplicationAPI(
        applications: domain.applications, releases: domain.releases,
        checks: domain.addressChecks
      ).routes,
      DeployAPI(
        projects: domain.projects, applications: domain.applications, releases: domain.releases
      ).routes,
      ActionAPI(applications: domain.applications, releases: domain.releases).routes,
      ReleaseAPI(
        applications: domain.applications, releases: domain.releases, streams: services.streams
      ).routes,
      HookAPI(hooks: domain.hooks).routes,
      DriftAPI(applications: domain.applications, releases: domain.releases).routes,
      LogAPI(logs: domain.logs, events: domain.events, streams: services.streams).routes,
      MemberAPI(projects: domain.projects, invitations: domain.invitations).routes,
      QuotaAPI(projects: domain.projects).routes,
      UsageAPI(usage: domain.usage).routes,
      WebhookAPI(webhooks: domain.webhooks).routes,
      MailAPI(mailings: domain.mailings).routes,
      MonitoringAPI(monitoring: domain.monitoring).routes,
      AlertAPI(alerts: domain.alerts).routes,
      AuditAPI(audit: domain.audit, projects: domain.projects).routes,
      UserAdminAPI(accounts: domain.accounts, invitations: domain.invitations).routes,
      PlatformAPI(projects: domain.projects, usage: domain.usage, policies: domain.policies).routes,
    ].flatMap(\.self)
  }

  static func add(to router: Router<AppRequestContext>, _ services: Services) {
    let signedIn = router.group(context: SignedInContext.self)
    for route in all(services) {
      let path = RouterPath("\(APIRoute.base)\(route.path)")
      switch route.work {
      case .open(let handler): router.on(path, method: route.method, use: handler)
      case .signedIn(let handler):
        let serving = APIServing(
          route: route, handler: handler, kept: services.domain.keptAnswers)
        signedIn.on(path, method: route.method, use: serving.respond)
      }
    }
  }
}
