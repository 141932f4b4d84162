import ArgumentParser
import Foundation

/// The settings that every command that opens the database takes.
struct DatabaseFlags: ParsableArguments {
  @Option(
    name: .customLong("database-url"),
    help: "sqlite:PATH or postgres://USER@HOST/NAME (BABYHELM_DATABASE_URL).")
  var databaseURL: String?

  @Option(help: "A JSON file of settings, under the names of these flags.")
  var config: String?

  @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning or error.")
  var logLevel: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.databaseURL] = databaseURL
    values[.logLevel] = logLevel
    return values
  }

  func configuration() throws -> AppConfiguration {
    try configuration(adding: [:])
  }

  func configuration(adding more: [AppConfiguration.Key: String]) throws -> AppConfiguration {
    try AppConfiguration(
      flags: values.merging(more) { _, new in new },
      environment: ProcessInfo.processInfo.environment, file: config)
  }
}

/// The settings of the server.
struct ServerFlags: ParsableArguments {
  @Option(help: "The address to listen on (default: 127.0.0.1).")
  var host: String?

  @Option(help: "The port to listen on; 0 lets the system choose (default: 8080).")
  var port: String?

  @Option(help: "The kubeconfig file of the cluster.")
  var kubeconfig: String?

  @Option(help: "The kubeconfig's context to use, instead of its current one.")
  var context: String?

  @Flag(help: "Run a simulated cluster in this process. Nothing real runs.")
  var sandbox = false

  @Option(
    name: .customLong("sandbox-fault"),
    help: "What goes wrong with the simulated cluster, as in latency=200ms,drop=1%.")
  var sandboxFault: String?

  @Option(
    name: .customLong("public-url"),
    help: "The address people use, like https://babyhelm.example.net.")
  var publicURL: String?

  @Option(
    name: .customLong("cluster-public-url"),
    help: "Where people's kubectl reaches the cluster, if not where BabyHelm does.")
  var clusterPublicURL: String?

  @Option(
    name: .customLong("trusted-proxy"),
    help: "Addresses or networks of proxies whose X-Forwarded headers are believed, with commas.")
  var trustedProxy: String?

  @Option(name: .customLong("log-format"), help: "text or json.")
  var logFormat: String?

  @Option(
    name: .customLong("metrics-address"),
    help: "Serve /metrics on a listener of its own, like 127.0.0.1:9091.")
  var metricsAddress: String?

  @Option(
    name: .customLong("metrics-token-file"),
    help: "A file with the token that opens /metrics; without it the main port has none.")
  var metricsTokenFile: String?

  @Option(
    name: .customLong("releases-kept"),
    help: "How many releases of an application are kept to go back to (default: 50).")
  var releasesKept: String?

  @Option(
    name: .customLong("audit-retention"),
    help: "How many days rows of the audit log are kept (default: 400).")
  var auditRetention: String?

  @Option(
    name: .customLong("api-rate"),
    help: "How many calls of the API one token or person may make in a minute (default: 600).")
  var apiRate: String?

  @Flag(
    name: .customLong("check-loopback"),
    help: "Let “Check the address” reach loopback and link-local addresses: for development.")
  var checkLoopback = false

  @Option(
    name: .customLong("tailscale-role"),
    help: "Sign in who comes through `tailscale serve`; new ones become visitor or member.")
  var tailscaleRole: String?

  @OptionGroup(title: "Alerts")
  var alerts: AlertFlags

  @OptionGroup(title: "Single sign-on")
  var openID: OpenIDFlags

  @OptionGroup(title: "Prometheus")
  var prometheus: PrometheusFlags

  @OptionGroup(title: "Notifications")
  var notifications: NotificationFlags

  @OptionGroup(title: "Grafana")
  var grafana: GrafanaFlags

  @OptionGroup(title: "Manifests")
  var manifests: ManifestFlags

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.host] = host
    values[.port] = port
    values[.kubeconfig] = kubeconfig
    values[.context] = context
    if sandbox { values[.sandbox] = "true" }
    values[.sandboxFault] = sandboxFault
    values[.publicURL] = publicURL
    values[.clusterPublicURL] = clusterPublicURL
    values[.trustedProxy] = trustedProxy
    values[.logFormat] = logFormat
    values[.metricsAddress] = metricsAddress
    values[.metricsTokenFile] = metricsTokenFile
    values[.releasesKept] = releasesKept
    values[.auditRetention] = auditRetention
    values[.apiRate] = apiRate
    if checkLoopback { values[.checkLoopback] = "true" }
    values[.tailscaleRole] = tailscaleRole
    return values.merging(openID.values) { _, new in new }
      .merging(prometheus.values) { _, new in new }
      .merging(notifications.values) { _, new in new }
      .merging(grafana.values) { _, new in new }
      .merging(alerts.values) { _, new in new }
      .merging(manifests.values) { _, new in new }
  }
}

/// The OpenID provider that signs people in. Its secret comes from a file or
/// the environment: flags are seen by everybody on the machine.
struct OpenIDFlags: ParsableArguments {
  @Option(
    name: .customLong("oidc-issuer"),
    help: "The OpenID provider, like https://id.example.net/realms/team.")
  var issuer: String?

  @Option(name: .customLong("oidc-client-id"), help: "What the provider calls BabyHelm.")
  var clientID: String?

