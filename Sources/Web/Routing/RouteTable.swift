import Domain

/// The one table of who may use which route. ``RouteAccess`` refuses what has
/// no row here, and a test walks through every row as everybody.
///
/// Services decide for themselves, from ``AccessTable``, with the same
/// permission: this table is the second lock, and what the test compares the
/// first one with.
enum RouteTable {
  /// Every row, by its key.
  static let rules: [String: RouteRule] = Dictionary(
    all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })

  static let all: [RouteRule] =
    open + account + project + notifications + application + admin + scopedMetrics

  /// Answered before anybody knows who asks, or to anybody.
  private static let open: [RouteRule] = [
    // The operator's token is what admits; without one it isn't there.
    .get("metrics", .anyone),
    .get("healthz", .anyone), .get("readyz", .anyone), .get("static/**", .anyone),
    .get("favicon.ico", .anyone), .get("robots.txt", .anyone), .get("/", .signedOut),
    .get("register", .signedOut), .post("register", .anyone),
    .get("login", .signedOut), .post("login", .anyone),
    .get("login/sso", .anyone), .get("login/sso/callback", .anyone),
    // The secret in the link is what admits.
    .get("reset", .anyone), .post("reset", .anyone),
    // So is the secret of a deploy hook, wherever it is sent.
    .post("hooks/deploy/:hook", .anyone), .post("hooks/deploy/:hook/:secret", .anyone),
    .post("visit", .anyone), .post("language", .anyone),
    .get("docs", .anyone), .get("schema/application.json", .anyone),
    // Only with the sandbox.
    .get("styleguide", .anyone),
    // Public keys.
    .get(".well-known/jwks.json", .anyone),
    .get("invitation", .anyone), .post("invitation", .anyone),
    // What a mail's link carries says who it is for.
    .get("unsubscribe", .anyone), .post("unsubscribe", .anyone),
    .post("hooks/alertmanager", .ownToken),
  ]

  private static let account: [RouteRule] = [
    .post("logout", .signedIn), .post("invitation/join", .signedIn),
    .get("account", .session), .post("account/name", .session),
    .post("account/password", .session), .post("account/sessions/end-others", .session),
    .post("account/sessions/:session/end", .session), .post("account/tokens", .session),
    .post("account/tokens/:token/revoke", .session), .post("account/mails", .session),
    .get("search", .signedIn), .get("search.json", .signedIn), .get("toasts/live", .signedIn),
    .get("projects", .signedIn), .get("projects/new", .signedIn),
    .post("projects/new", .permission(.createProjects)),
    .post("projects/trial", .permission(.tryProjects)),
  ]

  private static let project: [RouteRule] = [
    .get("projects/:project", .permission(.readProject)),
    .get("projects/:project/live", .permission(.readProject)),
    .post("projects/:project/guards", .permission(.restoreGuards)),
    .post("projects/:project/namespace", .permission(.restoreGuards)),
    .post("projects/:project/demo", .permission(.markDemos)),
    .get("projects/:project/members", .permission(.readPeople)),
    .post("projects/:project/members", .permission(.manageMembers)),
    .post("projects/:project/members/:user/role", .permission(.manageMembers)),
    .get("projects/:project/members/:user/remove", .permission(.readPeople)),
    // Everybody may remove themselves.
    .post("projects/:project/members/:user/remove", .permission(.manageMembers)),
    .post("projects/:project/kubeconfig", .permission(.downloadKubeconfig)),
    .post("projects/:project/invitations", .permission(.manageMembers)),
    .post("projects/:project/invitations/:invitation/revocation", .permission(.manageMembers)),
    .get("projects/:project/quota", .permission(.readProject)),
    .post("projects/:project/quota", .permission(.requestQuota)),
    .post("projects/:project/quota/withdrawal", .permission(.requestQuota)),
    .post("projects/:project/quota/decision", .permission(.changeQuotas)),
    .get("projects/:project/settings", .permission(.readProject)),
    .post("projects/:project/delete", .permission(.deleteProject)),
    // Leads everybody whom it shows nothing to their projects.
    .get("projects/:project/deleted", .signedIn),
    .post("projects/:project/restore", .secretly(.deleteProject)),
    .post("projects/:project/remove", .secretly(.deleteProject)),
    .get("projects/:project/usage", .permission(.readProject)),
    .get("projects/:project/monitoring", .permission(.readProject)),
    .get("projects/:project/monitoring/live", .permission(.readProject)),
    .get("projects/:project/grafana", .permission(.readProject)),
    .get("projects/:project/alerts", .permission(.readProject)),
    .get("projects/:project/alerts/:alert", .permission(.readProject)),
    .post("projects/:project/alerts/:alert/silences", .permission(.silenceAlerts)),
    .post("projects/:project/silences/:silence/end", .permission(.silenceAlerts)),
    .get("projects/:project/audit", .permission(.readProjectAudit)),
    .get("projects/:project/manifests.yaml", .permission(.readProject)),
    .get("projects/:project/chart.tgz", .permission(.readProject)),
    .get("projects/:project/adopt", .permission(.readPeople)),
    .post("projects/:project/adopt/:deployment/remove", .permission(.deleteApplications)),
  ]

  private static let notifications: [RouteRule] =
    [
      .get("projects/:project/notifications", .permission(.readPeople)),
      .post("projects/:project/notifications/mails", .permission(.chooseMails)),
      .get("projects/:project/webhooks/:webhook", .permission(.manageWebhooks)),
    ]
    + [
      "", "/:webhook", "/:webhook/test", "/:webhook/secret", "/:webhook/removal",
      "/:webhook/deliveries/:delivery/redelivery",
    ].map { .post("projects/:project/webhooks\($0)", .permission(.manageWebhooks)) }

  private static let application: [RouteRule] = reading + deploying + deleting

  private static let reading: [RouteRule] =
    [
      "", "/live", "/manifests", "/events", "/events/live", "/logs", "/logs/live", "/logs.txt",
      "/metrics", "/metrics/live", "/grafana",
      "/releases", "/releases/:release", "/settings",
      "/remove", "/manifests.yaml", "/chart.tgz",
      // Shows the form, disabled, with the reason.
      "/edit",
    ].map { .get("projects/:project/apps/:application\($0)", .permission(.readProject)) } + who

  /// What names people.
  private static let who: [RouteRule] = ["/drift", "/live-manifests", "/live.yaml"].map {
    .get("projects/:project/apps/:application\($0)", .permission(.readPeople))
  }

  private static let deploying: [RouteRule] =
    [
      .get("projects/:project/apps/new", .permission(.readProject)),
      .get("projects/:project/tags", .permission(.deployApplications)),
      .post("projects/:project/apps/new", .permission(.deployApplications)),
      .post("projects/:project/apps/:application/address", .permission(.readProject)),
      .get(
        "projects/:project/apps/:application/releases/:release/rollback",
        .permission(.deployApplications)),
    ]
    + [
      "edit", "deploys", "releases/:release/rollback", "scale", "restart", "stop", "start",
      "put-back", "pause", "resume", "cancel", "hooks", "hooks/:hook/rotation",
      "hooks/:hook/removal",
    ].map { .post("projects/:project/apps/:application/\($0)", .permission(.deployApplications)) }

  private static let deleting: [RouteRule] = ["delete", "restore", "remove"].map {
    .post("projects/:project/apps/:application/\($0)", .permission(.deleteApplications))
  }

  /// Everybody sees their own projects' series there.
  private static let scopedMetrics: [RouteRule] = [
    "query", "query_range", "series", "labels", "label/:label/values", "metadata",
    "status/buildinfo",
  ].map { .get("prometheus/api/v1/\($0)", .signedIn) }

  private static let admin: [RouteRule] = [
    // Leads on to the list of users.
    .get("admin", .signedIn),
    .get("admin/users", .permission(.listUsers)),
    .post("admin/users/:user/role", .permission(.changeUserRoles)),
    .post("admin/users/:user/suspension", .permission(.changeUserRoles)),
    .post("admin/users/:user/reset", .permission(.changeUserRoles)),
    .get("admin/invitations", .permission(.invitePeople)),
    .post("admin/invitations", .permission(.invitePeople)),
    .post("admin/invitations/:invitation/revocation", .permission(.invitePeople)),
    .get("admin/projects", .permission(.readPlatformUsage)),
    .get("admin/cluster", .permission(.readPlatformUsage)),
    .get("admin/usage", .permission(.readPlatformUsage)),
    .get("admin/grafana", .permission(.readPlatformUsage)),
    .get("admin/audit", .permission(.readAudit)),
    .get("admin/audit.csv", .permission(.readAudit)),
    .get("admin/audit.jsonl", .permission(.readAudit)),
    .get("admin/notifications", .permission(.changeSettings)),
    .post("admin/notifications/test", .permission(.changeSettings)),
    .get("admin/alerts", .permission(.readPlatformUsage)),
    .get("admin/alerts/:alert", .permission(.readPlatformUsage)),
    .post("admin/alerts/:alert/silences", .permission(.changeSettings)),
    .post("admin/silences/:silence/end", .permission(.changeSettings)),
    .post("admin/alerts/token", .permission(.changeSettings)),
    .post("admin/alerts/token/revoke", .permission(.changeSettings)),
    .get("admin/settings", .permission(.changeSettings)),
    .post("admin/settings/policy", .permission(.changeSettings)),
    .post("admin/settings/prices", .permission(.changeSettings)),
  ]
}
