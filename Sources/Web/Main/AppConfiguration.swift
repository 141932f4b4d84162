import Configuration
import CommandLine
import Domain
import Foundation
import Logging
import Sandbox

/// Everything an operator can set. Each key is a flag (`--database-url`), an
/// environment variable (`BABYHELM_DATABASE_URL`) and an entry of the JSON file
/// that `--config` names (`"database-url"`); the first of these that has it wins.
struct AppConfiguration: Sendable, Equatable {
  enum Key: String, CaseIterable, Sendable {
    case host, port
    case databaseURL = "database-url"
    case kubeconfig, context, sandbox
    case sandboxFault = "sandbox-fault"
    case publicURL = "public-url"
    case clusterPublicURL = "cluster-public-url"
    case trustedProxy = "trusted-proxy"
    case logFormat = "log-format"
    case logLevel = "log-level"
    case metricsAddress = "metrics-address"
    case metricsTokenFile = "metrics-token-file"
    case releasesKept = "releases-kept"
    case auditRetention = "audit-retention"
    case apiRate = "api-rate"
    case admittedNamespaces = "admitted-namespaces"
    case egress
    case egressAllowed = "egress-allowed"
    case ingressClass = "ingress-class"
    case storageClass = "storage-class"
    case extraLabels = "extra-labels"
    case extraAnnotations = "extra-annotations"
    case nodeSelector = "node-selector"
    case tolerations
    case checkLoopback = "check-loopback"
    case openIDIssuer = "oidc-issuer"
    case openIDClientID = "oidc-client-id"
    case openIDClientSecret = "oidc-client-secret"
    case openIDClientSecretFile = "oidc-client-secret-file"
    case openIDName = "oidc-name"
    case openIDGroupsClaim = "oidc-groups-claim"
    case openIDRoles = "oidc-roles"
    case openIDTrustsEmail = "oidc-trust-email"
    case openIDAuthorities = "oidc-ca"
    case tailscaleRole = "tailscale-role"
    case prometheusURL = "prometheus-url"
    case prometheusTokenFile = "prometheus-token-file"
    case prometheusUsername = "prometheus-username"
    case prometheusPasswordFile = "prometheus-password-file"
    case prometheusAuthorities = "prometheus-ca"
    case prometheusLabels = "prometheus-labels"
    case webhookNetworks = "webhook-allowed-networks"
    case smtpURL = "smtp-url"
    case smtpPasswordFile = "smtp-password-file"
    case smtpFrom = "smtp-from"
    case smtpAuthorities = "smtp-ca"
    case grafanaURL = "grafana-url"
    case grafanaAuth = "grafana-auth"
    case grafanaOrganization = "grafana-org"
    case alertmanagerTokenFile = "alertmanager-token-file"
    case alertmanagerURL = "alertmanager-url"
    case alertRules = "alert-rules"
    case alertRetention = "alert-retention"
    case alertInterval = "alert-interval"

    /// "BABYHELM_DATABASE_URL"
    var variable: String {
      "BABYHELM_" + rawValue.uppercased().replacing("-", with: "_")
    }
  }

  enum LogFormat: String, Sendable {
    case text, json
  }

