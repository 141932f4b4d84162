import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Kubernetes
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Web

/// A site over a database of its own and a cluster that doesn't answer.
struct TestSite: Sendable {
  let services: Services
  /// Printed at start; nil with the sandbox's rules.
  let setupCode: String?
}

/// Runs a test against a whole site, through ``buildApplication``.
///
/// - Parameters:
///   - isSandbox: whether the first person to register becomes admin.
///   - given: takes the log; without one nobody reads it.
///   - clusterConfiguration: how the cluster is reached; nothing answers there by
///     itself.
///   - clockSkew: how far this machine's clock is ahead of the database's.
///   - routes: pages that only this test has.
func withSite(
  _ site: Site = Site(), isSandbox: Bool = true, _ setup: TestingSetup = .router,
  idle: TimeAmount = .seconds(60), logger given: Logger? = nil,
  clusterConfiguration: ClusterConfiguration? = nil,
  clockSkew: @escaping @Sendable () -> Double = { 0 },
  routes: @escaping @Sendable (RouterGroup<SignedInContext>, Services) -> Void = { _, _ in },
  _ test: @escaping @Sendable (any TestClientProtocol, TestSite) async throws -> Void
) async throws {
  try await withDatabase(.sqlite) { database in
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    if let given { logger = given }
    // Nothing listens on port 1.
    let nowhere = try #require(URL(string: "http://127.0.0.1:1"))
    let client = KubernetesClient(
      configuration: clusterConfiguration ?? ClusterConfiguration(server: nowhere), logger: logger)
    let services = Services(
      database: database, cluster: Cluster(client: client),
      rules: AccountRules(firstUserBecomesAdmin: isSandbox),
      // The least that Argon2 takes: these tests are not about its strength.
      hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4), logger: logger,
      clockSkew: clockSkew)
    let code = try await services.domain.accounts.start()
    var address = ListenAddress()
    address.port = 0
    let router = SiteRouter.make(site: site, services: services)
    routes(router.group(context: SignedInContext.self), services)
    let application = buildApplication(
      router: router, address: address, logger: logger, idle: idle)
    do {
      try await application.test(setup) { client in
        try await test(client, TestSite(services: services, setupCode: code))
      }
    } catch {
      await client.shutdown()
      throw error
    }
    await client.shutdown()
  }
}
