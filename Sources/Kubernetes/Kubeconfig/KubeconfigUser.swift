import Foundation

/// A user of a kubeconfig.
struct KubeconfigUser {
  private let name: String
  private let fields: KubeconfigFields

  init(_ entry: KubeconfigFile.Entry) {
    name = entry.name
    fields = entry.value
  }

  /// Sets the credentials; with more than one kind, client-go's order counts:
  /// token, password, exec plugin. A client certificate goes with any of them.
  func apply(
    to configuration: inout ClusterConfiguration, cluster: KubeconfigFile.Entry
  ) throws(KubeconfigError) {
    if let provider = try fields.object("auth-provider") {
      throw .authProvider(
        user: name, name: try provider.string("name") ?? "", path: fields.path)
    }
    configuration.tls.clientCertificate = try clientCertificate()
    if let file = try fields.file("tokenFile") {
      configuration.credentials = TokenFileCredentials(file: file)
    } else if let token = try fields.text("token") {
      configuration.credentials = StaticCredentials(.bearer(token))
    } else if let basic = try password() {
      configuration.credentials = StaticCredentials(basic)
    } else if let exec = try fields.object("exec") {
      let plugin = try ExecPlugin(exec, user: name, cluster: cluster, configuration)
      configuration.credentials = ExecCredentials(plugin: plugin)
    }
  }

  private func clientCertificate() throws(KubeconfigError) -> ClientCertificate? {
    let entry = "user \"\(name)\""
    let certificate = try fields.material("client-certificate", of: entry)
    let key = try fields.material("client-key", of: entry)
    switch (certificate, key) {
    case (let certificate?, let key?):
      return ClientCertificate(certificateChain: certificate, privateKey: key)
    case (nil, nil): return nil
    default: throw .halfClientCertificate(user: name, path: fields.path)
    }
  }

  private func password() throws(KubeconfigError) -> Credentials? {
    let username = try fields.text("username")
    let password = try fields.text("password")
    guard username != nil || password != nil else { return nil }
    guard let username, let password else {
      throw .halfPassword(user: name, path: fields.path)
    }
    let pair = Data("\(username):\(password)".utf8).base64EncodedString()
    return Credentials(authorization: "Basic \(pair)")
  }
}
