import Domain
import HTTPTypes
import Hummingbird

/// The one table of what is answered where: middleware from the outside in,
/// then each feature's routes.
enum SiteRouter {
  static func make(site: Site, services: Services) -> Router<AppRequestContext> {
    let router = declared(site: site, services: services)
    refuseOtherMethods(on: router)
    return router
  }

  /// All that is answered, without the refusals of other methods.
  static func declaredRoutes(site: Site, services: Services) -> [Router<AppRequestContext>
    .RouteDescription]
  {
    declared(site: site, services: services).routes
  }

  private static func declared(site: Site, services: Services) -> Router<AppRequestContext> {
    let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: TrustedProxy(site: site))
    router.add(middleware: services.requests)
    router.add(middleware: RequestLog())
    router.add(middleware: SecurityHeaders(isSecure: site.isSecure))
    router.add(middleware: PageLanguage())
    // Refusals before it is known who asks.
    router.add(middleware: ErrorPages())
    router.add(middleware: OneHost())
    HealthPages(checks: services.readiness).addRoutes(to: router)
    if let access = site.metricsAccess {
      MetricsPages(
        metrics: ServerMetrics(services: services, isSandbox: site.isSandbox), access: access
      ).addRoutes(to: router)
    }
    HookPages(hooks: services.domain.hooks, metrics: services.metrics).addRoutes(to: router)
    StaticFiles().addRoutes(to: router)
    // Before sessions: its token is no person's.
    AlertHook(alerts: services.domain.alerts).addRoutes(to: router)
    SchemaPages().addRoutes(to: router)
    KeyPages(tokens: services.domain.accounts.identityTokens).addRoutes(to: router)

