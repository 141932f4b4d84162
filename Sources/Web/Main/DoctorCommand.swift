import ArgumentParser
import Domain
import Foundation
import Kubernetes
import Logging

/// `babyhelm doctor`: whether everything that the server needs is there, and
/// what to do where it isn't. It changes nothing.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the database, the cluster, what BabyHelm may do there, Prometheus and mails.",
    discussion: "Takes the settings of `serve`. Exits with 1 when something is wrong.")

  @OptionGroup var server: ServerFlags
  @OptionGroup var database: DatabaseFlags

  func run() async throws {
    try await reportingErrors {
      let configuration = try database.configuration(adding: server.values)
      var findings = await Self.checkDatabase(configuration)
      findings += await Self.checkCluster(configuration)
      findings += await Self.checkSignOn(configuration)
      findings += await Self.checkPrometheus(configuration)
      findings += await Self.checkMailServer(configuration)
      findings += await Self.checkGrafana(configuration)
      for finding in findings { Terminal.say(finding.line) }
      if findings.contains(where: \.isWrong) { throw ExitFailure() }
    }
  }

  /// One line of the report.
  private struct Finding {
    let what: String
    let isWrong: Bool
    let text: String

    var line: String {
      let title = what.padding(toLength: 10, withPad: " ", startingAt: 0)
      return "\(title) \(isWrong ? "WRONG" : "ok   ")  \(text)"
    }
  }

  private static func checkDatabase(_ configuration: AppConfiguration) async -> [Finding] {
    var findings: [Finding] = []
    do {
      try await openingDatabase(configuration) { database in
        findings.append(
          Finding(what: "Database", isWrong: false, text: try await schemaText(of: database)))
        let report = try await DatabaseHealth(database: database).report(as: .commandLine)
        if let connections = report.connections {
          findings.append(finding(report, connections))
          findings += try await skewFinding(database)
        }
      }
    } catch {
      findings.append(
        Finding(what: "Database", isWrong: true, text: StartupError(error).message))
    }
    return findings
  }

  private static func schemaText(of database: any Database) async throws -> String {
    let pending = try await MigrationChain.all.check(database)
    if pending > 0 { return "\(pending) migrations are applied at the next start" }
    let ahead = try await MigrationChain.all.ahead(of: database)
    if ahead.isEmpty { return "all migrations are applied" }
    let names = ahead.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
    return
      "all migrations are applied, and a newer program's: \(names), with which this one can serve"
  }

  private static func finding(
    _ report: DatabaseReport, _ connections: DatabaseReport.Connections
  ) -> Finding {
    let text =
      "\(report.version), \(connections.used) of \(connections.limit) connections used, "
      + "\(connections.ours) of them by BabyHelm; a replica opens up to \(report.poolSize + 1)"
    let advice = ". Raise max_connections of the server, or lower pool_size in --database-url"
    let hasRoom = report.hasRoom ?? true
    return Finding(
      what: "Connect", isWrong: !hasRoom, text: hasRoom ? text : text + advice + ".")
  }

  /// Which replica's clock is wrong matters to people who read its log.
  private static func skewFinding(_ database: any Database) async throws -> [Finding] {
    let clock = DatabaseClock(database: database, logger: Logger(label: "doctor"))
    try await clock.measure()
    guard abs(clock.skew) >= 2 else { return [] }
    let side = clock.skew > 0 ? "ahead of" : "behind"
    return [
      Finding(
        what: "Clock", isWrong: true,
        text:
          "This machine's clock is \(Int(abs(clock.skew))) s \(side) the database's. BabyHelm goes "
          + "by the database's; set this one right, so that logs agree.")
    ]
  }

  private static func checkSignOn(_ configuration: AppConfiguration) async -> [Finding] {
    guard let settings = configuration.openID else { return [] }
    do throws(DomainError) {
      try await DomainServices.check(settings)
      return [Finding(what: "Sign-on", isWrong: false, text: "\(settings.issuer) answers")]
    } catch {
      return [
        Finding(
          what: "Sign-on", isWrong: true,
          text: "\(settings.issuer): \(error.underlying ?? error.message). Compare --oidc-issuer "
            + "with what the provider names.")
      ]
    }
  }

  private static func checkPrometheus(_ configuration: AppConfiguration) async -> [Finding] {
    guard let settings = configuration.prometheus else { return [] }
    return await DomainServices.check(settings).map {
      Finding(what: "Prometheus", isWrong: $0.isWrong, text: $0.text)
    }
  }

  private static func checkMailServer(_ configuration: AppConfiguration) async -> [Finding] {
    guard let server = configuration.mailServer else { return [] }
    let name = "\(server.host):\(server.port)"
    guard let failure = await DomainServices.failure(of: server) else {
      return [Finding(what: "Mail", isWrong: false, text: "\(name) would take mails")]
    }
    return [
      Finding(
        what: "Mail", isWrong: true,
        text: "\(name): \(failure.sentence) Compare it with the flags --smtp-url, "
          + "--smtp-password-file and --smtp-ca.")
    ]
  }

  private static func checkGrafana(_ configuration: AppConfiguration) async -> [Finding] {
    guard let settings = configuration.grafana else { return [] }
    do throws(DomainError) {
      let version = try await DomainServices.check(settings)
      let keys =
        settings.signIn == .jwt
        ? "; it must be able to fetch \(settings.issuer)/.well-known/jwks.json" : ""
      return [
        Finding(
          what: "Grafana", isWrong: false,
          text: "\(version.isEmpty ? "it" : version) answers at \(settings.address)\(keys)")
      ]
    } catch {
      return [
        Finding(
          what: "Grafana", isWrong: true,
          text: "\(settings.address) \(error.underlying ?? error.message). Check --grafana-url, "
            + "and whether this machine may reach it.")
      ]
    }
  }

  private static func checkCluster(_ configuration: AppConfiguration) async -> [Finding] {
    var logger = Logger(label: "doctor")
    logger.logLevel = .error
    let client: KubernetesClient
    do {
      if configuration.isSandbox {
        return [Finding(what: "Cluster", isWrong: false, text: "the sandbox; nothing real runs")]
      }
      client = try await Cluster(configuration, logger: logger).client
    } catch {
      return [Finding(what: "Cluster", isWrong: true, text: StartupError(error).message)]
    }
    let findings = await check(
      DomainServices.clusterRights(on: client), client.configuration.host)
    await client.shutdown()
    return findings
  }

  private static func check(_ rights: ClusterRights, _ host: String) async -> [Finding] {
    var findings: [Finding] = []
    do {
      let version = try await rights.version()
      findings.append(
        Finding(what: "Cluster", isWrong: false, text: "Kubernetes \(version) at \(host)"))
      let missing = try await rights.missing()
      guard !missing.isEmpty else {
        let all = "all \(ClusterRights.count) that BabyHelm uses"
        return findings + [Finding(what: "Rights", isWrong: false, text: all)]
      }
      return findings
        + missing.map {
          Finding(
            what: "Rights", isWrong: true,
            text: "BabyHelm may not \($0). Grant it with a ClusterRole, as deploy/rbac.yaml does.")
        }
    } catch {
      findings.append(
        Finding(what: "Cluster", isWrong: true, text: StartupError(error).message))
      return findings
    }
  }
}
