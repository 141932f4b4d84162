import ArgumentParser
import Domain
import Foundation
import Hummingbird
import Kubernetes
import Logging
import ServiceLifecycle
import UnixSignals

/// `babyhelm serve`: the server.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the server.")

  @OptionGroup var server: ServerFlags
  @OptionGroup var database: DatabaseFlags

  func run() async throws {
    var address: ListenAddress?
    do {
      let configuration = try database.configuration(adding: server.values)
      address = configuration.address
      LogSetup.bootstrap(configuration)
      Memory.giveBackLargePieces()
      try await Self.serve(configuration)
    } catch {
      Terminal.complain(StartupError(error, listeningOn: address).message)
      throw ExitFailure()
    }
  }

  /// Runs until a signal: migrations, then everything the server consists of.
  private static func serve(_ configuration: AppConfiguration) async throws {
    let logger = Logger(label: "babyhelm")
    let cluster = try await Cluster(configuration, logger: logger)
    do {
      try await openingDatabase(configuration, logger: logger) { database in
        try await run(configuration, cluster, database, logger)
      }
    } catch {
      await cluster.client.shutdown()
      throw error
    }
    await cluster.client.shutdown()
  }

  private static func run(
    _ configuration: AppConfiguration, _ cluster: Cluster, _ database: any Database,
    _ logger: Logger
  ) async throws {
    try await MigrationChain.all.up(database)
    for step in try await MigrationChain.all.ahead(of: database) {
      logger.notice(
        "the database has a newer program's migration, with which this one can serve",
        metadata: ["migration": "\(step.number) \(step.name)"])
    }
    let clock = DatabaseClock(database: database, logger: logger)
    try await clock.measure()
    let services = Services(
      database: database, cluster: cluster,
      rules: AccountRules(firstUserBecomesAdmin: configuration.isSandbox),
      hasher: PasswordHasher(parallel: ProcessInfo.processInfo.activeProcessorCount),
      settings: configuration.manifests, releasesKept: configuration.releasesKept,
      auditRetention: configuration.auditRetention,
      addressRules: AddressRules(allowsInternal: configuration.checksLoopback),
      openID: configuration.openID, grafana: configuration.grafana,
      prometheus: configuration.prometheus,
      notifications: configuration.notifications, alerts: configuration.alerts,
      apiRate: configuration.apiRate, logger: logger, now: clock.now,
      clockSkew: { clock.skew })
    let setupCode = try await services.domain.accounts.start()

    let host = configuration.address.host
    let shownHost = host.contains(":") ? "[\(host)]" : host
    let application = buildApplication(
      site: configuration.site, services: services, address: configuration.address, logger: logger
    ) { port in
      Terminal.say("BabyHelm \(Version.text) is listening on http://\(shownHost):\(port)")
      if let setupCode { Terminal.say("setup code: \(setupCode)") }
    }
    let all = cluster.services + services.background + [clock, application]
    try await group(all + metricsListener(configuration, services, logger), logger).run()
  }

  private static func metricsListener(
    _ configuration: AppConfiguration, _ services: Services, _ logger: Logger
  ) -> [any Service] {
    guard let address = configuration.metrics.address else { return [] }
    let pages = MetricsPages(
      metrics: ServerMetrics(services: services, isSandbox: configuration.isSandbox),
      access: configuration.metrics.access ?? .everybody)
    return [
      MetricsListener(pages: pages, address: address, logger: logger) { port in
        let shown = ListenAddress(host: address.host, port: port).text
        Terminal.say("Metrics are on http://\(shown)/metrics")
      }
    ]
  }

  /// A signal stops accepting, lets requests end, closes streams, and after 10
  /// seconds at most the process is gone.
  private static func group(_ services: [any Service], _ logger: Logger) -> ServiceGroup {
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(7)
    configuration.maximumCancellationDuration = .seconds(2)
    return ServiceGroup(configuration: configuration)
  }
}
