import Foundation

/// Several kubeconfig files, merged: the first that has an entry wins.
struct KubeconfigSet {
  let files: [KubeconfigFile]

  /// The names of the contexts, in order, without duplicates.
  var contextNames: [String] {
    var seen: Set<String> = []
    return files.flatMap(\.contexts).map(\.name).filter { seen.insert($0).inserted }
  }

  /// - Returns: the configuration, and the files beside the kubeconfigs that it
  ///   comes from.
  /// - Throws: ``KubeconfigError``.
  func configuration(
    context name: String?
  ) throws(KubeconfigError) -> (ClusterConfiguration, files: Set<String>) {
    let paths = files.map(\.path)
    guard let wanted = name ?? files.lazy.compactMap(\.currentContext).first else {
      throw .noCurrentContext(paths: paths, available: contextNames)
    }
    guard let context = files.lazy.flatMap(\.contexts).first(where: { $0.name == wanted })
    else { throw .unknownContext(name: wanted, paths: paths, available: contextNames) }
    let path = context.value.path
    guard let clusterName = try context.value.text("cluster") else {
      throw .contextWithoutCluster(context: wanted, path: path)
    }
    guard let cluster = files.lazy.flatMap(\.clusters).first(where: { $0.name == clusterName })
    else { throw .unknownCluster(name: clusterName, context: wanted, path: path) }
    var configuration = try Self.configuration(of: cluster)
    configuration.contextName = wanted
    configuration.namespace = try context.value.text("namespace")
    var material = try Self.files(of: cluster, ["certificate-authority"])
    guard let userName = try context.value.text("user") else { return (configuration, material) }
    guard let user = files.lazy.flatMap(\.users).first(where: { $0.name == userName }) else {
      throw .unknownUser(name: userName, context: wanted, path: path)
    }
    try KubeconfigUser(user).apply(to: &configuration, cluster: cluster)
    material.formUnion(try Self.files(of: user, ["client-certificate", "client-key"]))
    return (configuration, material)
  }

  /// The files that an entry names and that count: not those beside `…-data`.
  private static func files(
    of entry: KubeconfigFile.Entry, _ keys: [String]
  ) throws(KubeconfigError) -> Set<String> {
    var files: Set<String> = []
    for key in keys where try entry.value.text("\(key)-data") == nil {
      if let file = try entry.value.file(key) { files.insert(file) }
    }
    return files
  }

  private static func configuration(
    of cluster: KubeconfigFile.Entry
  ) throws(KubeconfigError) -> ClusterConfiguration {
    let fields = cluster.value
    guard let address = try fields.text("server") else {
      throw .noServer(cluster: cluster.name, path: fields.path)
    }
    guard let server = URL(string: address), ["http", "https"].contains(server.scheme),
      let host = server.host(), !host.isEmpty
    else { throw .badServer(cluster: cluster.name, path: fields.path, value: address) }
    var configuration = ClusterConfiguration(server: server)
    configuration.tls.certificateAuthorities = try fields.material(
      "certificate-authority", of: "cluster \"\(cluster.name)\"")
    configuration.tls.isVerificationSkipped = try fields.bool("insecure-skip-tls-verify")
    configuration.tls.serverName = try fields.text("tls-server-name")
    if configuration.tls.isVerificationSkipped,
      configuration.tls.certificateAuthorities != nil
    {
      throw .authorityAndInsecure(cluster: cluster.name, path: fields.path)
    }
    if let proxy = try fields.text("proxy-url") {
      guard let parsed = ClusterConfiguration.Proxy(url: proxy) else {
        throw .badProxy(cluster: cluster.name, path: fields.path, value: proxy)
      }
      configuration.proxy = parsed
    }
    return configuration
  }
}

extension ClusterConfiguration.Proxy {
  /// Reads a `proxy-url`: `http://[user:password@]host[:port]` or
  /// `socks5://host[:port]`.
  fileprivate init?(url text: String) {
    guard let url = URL(string: text), let host = url.host(percentEncoded: false),
      !host.isEmpty
    else { return nil }
    switch url.scheme {
    case "http": self.init(kind: .http, host: host, port: url.port ?? 80)
    case "socks5": self.init(kind: .socks5, host: host, port: url.port ?? 1080)
    default: return nil
    }
    if let user = url.user(percentEncoded: false) {
      let password = url.password(percentEncoded: false) ?? ""
      authorization = Login(username: user, password: password)
    }
  }
}
