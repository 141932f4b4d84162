import Foundation
import Kubernetes
import TestSupport
import Testing

/// Files that say how the cluster is reached change while a client uses it.
@Suite(.timeLimit(.minutes(10)))
struct ChangedFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func kubeconfig(_ server: String, cluster: String = "", user: String) -> String {
    """
    apiVersion: v1
    kind: Config
    clusters: [{name: c, cluster: {server: "\(server)"\(cluster)}}]
    users: [{name: u, user: {\(user)}}]
    contexts: [{name: x, context: {cluster: c, user: u}}]
    current-context: x
    """
  }

  private func load() throws -> ClusterConfiguration {
    try Kubeconfig.load(paths: ["\(folder.path)/config"])
  }

  @Test func `a refused token is replaced by the kubeconfig's new one at once`() async throws {
    try await ScriptedServer.run { request in
      request.headers["authorization"] == "Bearer new"
        ? .text(200, "ok") : .refusal(401, "Unauthorized")
    } _: { server in
      let address = "http://127.0.0.1:\(server.port)"
      try folder.write("config", kubeconfig(address, user: "token: old"))
      try await withClient(try load()) { client in
        await #expect(throws: KubernetesError.self) { try await client.readyz() }

        try folder.write("config", kubeconfig(address, user: "token: new"))
        try await client.readyz()

        #expect(
          server.requests.compactMap { $0.headers["authorization"] }
            == ["Bearer old", "Bearer old", "Bearer new"])
      }
    }
  }

  @Test func `a half-written kubeconfig changes nothing, and is told`() async throws {
    try await ScriptedServer.run { _ in
      .text(200, "ok")
    } _: { server in
      let whole = kubeconfig("http://127.0.0.1:\(server.port)", user: "token: old")
      try folder.write("config", whole)
      try await withClient(try load()) { client in
        try await client.readyz()
        try folder.write("config", String(whole.prefix(80)))

        try await eventually("the mistake is seen") {
          try await client.readyz()
          return client.configurationProblem != nil
        }
        try folder.write("config", whole.replacing("old", with: "new"))
        try await eventually("the new file counts") {
          try await client.readyz()
          return server.requests.last?.headers["authorization"] == "Bearer new"
        }
        #expect(client.configurationProblem == nil)
      }
    }
  }

  @Test func `a watch that is under way outlives the change`() async throws {
    let gate = Gate()
    try await ScriptedServer.run { request in
      guard request.isWatch else { return .text(200, "ok") }
      let event = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"# + "\n"
      return .chunkedHead + [.wait(gate)] + .chunk(event) + .end
    } _: { server in
      let address = "http://127.0.0.1:\(server.port)"
      try folder.write("config", kubeconfig(address, user: "token: old"))
      try await withClient(try load()) { client in
        let watch = try await client.watch(CoreV1.Pod.self)
        try folder.write("config", kubeconfig(address, user: "token: new"))
        try await eventually("new requests go by the new file") {
          try await client.readyz()
          return server.requests.last?.headers["authorization"] == "Bearer new"
        }

        gate.open()
        var count = 0
        for try await _ in watch { count += 1 }
        #expect(count == 1)
      }
    }
  }
}

/// The same over TLS, where authorities and certificates are files of their own.
@Suite(
  .timeLimit(.minutes(10)),
  .enabled(if: Certificates.isAvailable, Comment(rawValue: Certificates.absence)))
struct ChangedCertificatesTests {
  private let certificates: Certificates
  private let folder: TemporaryFolder

  init() async throws {
    certificates = try await Certificates.shared
    folder = try TemporaryFolder()
  }

  private func configuration(_ port: Int) throws -> ClusterConfiguration {
    try folder.write(
      "config",
      """
      apiVersion: v1
      kind: Config
      clusters:
      - name: c
        cluster: {server: "https://127.0.0.1:\(port)", certificate-authority: ca.pem}
      users: [{name: u, user: {client-certificate: own.pem, client-key: own.key}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      current-context: x
      """)
    return try Kubeconfig.load(paths: ["\(folder.path)/config"])
  }

  @Test func `a new authority and a new client certificate are used without a restart`()
    async throws
  {
    let context = try certificates.serverContext("server", asksClient: true)
    try await ScriptedServer.run(tls: context) { _ in
      .text(200, "ok")
    } _: { server in
      try folder.write("ca.pem", certificates.pem("ca2"))
      try folder.write("own.pem", certificates.pem("ca2"))
      try folder.write("own.key", certificates.key("ca2"))
      try await withClient(try configuration(server.port)) { client in
        await #expect(throws: KubernetesError.self) { try await client.readyz() }
        #expect(await reason(client) == .untrustedCertificate)

        try folder.write("ca.pem", certificates.pem("ca"))
        try await eventually("the authority counts") {
          await reason(client) == .clientCertificateRefused
        }
        try folder.write("own.pem", certificates.pem("client"))
        try folder.write("own.key", certificates.key("client"))
        try await eventually("the certificate counts") { await reason(client) == nil }
      }
    }
  }

  private func reason(_ client: KubernetesClient) async -> Unreachable? {
    do throws(KubernetesError) {
      try await client.readyz()
      return nil
    } catch .unreachable(_, let reason) {
      return reason
    } catch {
      return .other(error.description)
    }
  }
}