  var address = ListenAddress()
  var databaseURL = "sqlite:var/babyhelm.sqlite"
  var kubeconfig: String?
  var context: String?
  var isSandbox = false
  /// What goes wrong on the way to the sandbox.
  var sandboxFaults = SandboxFaults()
  /// The origin people reach BabyHelm at; nil when it follows from the request.
  var publicOrigin: String?
  /// Where people reach the API server; nil for where BabyHelm does.
  var clusterPublicURL: URL?
  var trustedProxies = ProxyAddresses()
  var logFormat = LogFormat.text
  var logLevel = Logger.Level.info
  /// Who may read BabyHelm's own metrics, and where.
  var metrics = MetricsConfiguration()
  /// How many releases of an application are kept.
  var releasesKept = 50
  /// How many days rows of the audit log are kept.
  var auditRetention = 400
  /// Calls of the API in a minute, by one token or one person.
  var apiRate = standardAPIRate
  static let standardAPIRate = 600
  var manifests = ManifestSettings()
  /// Whether “Check the address” may reach loopback and link-local addresses.
  var checksLoopback = false
  /// The provider that signs people in; nil for passwords alone.
  var openID: OpenIDSettings?
  /// Where charts come from; nil for none, or the sandbox's own.
  var prometheus: PrometheusSettings?
  /// Where dashboards are; nil without a Grafana.
  var grafana: GrafanaSettings?
  /// What people become who come from the tailnet for the first time; nil
  /// when its headers sign nobody in.
  var tailscaleRole: PlatformRole?
  /// Networks that webhooks reach beside the internet.
  var webhookNetworks: [IPNetwork] = []
  /// nil when no mails are sent.
  var mailServer: MailServer?

  var alerts = AlertConfiguration()

  init() {}

  /// Reads flags over environment over file.
  ///
  /// - Parameters:
  ///   - flags: what the command line gave; nil values are left out.
  ///   - file: the path of a JSON object of strings, numbers and booleans.
  /// - Throws: ``StartupError`` for an unknown key, a value that can't be, or
  ///   a file that can't be read.
  init(
    flags: [Key: String], environment: [String: String], file: String? = nil
  ) throws {
    try Self.checkNames(in: environment)
    let reader = ConfigReader(providers: [
      Self.provider("flags", flags),
      EnvironmentVariablesProvider(
        environmentVariables: environment.filter { !Self.isServiceLink($0.key, $0.value) }
      ).prefixKeys(with: "babyhelm"),
      Self.provider("file", try file.map(Self.entries) ?? [:]),
    ])
    let values = Values { key in reader.string(forKey: [key.rawValue]) }
    address.host = values.text(.host) ?? address.host
    address.port = try values.port() ?? address.port
    databaseURL = values.text(.databaseURL) ?? databaseURL
    kubeconfig = values.text(.kubeconfig)
    context = values.text(.context)
    isSandbox = try values.flag(.sandbox) ?? isSandbox
    sandboxFaults = try Self.faults(values.text(.sandboxFault), isSandbox: isSandbox)
    publicOrigin = try values.origin()
    clusterPublicURL = try values.clusterURL()
    trustedProxies = try values.proxies()
    if !trustedProxies.isEmpty, publicOrigin == nil {
      throw StartupError(
        "With --trusted-proxy, also say the address people use: --public-url https://….")
    }
    logFormat =
      try values.choice(.logFormat, ["text", "json"]).flatMap { LogFormat(rawValue: $0) } ?? .text
    logLevel =
      try values.choice(.logLevel, Logger.Level.allCases.map(\.rawValue))
      .flatMap { Logger.Level(rawValue: $0) } ?? .info
    releasesKept = try values.number(.releasesKept, in: 1...10_000) ?? releasesKept
    apiRate = try values.number(.apiRate, in: 1...1_000_000) ?? apiRate
    auditRetention = try values.number(.auditRetention, in: 1...36_500) ?? auditRetention
    metrics = try MetricsConfiguration(values)
    manifests = try ManifestSettings(values)
    checksLoopback = try values.flag(.checkLoopback) ?? checksLoopback
    openID = try OpenIDSettings(values)
    prometheus = try PrometheusSettings(values)
    grafana = try GrafanaSettings(values, publicOrigin: publicOrigin)
    alerts = try AlertConfiguration(values)
    tailscaleRole = try values.choice(.tailscaleRole, ["visitor", "member"])
      .flatMap { PlatformRole(rawValue: $0) }
    webhookNetworks = try values.networks(.webhookNetworks)
    mailServer = try MailServer(values)
    if tailscaleRole != nil, trustedProxies.isEmpty {
      throw StartupError(
        "With --tailscale-role, also name the proxy whose headers count: --trusted-proxy "
          + "127.0.0.1 for `tailscale serve` on this machine.")
    }
  }

