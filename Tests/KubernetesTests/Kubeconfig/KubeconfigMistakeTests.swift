import Foundation
import Kubernetes
import Testing

/// Each mistake has its own message, with file, entry and what to do.
struct KubeconfigMistakeTests {
  /// A kubeconfig with one context, `a`, of cluster `c` and user `u`.
  private static func config(cluster: String, user: String = "{}") -> String {
    """
    current-context: a
    clusters: [{name: c, cluster: \(cluster)}]
    contexts: [{name: a, context: {cluster: c, user: u}}]
    users: [{name: u, user: \(user)}]
    """
  }

  private static func config(user: String) -> String {
    config(cluster: "{server: \"https://h:1\"}", user: user)
  }

  private static let mistakes: [(String, String)] = [
    ("a: [", "The kubeconfig /k/config can't be read. Not YAML: "),
    ("[1]", "In the kubeconfig /k/config, the whole isn't a mapping."),
    ("clusters: 5", "In the kubeconfig /k/config, clusters isn't a list."),
    ("clusters: [{cluster: {}}]", "In the kubeconfig /k/config, clusters[0].name isn't a name."),
    ("users: [{name: u}]", "In the kubeconfig /k/config, users[0].user isn't a mapping."),
    ("", "The kubeconfig /k/config has no current-context."),
    ("current-context: \"\"", "The kubeconfig /k/config has no current-context."),
    ("current-context: x", "The kubeconfig /k/config has no context \"x\"."),
    (
      "current-context: a\ncontexts: [{name: a, context: {user: u}}]",
      "In the kubeconfig /k/config, context \"a\" names no cluster."
    ),
    (
      "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]",
      "In the kubeconfig /k/config, context \"a\" names the cluster \"c\", which isn't there."
    ),
    (
      """
      current-context: a
      clusters: [{name: c, cluster: {server: "https://h:1"}}]
      contexts: [{name: a, context: {cluster: c, user: u}}]
      """,
      "In the kubeconfig /k/config, context \"a\" names the user \"u\", which isn't there."
    ),
    (config(cluster: "{}"), "In the kubeconfig /k/config, cluster \"c\" has no server."),
    (
      config(cluster: "{server: [1]}"),
      "In the kubeconfig /k/config, clusters[0].cluster.server isn't a string."
    ),
    (
      config(cluster: "{server: \"10.0.0.1:6443\"}"),
      "In the kubeconfig /k/config, the server of cluster \"c\" isn't an http or https URL: 10.0.0.1:6443."
    ),
    (
      config(cluster: "{server: \"https://h:1\", proxy-url: \"ftp://p\"}"),
      "In the kubeconfig /k/config, the proxy-url of cluster \"c\" isn't an http or socks5 URL: ftp://p."
    ),
    (
      config(cluster: "{server: \"https://h:1\", certificate-authority-data: \"%%\"}"),
      "In the kubeconfig /k/config, certificate-authority-data of cluster \"c\" isn't base64."
    ),
    (
      config(cluster: "{server: \"https://h:1\", certificate-authority: absent.pem}"),
      "In the kubeconfig /k/config, certificate-authority of cluster \"c\" names the file /k/absent.pem, which can't be read."
    ),
    (
      config(
        cluster:
          "{server: \"https://h\", certificate-authority-data: QQ==, insecure-skip-tls-verify: true}"
      ),
      "In the kubeconfig /k/config, cluster \"c\" has a certificate authority and insecure-skip-tls-verify."
    ),
    (
      config(cluster: "{server: \"https://h\", insecure-skip-tls-verify: maybe}"),
      "In the kubeconfig /k/config, clusters[0].cluster.insecure-skip-tls-verify isn't true or false."
    ),
    (
      config(user: "{client-certificate-data: QQ==}"),
      "In the kubeconfig /k/config, user \"u\" has only one of client certificate and client key."
    ),
    (
      config(user: "{username: me}"),
      "In the kubeconfig /k/config, user \"u\" has only one of username and password."
    ),
    (
      config(user: "{auth-provider: {name: gcp}}"),
      "In the kubeconfig /k/config, user \"u\" has the auth-provider \"gcp\", which Kubernetes has removed."
    ),
    (
      config(user: "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
      "In the kubeconfig /k/config, the exec plugin of user \"u\" has the apiVersion \"client.authentication.k8s.io/v1alpha1\"."
    ),
    (
      config(user: "{exec: {apiVersion: client.authentication.k8s.io/v1}}"),
      "In the kubeconfig /k/config, the exec plugin of user \"u\" has no command."
    ),
    (
      config(user: "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, args: 1}}"),
      "In the kubeconfig /k/config, users[0].user.exec.args isn't a list."
    ),
  ]

  @Test(arguments: mistakes)
  func `a mistake names file, entry and what to do`(text: String, message: String) {
    let error = #expect(throws: KubeconfigError.self) {
      try Kubeconfig.load(text: text, path: "/k/config")
    }

    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "none")")
    #expect(error?.advice.hasSuffix(".") == true)
  }

  @Test func `without any file it says where it looked`() {
    let error = #expect(throws: KubeconfigError.self) {
      try Kubeconfig.load(paths: ["/absent/a", "/absent/b"])
    }

    #expect(error?.description == "There is no kubeconfig at /absent/a, /absent/b.")
  }

  @Test func `a folder, or a file that isn't text, can't be read`() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/binary"
    try Data([0xFF, 0xFE, 0x00, 0xC3, 0x28]).write(to: URL(filePath: file))

    for path in [folder.path, file] {
      let error = #expect(throws: KubeconfigError.self) { try Kubeconfig.load(paths: [path]) }
      #expect(
        error?.description.hasPrefix("The kubeconfig \(path) can't be read:") == true,
        "\(error?.description ?? "none")")
    }
  }

  @Test func `an unknown context comes with those there are`() {
    let text = Self.config(user: "{}")

    let error = #expect(throws: KubeconfigError.self) {
      try Kubeconfig.load(text: text, path: "/k/config", context: "x")
    }

    #expect(error?.advice == "Choose one of: a.")
  }

  @Test func `messages never hold a secret`() throws {
    let text = Self.config(user: "{token: hunter2, username: me}")

    let configuration = try Kubeconfig.load(text: text, path: "/k/config")

    #expect(!configuration.host.contains("hunter2"))
    let error = #expect(throws: KubeconfigError.self) {
      try Kubeconfig.load(
        text: Self.config(user: "{password: hunter2}"), path: "/k/config")
    }
    #expect(error?.description.contains("hunter2") == false)
  }
}
