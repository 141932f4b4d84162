import Foundation
import Testing

@testable import Kubernetes

struct ExecPluginTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The credentials of a plugin that is this shell script. It may count its
  /// runs with `echo run >> runs`.
  private func credentials(
    _ script: String, command: String = "./plugin", exec: String = "",
    timeout: Duration = .seconds(30), now: @escaping @Sendable () -> Date = { Date() }
  ) throws -> ExecCredentials {
    try folder.write(
      "plugin", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n\(script)\n", permissions: 0o700)
    let text = """
      clusters: [{name: c, cluster: {server: "https://h:1", certificate-authority-data: Q0E=}}]
      users:
        - name: u
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: "\(command)"
              installHint: Install it from example.com.
              \(exec)
      """
    let file = try KubeconfigFile(text: text, path: "\(folder.path)/config")
    var configuration = ClusterConfiguration(server: URL(filePath: "/"))
    configuration.server = try #require(URL(string: "https://h:1"))
    configuration.tls.certificateAuthorities = "CA"
    let fields = try #require(try file.users[0].value.object("exec"))
    var plugin = try ExecPlugin(fields, user: "u", cluster: file.clusters[0], configuration)
    plugin.timeout = timeout
    return ExecCredentials(plugin: plugin, now: now)
  }

  private static func answer(_ status: String) -> String {
    """
    echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\(status)}'
    """
  }

  private var runs: Int { folder.read("runs").split(separator: "\n").count }

  @Test func `its token is used, and kept as long as nothing says otherwise`() async throws {
    let credentials = try credentials("echo run >> runs\n" + Self.answer(#"{"token":"t"}"#))

    #expect(try await credentials.credentials() == .bearer("t"))
    #expect(try await credentials.credentials() == .bearer("t"))
    #expect(runs == 1)

    #expect(await credentials.renew())
    #expect(try await credentials.credentials() == .bearer("t"))
    #expect(runs == 2)
  }

  @Test func `it runs again when the token expires, a little before`() async throws {
    let clock = SettableDate(try #require(Timestamp.date("2026-01-01T00:00:00Z")))
    let credentials = try credentials(
      "echo run >> runs\n"
        + Self.answer(#"{"token":"t","expirationTimestamp":"2026-01-01T01:00:00Z"}"#),
      now: { clock.date })
    _ = try await credentials.credentials()

    clock.date += 3580
    _ = try await credentials.credentials()
    #expect(runs == 1)

    clock.date += 15
    _ = try await credentials.credentials()
    #expect(runs == 2)
  }

  @Test func `many calls at once run it once`() async throws {
    let credentials = try credentials("echo run >> runs\n" + Self.answer(#"{"token":"t"}"#))

    try await withThrowingTaskGroup(of: Credentials.self) { group in
      for _ in 0..<20 { group.addTask { try await credentials.credentials() } }
      for try await value in group { #expect(value == .bearer("t")) }
    }

    #expect(runs == 1)
  }

  @Test func `arguments, environment and cluster reach it`() async throws {
    let credentials = try credentials(
      """
      printf '%s' "$1/$2/$WHO" > told
      printf '%s' "$KUBERNETES_EXEC_INFO" > info
      """ + "\n" + Self.answer(#"{"token":"t"}"#),
      exec: """
        args: [get-token, "a b"]
                env: [{name: WHO, value: ann}]
                provideClusterInfo: true
        """)

    _ = try await credentials.credentials()

    #expect(folder.read("told") == "get-token/a b/ann")
    #expect(
      try JSONValue(parsing: folder.read("info").utf8) == [
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "spec": [
          "interactive": false,
          "cluster": ["server": "https://h:1", "certificate-authority-data": "Q0E="],
        ],
      ])
  }

  @Test func `a client certificate is taken, too`() async throws {
    let credentials = try credentials(
      Self.answer(#"{"clientCertificateData":"CERT","clientKeyData":"KEY"}"#))

    #expect(
      try await credentials.credentials()
        == Credentials(
          clientCertificate: ClientCertificate(certificateChain: "CERT", privateKey: "KEY")))
  }

  private static let failures: [(String, String, String)] = [
    (
      "echo oops >&2; echo 'no session' >&2; exit 3",
      "ended with exit status 3: no session", "Install it from example.com."
    ),
    ("kill -9 $$", "ended with signal 9.", "Install it from example.com."),
    ("echo hello", "didn't write an ExecCredential: Not JSON", "Run the plugin by hand"),
    (
      "echo '{}'", "didn't write an ExecCredential: Its kind isn't ExecCredential.",
      "Run the plugin by hand"
    ),
    (
      "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"v1\"}'",
      "Its apiVersion isn't client.authentication.k8s.io/v1.", "Run the plugin by hand"
    ),
    (answer("null"), "It has no status.", "Run the plugin by hand"),
    (answer("{}"), "It has neither a token nor a client certificate.", "Run the plugin by hand"),
    (answer(#"{"clientKeyData":"K"}"#), "It has only one of", "Run the plugin by hand"),
    (
      answer(#"{"token":"t","expirationTimestamp":"soon"}"#), "isn't an RFC 3339 time.",
      "Run the plugin by hand"
    ),
  ]

  @Test(arguments: failures)
  func `its failures are told with what to do`(
    script: String, message: String, advice: String
  ) async throws {
    let credentials = try credentials(script)

    let error = await #expect(throws: KubeconfigError.self) {
      try await credentials.credentials()
    }

    let text = try #require(error?.description)
    #expect(text.hasPrefix("The credential plugin \"\(folder.path)/plugin\" "))
    #expect(text.contains(message), "\(text)")
    #expect(error?.advice.hasPrefix(advice) == true)
  }

  @Test func `a program that isn't there comes with the hint how to get it`() async throws {
    for command in ["surely-not-installed-plugin", "./absent"] {
      let credentials = try credentials("", command: command)

      let error = await #expect(throws: KubeconfigError.self) {
        try await credentials.credentials()
      }

      #expect(
        error?.description.contains("isn't installed") == true, "\(String(describing: error))")
      #expect(error?.advice == "Install it from example.com.")
    }
  }

  @Test(.timeLimit(.minutes(10)))
  func `one that doesn't end is ended`() async throws {
    let credentials = try credentials("exec sleep 300", timeout: .milliseconds(300))

    let error = await #expect(throws: KubeconfigError.self) {
      try await credentials.credentials()
    }

    #expect(error == .execTimedOut(command: "\(folder.path)/plugin", seconds: 0))
  }

  @Test(.timeLimit(.minutes(10)))
  func `one whose child doesn't end is ended, too`() async throws {
    let credentials = try credentials("sleep 300\necho", timeout: .milliseconds(300))

    let error = await #expect(throws: KubeconfigError.self) {
      try await credentials.credentials()
    }

    #expect(error == .execTimedOut(command: "\(folder.path)/plugin", seconds: 0))
  }

  @Test func `a failure isn't kept`() async throws {
    let credentials = try credentials(
      "echo run >> runs; if [ \"$(wc -l < runs)\" -lt 2 ]; then exit 1; fi\n"
        + Self.answer(#"{"token":"t"}"#))

    await #expect(throws: KubeconfigError.self) { try await credentials.credentials() }
    #expect(try await credentials.credentials() == .bearer("t"))
  }
}
