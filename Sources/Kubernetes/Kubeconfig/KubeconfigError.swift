/// What is wrong with a kubeconfig, or with the credentials it leads to.
///
/// Each case is one mistake. ``description`` names the file, the entry and the
/// mistake, ``advice`` what to do about it.
public enum KubeconfigError: Error, Sendable, Hashable {
  /// None of the files that were looked for exists.
  case noFile(paths: [String])
  /// The file is there but can't be read.
  case unreadableFile(path: String, why: String)
  /// The file isn't YAML.
  case notYAML(path: String, YAMLError)
  /// The file is YAML, but a value in it has the wrong type.
  case wrongType(path: String, field: String, expected: String)
  /// No context was asked for, and no file names a current one.
  case noCurrentContext(paths: [String], available: [String])
  /// No file has the context.
  case unknownContext(name: String, paths: [String], available: [String])
  /// The context names a cluster that no file has.
  case unknownCluster(name: String, context: String, path: String)
  /// The context names a user that no file has.
  case unknownUser(name: String, context: String, path: String)
  /// The context names no cluster.
  case contextWithoutCluster(context: String, path: String)
  /// The cluster has no server.
  case noServer(cluster: String, path: String)
  /// The cluster's server isn't an http or https URL.
  case badServer(cluster: String, path: String, value: String)
  /// The cluster's proxy isn't an http or socks5 URL.
  case badProxy(cluster: String, path: String, value: String)
  /// A `…-data` entry isn't base64.
  case badBase64(entry: String, field: String, path: String)
  /// A file that an entry names can't be read.
  case unreadableReference(entry: String, field: String, file: String, path: String)
  /// Both a certificate authority and `insecure-skip-tls-verify`.
  case authorityAndInsecure(cluster: String, path: String)
  /// A client certificate without a key, or a key without a certificate.
  case halfClientCertificate(user: String, path: String)
  /// A username without a password, or the other way round.
  case halfPassword(user: String, path: String)
  /// The user has a legacy `auth-provider`, which Kubernetes has removed.
  case authProvider(user: String, name: String, path: String)
  /// A certificate or a key isn't PEM.
  case badCertificate(what: String)
  /// A token file can't be read, or is empty.
  case badTokenFile(file: String)
  /// The exec plugin's apiVersion isn't one that is understood.
  case execVersion(user: String, value: String, path: String)
  /// The exec plugin has no command.
  case execWithoutCommand(user: String, path: String)
  /// The exec plugin's program isn't there.
  case execNotFound(command: String, hint: String)
  /// The exec plugin ended with an error.
  case execFailed(command: String, status: String, output: String, hint: String)
  /// The exec plugin didn't end in time.
  case execTimedOut(command: String, seconds: Int)
  /// The exec plugin didn't write an ExecCredential.
  case execOutput(command: String, why: String)
  /// Not inside a cluster, or its service account isn't mounted.
  case notInCluster(why: String)
}