    router.add(middleware: ClusterStaleness(silence: { services.domain.clusterState.silence }))
    router.add(middleware: CurrentPolicy(policies: services.domain.policies))
    router.add(middleware: SessionAuthentication(accounts: services.domain.accounts))
    router.add(middleware: APIRateLimit(limit: services.apiRate))
    // Refusals to somebody known, within their own layout.
    router.add(middleware: ErrorPages(refusals: services.domain.refusals))
    if site.isSandbox { StyleguidePages().addRoutes(to: router) }
    addPages(to: router, services)
    APIRoutes.add(to: router, services)
    OpenAPIPages(routes: APIRoutes.all(services)).addRoutes(to: router)
    return router
  }

  private static func addPages(to router: Router<AppRequestContext>, _ services: Services) {
    // Every form below is read, bounded and checked before its page runs.
    let pages = router.group().add(middleware: FormReading()).add(middleware: FormToken())
      .add(middleware: RouteAccess())
    let signedIn = pages.group(context: SignedInContext.self)
    let domain = services.domain
    let streams = services.streams
    LanguagePages(accounts: domain.accounts).addRoutes(to: pages)
    addAccountPages(to: pages, signedIn, domain)
    ProjectPages(
      projects: domain.projects, applications: domain.applications, policies: domain.policies,
      alerts: domain.alerts, streams: streams, grafana: domain.grafana
    ).addRoutes(to: signedIn)
    ToastPages(streams: streams).addRoutes(to: signedIn)
    SearchPages(applications: domain.applications).addRoutes(to: signedIn)
    QuotaPages(projects: domain.projects, applications: domain.applications)
      .addRoutes(to: signedIn)
    MemberPages(projects: domain.projects, invitations: domain.invitations).addRoutes(to: signedIn)
    NotificationPages(
      projects: domain.projects, webhooks: domain.webhooks, mailings: domain.mailings
    ).addRoutes(to: signedIn)
    NotificationAdminPages(webhooks: domain.webhooks, mailings: domain.mailings)
      .addRoutes(to: signedIn)
    DeployPages(
      projects: domain.projects, applications: domain.applications, releases: domain.releases,
      tags: domain.imageTags
    ).addRoutes(to: signedIn)
    ApplicationPages(
      applications: domain.applications, releases: domain.releases, alerts: domain.alerts,
      checks: domain.addressChecks, streams: streams,
      glances: Glances(monitoring: domain.monitoring, usage: domain.usage), grafana: domain.grafana
    ).addRoutes(to: signedIn)
    LogPages(logs: domain.logs, streams: streams, access: services.access)
      .addRoutes(to: signedIn)
    EventPages(
      events: domain.events, applications: domain.applications, streams: streams
    ).addRoutes(to: signedIn)
    ReleasePages(applications: domain.applications, releases: domain.releases)
      .addRoutes(to: signedIn)
    AdoptionPages(releases: domain.releases).addRoutes(to: signedIn)
    DriftPages(applications: domain.applications, releases: domain.releases)
      .addRoutes(to: signedIn)
    ActionPages(applications: domain.applications, releases: domain.releases)
      .addRoutes(to: signedIn)
    let settings = ApplicationSettingsPages(
      applications: domain.applications, releases: domain.releases, hooks: domain.hooks)
    settings.addRoutes(to: signedIn)
    DeletionPages(settings: settings, releases: domain.releases).addRoutes(to: signedIn)
    ProjectDeletionPages(projects: domain.projects, releases: domain.releases)
      .addRoutes(to: signedIn)
    ExportPages(exports: domain.exports).addRoutes(to: signedIn)
    addMonitoring(to: signedIn, domain, streams)
    addAdministration(to: signedIn, services)
  }

  /// What is about everybody, and about what was done and used.
  private static func addAdministration(
    to signedIn: RouterGroup<SignedInContext>, _ services: Services
  ) {
    let domain = services.domain
    UserAdminPages(accounts: domain.accounts).addRoutes(to: signedIn)
    ProjectAdminPages(
      projects: domain.projects, applications: domain.applications, usage: domain.usage,
      grafana: domain.grafana, database: domain.databaseHealth, traffic: services.traffic
    ).addRoutes(to: signedIn)
    AuditPages(audit: domain.audit, projects: domain.projects, access: services.access)
      .addRoutes(to: signedIn)
    UsagePages(usage: domain.usage).addRoutes(to: signedIn)
    SettingsPages(usage: domain.usage, policies: domain.policies).addRoutes(to: signedIn)
  }

  /// Charts, dashboards and alerts.
  private static func addMonitoring(
    to signedIn: RouterGroup<SignedInContext>, _ domain: DomainServices, _ streams: EventStreams
  ) {
    MonitoringPages(
      projects: domain.projects, monitoring: domain.monitoring, applications: domain.applications,
      streams: streams
    ).addRoutes(to: signedIn)
    GrafanaPages(grafana: domain.grafana).addRoutes(to: signedIn)
    ScopedMetricsPages(metrics: domain.scopedMetrics).addRoutes(to: signedIn)
    AlertPages(alerts: domain.alerts).addRoutes(to: signedIn)
    PlatformAlertPages(alerts: domain.alerts).addRoutes(to: signedIn)
  }

  private static func addAccountPages(
    to pages: RouterGroup<AppRequestContext>, _ signedIn: RouterGroup<SignedInContext>,
    _ domain: DomainServices
  ) {
    let accounts = AccountPages(
      accounts: domain.accounts, signOn: domain.singleSignOn?.name)
    if let signOn = domain.singleSignOn { SignOnPages(signOn: signOn).addRoutes(to: pages) }
    accounts.addRoutes(to: pages)
    accounts.addSignedInRoutes(to: signedIn)
    VisitPages(accounts: domain.accounts).addRoutes(to: pages)
    ResetPages(accounts: domain.accounts).addRoutes(to: pages)
    InvitationPages(invitations: domain.invitations).addRoutes(to: pages)
    InvitationPages(invitations: domain.invitations).addSignedInRoutes(to: signedIn)
    UnsubscribePages(mailings: domain.mailings).addRoutes(to: pages)
    OwnAccountPages(accounts: domain.accounts, mailings: domain.mailings).addRoutes(to: signedIn)
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
      // HEAD comes with GET.
      let none: [HTTPRequest.Method] = methods.contains(.get) ? [] : [.head]
      let others = [HTTPRequest.Method("QUERY")].compactMap(\.self) + none
      for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .options, .trace]
        + others
      where !methods.contains(method) {
        router.on(path, method: method) { _, _ -> Response in
          throw PageError.methodNotAllowed(allowed: allowed)
        }
      }
    }
  }
}
