import Kubernetes
import Logging

/// A logger that says nothing.
let silence = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Runs a client while `body` runs.
func withClient(
  _ configuration: ClusterConfiguration, timeout: Duration = .seconds(10),
  _ body: (KubernetesClient) async throws -> Void
) async throws {
  var client = KubernetesClient(configuration: configuration, logger: silence)
  client.timeout = timeout
  do {
    try await body(client)
  } catch {
    await client.shutdown()
    throw error
  }
  await client.shutdown()
}
