import Kubernetes
import Logging
import Testing

/// Waits until a condition holds; fails after ten seconds.
func eventually(
  _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () async -> Bool
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(10)
  while await !condition() {
    try #require(clock.now < deadline, what, sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(2))
  }
}

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