  @Option(
    name: .customLong("oidc-client-secret-file"), help: "A file with the client's secret.")
  var clientSecretFile: String?

  @Option(
    name: .customLong("oidc-name"), help: "What the button says (default: single sign-on).")
  var name: String?

  @Option(
    name: .customLong("oidc-groups-claim"), help: "The claim with groups (default: groups).")
  var groupsClaim: String?

  @Option(
    name: .customLong("oidc-roles"),
    help: "Roles by group, like helm-admins=admin,staff=member,*=visitor.")
  var roles: String?

  @Flag(
    name: .customLong("oidc-trust-email"),
    help: "Take addresses of which the provider doesn't say that they are verified.")
  var trustsEmail = false

  @Option(name: .customLong("oidc-ca"), help: "A PEM file of certificates for the provider.")
  var authorities: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.openIDIssuer] = issuer
    values[.openIDClientID] = clientID
    values[.openIDClientSecretFile] = clientSecretFile
    values[.openIDName] = name
    values[.openIDGroupsClaim] = groupsClaim
    values[.openIDRoles] = roles
    if trustsEmail { values[.openIDTrustsEmail] = "true" }
    values[.openIDAuthorities] = authorities
    return values
  }
}

/// Where charts come from. Secrets come from files: flags are seen by everybody
/// on the machine.
struct PrometheusFlags: ParsableArguments {
  @Option(
    name: .customLong("prometheus-url"),
    help: "Prometheus' address before /api/v1, like http://prometheus.monitoring.svc:9090.")
  var url: String?

  @Option(
    name: .customLong("prometheus-token-file"), help: "A file with a bearer token for it.")
  var tokenFile: String?

  @Option(name: .customLong("prometheus-username"), help: "A user name for it.")
  var username: String?

  @Option(
    name: .customLong("prometheus-password-file"), help: "A file with that user's password.")
  var passwordFile: String?

  @Option(name: .customLong("prometheus-ca"), help: "A PEM file of certificates for it.")
  var authorities: String?

  @Option(
    name: .customLong("prometheus-labels"),
    help: "What it calls labels, like state-namespace=exported_namespace,cluster=\"prod\".")
  var labels: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.prometheusURL] = url
    values[.prometheusTokenFile] = tokenFile
    values[.prometheusUsername] = username
    values[.prometheusPasswordFile] = passwordFile
    values[.prometheusAuthorities] = authorities
    values[.prometheusLabels] = labels
    return values
  }
}

/// Where what happens is told. The mail server's password comes from a file:
/// flags are seen by everybody on the machine.
struct NotificationFlags: ParsableArguments {
  @Option(
    name: .customLong("webhook-allowed-networks"),
    help: "Networks that webhooks reach beside the internet, like 10.0.0.0/8,fd00::/8.")
  var webhookNetworks: String?

  @Option(
    name: .customLong("smtp-url"),
    help: "The mail server, like smtp://user@mail.example.net:587 or smtps://….")
  var smtpURL: String?

  @Option(name: .customLong("smtp-password-file"), help: "A file with the password for it.")
  var smtpPasswordFile: String?

  @Option(
    name: .customLong("smtp-from"),
    help: "Who mails are from, like “BabyHelm <babyhelm@example.net>”.")
  var smtpFrom: String?

  @Option(name: .customLong("smtp-ca"), help: "A PEM file of certificates for the mail server.")
  var smtpAuthorities: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.webhookNetworks] = webhookNetworks
    values[.smtpURL] = smtpURL
    values[.smtpPasswordFile] = smtpPasswordFile
    values[.smtpFrom] = smtpFrom
    values[.smtpAuthorities] = smtpAuthorities
    return values
  }
}

/// What an operator decides about the manifests of all projects.
struct ManifestFlags: ParsableArguments {
  @Option(
    name: .customLong("admitted-namespaces"),
    help: "Namespaces whose pods reach every project, with commas between.")
  var admittedNamespaces: String?

  @Option(help: "Where pods may connect to: open (anywhere) or closed (default: open).")
  var egress: String?

  @Option(
    name: .customLong("egress-allowed"),
    help: "Networks that pods reach although egress is closed, like 10.0.0.0/8,fd00::/8.")
  var egressAllowed: String?

  @Option(
    name: .customLong("ingress-class"), help: "The IngressClass, instead of the default one.")
  var ingressClass: String?

  @Option(
    name: .customLong("storage-class"), help: "The StorageClass, instead of the default one.")
  var storageClass: String?

  @Option(
    name: .customLong("extra-labels"), help: "Labels of every object, like team=shop,zone=a.")
  var extraLabels: String?

  @Option(name: .customLong("extra-annotations"), help: "Annotations of every object.")
  var extraAnnotations: String?

  @Option(name: .customLong("node-selector"), help: "Labels of the nodes that run pods.")
  var nodeSelector: String?

  @Option(help: "Taints that pods tolerate, like dedicated=apps:NoSchedule,spot.")
  var tolerations: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.admittedNamespaces] = admittedNamespaces
    values[.egress] = egress
    values[.egressAllowed] = egressAllowed
    values[.ingressClass] = ingressClass
    values[.storageClass] = storageClass
    values[.extraLabels] = extraLabels
    values[.extraAnnotations] = extraAnnotations
    values[.nodeSelector] = nodeSelector
    values[.tolerations] = tolerations
    return values
  }
}
