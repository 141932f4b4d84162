extension KubeconfigError: CustomStringConvertible {
  /// The file, the entry and the mistake, as one sentence.
  public var description: String {
    switch self {
    case .noFile(let paths):
      "There is no kubeconfig at \(paths.joined(separator: ", "))."
    case .unreadableFile(let path, let why): "The kubeconfig \(path) can't be read: \(why)."
    case .notYAML(let path, let error): "The kubeconfig \(path) can't be read. \(error)"
    case .wrongType(let path, let field, let expected):
      "In the kubeconfig \(path), \(field) isn't \(expected)."
    case .noCurrentContext(let paths, _):
      "The kubeconfig \(paths.joined(separator: ", ")) has no current-context."
    case .unknownContext(let name, let paths, _):
      "The kubeconfig \(paths.joined(separator: ", ")) has no context \"\(name)\"."
    case .unknownCluster(let name, let context, let path):
      "In the kubeconfig \(path), context \"\(context)\" names the cluster \"\(name)\", "
        + "which isn't there."
    case .unknownUser(let name, let context, let path):
      "In the kubeconfig \(path), context \"\(context)\" names the user \"\(name)\", "
        + "which isn't there."
    case .contextWithoutCluster(let context, let path):
      "In the kubeconfig \(path), context \"\(context)\" names no cluster."
    default: entryDescription ?? credentialDescription
    }
  }

  private var entryDescription: String? {
    switch self {
    case .noServer(let cluster, let path):
      "In the kubeconfig \(path), cluster \"\(cluster)\" has no server."
    case .badServer(let cluster, let path, let value):
      "In the kubeconfig \(path), the server of cluster \"\(cluster)\" isn't an http or "
        + "https URL: \(value)."
    case .badProxy(let cluster, let path, let value):
      "In the kubeconfig \(path), the proxy-url of cluster \"\(cluster)\" isn't an http or "
        + "socks5 URL: \(value)."
    case .badBase64(let entry, let field, let path):
      "In the kubeconfig \(path), \(field) of \(entry) isn't base64."
    case .unreadableReference(let entry, let field, let file, let path):
      "In the kubeconfig \(path), \(field) of \(entry) names the file \(file), which can't "
        + "be read."
    case .authorityAndInsecure(let cluster, let path):
      "In the kubeconfig \(path), cluster \"\(cluster)\" has a certificate authority and "
        + "insecure-skip-tls-verify."
    case .halfClientCertificate(let user, let path):
      "In the kubeconfig \(path), user \"\(user)\" has only one of client certificate and "
        + "client key."
    case .halfPassword(let user, let path):
      "In the kubeconfig \(path), user \"\(user)\" has only one of username and password."
    case .authProvider(let user, let name, let path):
      "In the kubeconfig \(path), user \"\(user)\" has the auth-provider \"\(name)\", which "
        + "Kubernetes has removed."
    case .execVersion(let user, let value, let path):
      "In the kubeconfig \(path), the exec plugin of user \"\(user)\" has the apiVersion "
        + "\"\(value)\"."
    case .execWithoutCommand(let user, let path):
      "In the kubeconfig \(path), the exec plugin of user \"\(user)\" has no command."
    default: nil
    }
  }

  private var credentialDescription: String {
    switch self {
    case .badCertificate(let what): "\(what) isn't PEM that can be read."
    case .badTokenFile(let file): "The token file \(file) can't be read, or is empty."
    case .execNotFound(let command, _):
      "The credential plugin \"\(command)\" isn't installed, or isn't in the PATH."
    case .execFailed(let command, let status, let output, _):
      "The credential plugin \"\(command)\" ended with \(status)"
        + (output.isEmpty ? "." : ": \(output)")
    case .execTimedOut(let command, let seconds):
      "The credential plugin \"\(command)\" didn't end within \(seconds) s."
    case .execOutput(let command, let why):
      "The credential plugin \"\(command)\" didn't write an ExecCredential: \(why)"
    case .notInCluster(let why): "This isn't a pod of a cluster: \(why)."
    default: ""
    }
  }

  /// What to do about it, as one sentence.
  public var advice: String {
    switch self {
    case .noFile: "Name one with KUBECONFIG, or put it there."
    case .unreadableFile: "Check the file's path and its permissions."
    case .notYAML: "Correct the file; kubectl config view shows whether it can be read."
    case .wrongType: "Correct the entry."
    case .noCurrentContext(_, let available), .unknownContext(_, _, let available):
      available.isEmpty
        ? "Add a context to the file." : "Choose one of: \(available.joined(separator: ", "))."
    case .unknownCluster, .contextWithoutCluster:
      "Add the cluster, or correct the context's cluster."
    case .unknownUser: "Add the user, or correct the context's user."
    case .noServer, .badServer: "Give it a server such as https://10.0.0.1:6443."
    case .badProxy: "Give it a proxy-url such as http://10.0.0.1:3128, or remove it."
    case .badBase64: "Copy the entry again; it must be one line of base64."
    case .unreadableReference: "Check that file's path and its permissions."
    case .authorityAndInsecure: "Remove insecure-skip-tls-verify."
    case .halfClientCertificate: "Give it both client-certificate and client-key."
    case .halfPassword: "Give it both username and password, or better a token."
    case .authProvider: "Replace it with an exec plugin, as the provider's guide says."
    case .badCertificate: "Copy it again; it begins with -----BEGIN."
    case .badTokenFile: "Check that file's path and its permissions."
    case .execVersion:
      "Use client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1."
    case .execWithoutCommand: "Give it a command."
    case .execNotFound(_, let hint), .execFailed(_, _, _, let hint):
      hint.isEmpty ? "Run the plugin by hand to see what it needs." : hint
    case .execTimedOut, .execOutput: "Run the plugin by hand to see what it does."
    case .notInCluster: "Mount a service account's token, or name a kubeconfig."
    }
  }
}
