import Foundation
import Kubernetes
import Testing

struct KubeconfigTests {
  private static let whole = """
    apiVersion: v1
    kind: Config
    current-context: dev
    clusters:
      - name: one
        cluster:
          server: https://10.0.0.1:6443
          certificate-authority-data: Q0EgUEVN
          tls-server-name: kubernetes
          proxy-url: http://me:secret@proxy.example:3128
      - name: two
        cluster: {server: "https://two.example/k8s", insecure-skip-tls-verify: true}
    contexts:
      - name: dev
        context: {cluster: one, user: ann, namespace: shop}
      - name: other
        context: {cluster: two, user: bob}
      - name: anonymous
        context: {cluster: two}
    users:
      - name: ann
        user: {token: abc, client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
      - name: bob
        user: {username: bob, password: "p:w"}
    """

  @Test func `the current context is taken with all that belongs to it`() async throws {
    let configuration = try Kubeconfig.load(text: Self.whole, path: "/k/config")

    #expect(configuration.server.absoluteString == "https://10.0.0.1:6443")
    #expect(configuration.host == "10.0.0.1:6443")
    #expect(configuration.contextName == "dev")
    #expect(configuration.namespace == "shop")
    #expect(configuration.tls.certificateAuthorities == "CA PEM")
    #expect(configuration.tls.serverName == "kubernetes")
    #expect(!configuration.tls.isVerificationSkipped)
    #expect(
      configuration.tls.clientCertificate
        == ClientCertificate(certificateChain: "CERT", privateKey: "KEY"))
    #expect(
      configuration.proxy
        == .init(
          kind: .http, host: "proxy.example", port: 3128,
          authorization: .init(username: "me", password: "secret")))
    #expect(try await configuration.credentials.credentials() == .bearer("abc"))
  }

  @Test func `another context is taken by name`() async throws {
    let configuration = try Kubeconfig.load(text: Self.whole, path: "/k/config", context: "other")

    #expect(configuration.host == "two.example:443")
    #expect(configuration.tls.isVerificationSkipped)
    #expect(configuration.namespace == nil)
    #expect(
      try await configuration.credentials.credentials()
        == Credentials(authorization: "Basic Ym9iOnA6dw=="))
  }

  @Test func `a context needs no user`() async throws {
    let configuration = try Kubeconfig.load(
      text: Self.whole, path: "/k/config", context: "anonymous")

    #expect(try await configuration.credentials.credentials() == Credentials())
  }

  @Test func `of several files the first wins, and absent ones don't matter`() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write(
      "first",
      """
      clusters: [{name: c, cluster: {server: "https://first:1"}}]
      contexts: [{name: a, context: {cluster: c}}]
      """)
    let second = try folder.write(
      "second",
      """
      current-context: b
      clusters:
        - {name: c, cluster: {server: "https://second:1"}}
        - {name: d, cluster: {server: "https://third:1"}}
      contexts: [{name: b, context: {cluster: c}}, {name: a, context: {cluster: d}}]
      """)
    let paths = ["\(folder.path)/absent", first, second]

    #expect(try Kubeconfig.load(paths: paths).host == "first:1")
    #expect(try Kubeconfig.load(paths: paths).contextName == "b")
    #expect(try Kubeconfig.load(paths: paths, context: "a").host == "first:1")
    #expect(try Kubeconfig.contexts(paths: paths) == ["a", "b"])
  }

  @Test func `files are found relative to the kubeconfig that names them`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("ca.pem", "CA")
    try folder.write("cert.pem", "CERT")
    try folder.write("key.pem", "KEY")
    try folder.write("token", "from-file\n")
    let path = try folder.write(
      "config",
      """
      current-context: a
      clusters: [{name: c, cluster: {server: "https://h:1", certificate-authority: ca.pem}}]
      contexts: [{name: a, context: {cluster: c, user: u}}]
      users:
        - name: u
          user: {client-certificate: ./cert.pem, client-key: "\(folder.path)/key.pem", tokenFile: token}
      """)

    let configuration = try Kubeconfig.load(paths: [path])

    #expect(configuration.tls.certificateAuthorities == "CA")
    #expect(
      configuration.tls.clientCertificate
        == ClientCertificate(certificateChain: "CERT", privateKey: "KEY"))
    #expect(try await configuration.credentials.credentials() == .bearer("from-file"))
  }

  @Test func `KUBECONFIG is a list, and the home folder the default`() {
    #expect(
      Kubeconfig.paths(environment: ["KUBECONFIG": "/a::/b:", "HOME": "/h"]) == ["/a", "/b"])
    #expect(Kubeconfig.paths(environment: ["HOME": "/h"]) == ["/h/.kube/config"])
    #expect(Kubeconfig.paths(environment: [:]).isEmpty)
  }

  @Test func `a token file is read again when the server refuses the token`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("token", "one")
    let credentials = TokenFileCredentials(file: file)
    #expect(try await credentials.credentials() == .bearer("one"))

    try folder.write("token", "two\n")
    #expect(try await credentials.credentials() == .bearer("one"))
    #expect(await credentials.renew())
    #expect(try await credentials.credentials() == .bearer("two"))
    #expect(await !credentials.renew())
  }

  @Test func `a token file is read again after its time`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("token", "one")
    let credentials = TokenFileCredentials(file: file, lifetime: .zero)
    #expect(try await credentials.credentials() == .bearer("one"))

    try folder.write("token", "two")
    #expect(try await credentials.credentials() == .bearer("two"))
    try folder.write("token", "")
    #expect(try await credentials.credentials() == .bearer("two"))
  }

  @Test func `a token file that was never there is an error`() async {
    let error = await #expect(throws: KubeconfigError.self) {
      try await TokenFileCredentials(file: "/absent/token").credentials()
    }

    #expect(error == .badTokenFile(file: "/absent/token"))
  }

  @Test func `inside a cluster the pod's service account counts`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("token", "mounted")
    try folder.write("ca.crt", "CA")
    try folder.write("namespace", "babies\n")
    let environment = [
      "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
    ]

    let configuration = try Kubeconfig.inCluster(environment: environment, folder: folder.path)

    #expect(configuration.host == "[fd00::1]:443")
    #expect(configuration.tls.certificateAuthorities == "CA")
    #expect(configuration.namespace == "babies")
    #expect(try await configuration.credentials.credentials() == .bearer("mounted"))
  }

  @Test func `outside of a cluster it says what is missing`() throws {
    let folder = try TemporaryFolder()
    let environment = [
      "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443",
    ]

    func why(_ environment: [String: String]) -> String? {
      let error = #expect(throws: KubeconfigError.self) {
        try Kubeconfig.inCluster(environment: environment, folder: folder.path)
      }
      return error?.description
    }

    #expect(why([:])?.contains("KUBERNETES_SERVICE_HOST") == true)
    #expect(why(environment)?.contains("there is no \(folder.path)/token") == true)
    try folder.write("token", "t")
    #expect(why(environment)?.contains("there is no \(folder.path)/ca.crt") == true)
  }
}