  private static func faults(_ text: String?, isSandbox: Bool) throws -> SandboxFaults {
    guard let text else { return SandboxFaults() }
    guard isSandbox else {
      throw StartupError("--sandbox-fault is for the simulated cluster only; give --sandbox too.")
    }
    do {
      return try SandboxFaults(text)
    } catch {
      throw StartupError("--sandbox-fault \(text) can't be: \(error)")
    }
  }

  /// What notifications go by. Without a public URL their links lead to where
  /// the server listens.
  var notifications: NotificationSettings {
    let host = address.host.contains(":") ? "[\(address.host)]" : address.host
    return NotificationSettings(
      origin: publicOrigin ?? "http://\(host):\(address.port)", webhookNetworks: webhookNetworks,
      mailServer: mailServer)
  }

  var site: Site {
    Site(
      publicOrigin: publicOrigin, isSandbox: isSandbox, trustedProxies: trustedProxies,
      tailnetRole: tailscaleRole, metricsAccess: metrics.access)
  }

  // MARK: Sources

  private static func provider(_ name: String, _ entries: [Key: String]) -> InMemoryProvider {
    InMemoryProvider(
      name: name,
      values: Dictionary(
        uniqueKeysWithValues: entries.map { key, value in
          ([key.rawValue], ConfigValue(.string(value), isSecret: false))
        }))
  }

  /// The entries of a JSON file, all as text.
  static func entries(of path: String) throws -> [Key: String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StartupError("The configuration file \(path) can't be read.")
    }
    guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
      throw StartupError("The configuration file \(path) is not a JSON object.")
    }
    var entries: [Key: String] = [:]
    for (name, value) in object {
      guard let key = Key(rawValue: name) else {
        throw StartupError(unknown(name, among: Key.allCases.map(\.rawValue), in: path))
      }
      switch value {
      case let text as String: entries[key] = text
      case let list as [String]: entries[key] = list.joined(separator: ",")
      case let number as NSNumber:
        let isBoolean = CFBooleanCheck.isBoolean(number)
        entries[key] = isBoolean ? (number.boolValue ? "true" : "false") : "\(number)"
      default: throw StartupError("“\(name)” in \(path) must be text, a number, true or false.")
      }
    }
    return entries
  }

  /// Refuses a variable that looks like ours but isn't: a typing mistake there
  /// would otherwise go unnoticed.
  private static func checkNames(in environment: [String: String]) throws {
    let known = Key.allCases.map(\.variable)
    for (name, value) in environment.sorted(by: { $0.key < $1.key })
    where name.hasPrefix("BABYHELM_") && !known.contains(name) {
      // Variables for our own tests, for commands against another server, and those Kubernetes
      // sets.
      let isOther = name.hasPrefix("BABYHELM_TEST_") || ClientCommands.variables.contains(name)
      if isOther || isServiceLink(name, value) { continue }
      throw StartupError(unknown(name, among: known, in: "the environment"))
    }
  }

  /// In a namespace with a Service called "babyhelm", Kubernetes sets
  /// BABYHELM_PORT=tcp://… and more in every pod. These are not settings.
  static func isServiceLink(_ name: String, _ value: String) -> Bool {
    name.hasPrefix("BABYHELM_SERVICE_") || name.hasPrefix("BABYHELM_PORT_")
      || (name == "BABYHELM_PORT" && value.contains("://"))
  }

  private static func unknown(_ name: String, among known: [String], in place: String) -> String {
    let nearest = known.min { EditDistance.of($0, name) < EditDistance.of($1, name) } ?? ""
    return "“\(name)” in \(place) is not a setting of BabyHelm. The nearest is “\(nearest)”."
  }
}
