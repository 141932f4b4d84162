import Foundation

/// Reads kubeconfig files (client-go `clientcmd`).
public enum Kubeconfig {
  /// Where kubeconfigs are looked for: the list in `KUBECONFIG`, else
  /// `~/.kube/config`.
  public static func paths(environment: [String: String]) -> [String] {
    let list = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    if !list.isEmpty { return list }
    guard let home = environment["HOME"], !home.isEmpty else { return [] }
    return ["\(home)/.kube/config"]
  }

  /// Reads one context.
  ///
  /// Files that don't exist are passed over, unless none does. Of entries of the
  /// same name, and of `current-context`, the first file's wins.
  /// - Parameters:
  ///   - paths: files, the most important first.
  ///   - context: the context's name; `nil` takes the `current-context`.
  /// The files are read again when they, or those that they name, change
  /// (``ClusterConfiguration/source``).
  /// - Throws: ``KubeconfigError``.
  public static func load(
    paths: [String], context: String? = nil
  ) throws(KubeconfigError) -> ClusterConfiguration {
    var files: [KubeconfigFile] = []
    for path in paths {
      if let file = try KubeconfigFile(path: path) { files.append(file) }
    }
    if files.isEmpty { throw .noFile(paths: paths) }
    var (configuration, named) = try KubeconfigSet(files: files).configuration(context: context)
    configuration.source = ClusterConfiguration.Source(files: named.union(paths)) {
      () throws(KubeconfigError) in try load(paths: paths, context: context)
    }
    return configuration
  }

  /// Reads one context of a kubeconfig that isn't in a file.
  ///
  /// - Parameter path: what errors call it; relative file names start from its
  ///   folder.
  /// - Throws: ``KubeconfigError``.
  public static func load(
    text: String, path: String, context: String? = nil
  ) throws(KubeconfigError) -> ClusterConfiguration {
    let file = try KubeconfigFile(text: text, path: path)
    return try KubeconfigSet(files: [file]).configuration(context: context).0
  }

  /// The names of the contexts, in order, without duplicates.
  ///
  /// - Throws: ``KubeconfigError``.
  public static func contexts(paths: [String]) throws(KubeconfigError) -> [String] {
    var files: [KubeconfigFile] = []
    for path in paths {
      if let file = try KubeconfigFile(path: path) { files.append(file) }
    }
    return KubeconfigSet(files: files).contextNames
  }

  /// The folder where Kubernetes mounts a pod's service account.
  public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The cluster that this process runs in, as its pod's service account.
  ///
  /// - Throws: ``KubeconfigError/notInCluster(why:)``.
  public static func inCluster(
    environment: [String: String], folder: String = serviceAccountFolder
  ) throws(KubeconfigError) -> ClusterConfiguration {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"].flatMap(Int.init)
    else {
      throw .notInCluster(why: "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT aren't set")
    }
    let address = host.contains(":") ? "[\(host)]" : host
    guard let server = URL(string: "https://\(address):\(port)") else {
      throw .notInCluster(why: "KUBERNETES_SERVICE_HOST isn't an address")
    }
    let token = "\(folder)/token"
    guard FileManager.default.isReadableFile(atPath: token) else {
      throw .notInCluster(why: "there is no \(token)")
    }
    guard let authority = try? String(contentsOfFile: "\(folder)/ca.crt", encoding: .utf8) else {
      throw .notInCluster(why: "there is no \(folder)/ca.crt")
    }
    let namespace = try? String(contentsOfFile: "\(folder)/namespace", encoding: .utf8)
    var configuration = ClusterConfiguration(
      server: server, tls: .init(certificateAuthorities: authority),
      credentials: TokenFileCredentials(file: token),
      namespace: namespace?.trimmingCharacters(in: .whitespacesAndNewlines))
    configuration.source = ClusterConfiguration.Source(files: ["\(folder)/ca.crt"]) {
      () throws(KubeconfigError) in try inCluster(environment: environment, folder: folder)
    }
    return configuration
  }
}
