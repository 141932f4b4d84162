import Foundation
import Kubernetes
import Logging
import NIOSSL
import Testing

@Suite(
  .timeLimit(.minutes(10)),
  .enabled(if: Certificates.isAvailable, Comment(rawValue: Certificates.absence)))
struct ClientTLSTests {
  private let certificates: Certificates

  init() async throws { certificates = try await Certificates.shared }

  /// Asks a TLS server whether it is ready.
  private func ask(
    server name: String, asksClient: Bool = false, host: String = "127.0.0.1",
    _ tls: ClusterConfiguration.TLSSettings
  ) async throws -> Result<ScriptedServer.Request?, KubernetesError> {
    let context = try certificates.serverContext(name, asksClient: asksClient)
    var result = Result<ScriptedServer.Request?, KubernetesError>.success(nil)
    try await ScriptedServer.run(tls: context) { _ in
      .text(200, "ok")
    } _: { server in
      let url = try #require(URL(string: "https://\(host):\(server.port)"))
      try await withClient(ClusterConfiguration(server: url, tls: tls)) { client in
        do throws(KubernetesError) {
          try await client.readyz()
          result = .success(server.requests.first)
        } catch {
          result = .failure(error)
        }
      }
    }
    return result
  }

  private func obstacle(
    _ result: Result<ScriptedServer.Request?, KubernetesError>
  ) -> Unreachable? {
    if case .failure(.unreachable(_, let reason)) = result { reason } else { nil }
  }

  private var trusting: ClusterConfiguration.TLSSettings {
    .init(certificateAuthorities: certificates.pem("ca"))
  }

  @Test func `a server of a known authority is trusted, by address and by name`() async throws {
    #expect(try await ask(server: "server", trusting).get() != nil)
    #expect(try await ask(server: "server", host: "localhost", trusting).get() != nil)
  }

  @Test func `a server of an unknown authority isn't trusted`() async throws {
    let stranger = ClusterConfiguration.TLSSettings(
      certificateAuthorities: certificates.pem("ca2"))

    #expect(obstacle(try await ask(server: "server", stranger)) == .untrustedCertificate)
    #expect(obstacle(try await ask(server: "server", .init())) == .untrustedCertificate)
  }

  @Test func `a probe tells an expired certificate from one of an unknown authority`()
    async throws
  {
    for (name, isExpired) in [("server", false), ("expired", true)] {
      let context = try certificates.serverContext(name)
      try await ScriptedServer.run(tls: context) { _ in
        .text(200, "ok")
      } _: { server in
        do throws(KubernetesError) {
          _ = try await EndpointProbe.statusCode(
            host: "web.example.org", port: server.port, isTLS: true, address: "127.0.0.1",
            timeout: .seconds(10), logger: Logger(label: "test"))
          Issue.record("the certificate was trusted")
        } catch .unreachable(_, .expiredCertificate) {
          #expect(isExpired)
        } catch {
          #expect(!isExpired)
          guard case .unreachable(_, .untrustedCertificate) = error else {
            Issue.record("\(error)")
            return
          }
        }
      }
    }
  }

  @Test func `an expired certificate is told with its end`() async throws {
    let reason = obstacle(try await ask(server: "expired", trusting))

    guard case .expiredCertificate(let end) = reason else {
      Issue.record("it is \(String(describing: reason))")
      return
    }
    #expect(try #require(Timestamp.date(end)) < Date())
  }

  @Test func `a certificate for another host isn't accepted`() async throws {
    #expect(obstacle(try await ask(server: "other", trusting)) == .wrongHost)
  }

  @Test func `a certificate may be for another name if the configuration says so`() async throws {
    var settings = trusting
    settings.serverName = "other.example"

    let request = try await ask(server: "other", settings).get()

    #expect(request?.headers["host"]?.hasPrefix("127.0.0.1:") == true)
    settings.serverName = "third.example"
    let refusal = obstacle(try await ask(server: "other", settings))
    #expect(refusal == .wrongHost)
  }

  @Test func `checks are skipped only if the configuration says so`() async throws {
    let settings = ClusterConfiguration.TLSSettings(isVerificationSkipped: true)

    #expect(try await ask(server: "expired", settings).get() != nil)
  }

  @Test func `a client certificate is shown to a server that asks for it`() async throws {
    var settings = trusting
    settings.clientCertificate = ClientCertificate(
      certificateChain: certificates.pem("client"), privateKey: certificates.key("client"))

    #expect(try await ask(server: "server", asksClient: true, settings).get() != nil)
  }

  @Test func `without a client certificate such a server refuses`() async throws {
    let reason = obstacle(try await ask(server: "server", asksClient: true, trusting))

    #expect(reason == .clientCertificateRefused)
  }

  @Test func `an exec plugin's certificate is shown, too`() async throws {
    let pair = ClientCertificate(
      certificateChain: certificates.pem("client"), privateKey: certificates.key("client"))
    let context = try certificates.serverContext("server", asksClient: true)
    try await ScriptedServer.run(tls: context) { _ in
      .text(200, "ok")
    } _: { server in
      let configuration = ClusterConfiguration(
        server: try #require(URL(string: "https://127.0.0.1:\(server.port)")), tls: trusting,
        credentials: StaticCredentials(Credentials(clientCertificate: pair)))
      try await withClient(configuration) { try await $0.readyz() }
    }
  }

  @Test func `a server without TLS is told as such`() async throws {
    try await ScriptedServer.run(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n") { _ in
      []
    } _: { server in
      let url = try #require(URL(string: "https://127.0.0.1:\(server.port)"))
      try await withClient(ClusterConfiguration(server: url)) { client in
        let error = await #expect(throws: KubernetesError.self) { try await client.readyz() }

        #expect(error == .unreachable(address: "https://127.0.0.1:\(server.port)", .notTLS))
      }
    }
  }

  @Test(arguments: [
    ("ca", "The cluster's certificate authority isn't PEM that can be read."),
    ("certificate", "The client certificate isn't PEM that can be read."),
    ("key", "The client certificate's key isn't PEM that can be read."),
  ])
  func `broken PEM is told before anything is sent`(what: String, message: String) async throws {
    var settings = trusting
    if what == "ca" { settings.certificateAuthorities = "nonsense" }
    if what != "ca" {
      settings.clientCertificate = ClientCertificate(
        certificateChain: what == "certificate" ? "nonsense" : certificates.pem("client"),
        privateKey: "nonsense")
    }

    let result = try await ask(server: "server", settings)

    let error = #expect(throws: KubernetesError.self) { try result.get() }
    #expect(error?.description == message)
  }
}
