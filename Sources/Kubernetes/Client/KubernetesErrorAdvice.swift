extension KubernetesError {
  /// What an operator can do about it, as a sentence.
  public var advice: String {
    switch self {
    case .unreachable(_, let reason): reason.advice
    case .timedOut:
      "Check that the API server isn't overloaded, and that nothing between drops the connection."
    case .undecodable: "Check that the address in the kubeconfig is that of an API server."
    case .tooLarge: "Ask for less at a time."
    case .credentials: "Mend the kubeconfig's user."
    case .cancelled: "Try again."
    case .status where isUnauthorized:
      "Renew the token or the client certificate of the kubeconfig's user."
    case .status where isForbidden: "Grant the right with a ClusterRole and a binding."
    case .status where isTooManyRequests: "Wait; the API server has too much to do."
    case .status: "Look at the API server's log."
    }
  }
}

extension Unreachable {
  fileprivate var advice: String {
    switch self {
    case .refused, .noRoute, .connectTimedOut:
      "Check the server's address in the kubeconfig, and that the cluster runs."
    case .unknownHost: "Check the server's name in the kubeconfig, and the DNS here."
    case .connectionLost: "Check the API server, and what is between it and here."
    case .untrustedCertificate:
      "Give the cluster's own authority as certificate-authority-data in the kubeconfig."
    case .expiredCertificate: "Renew the API server's certificate, or set the clock here right."
    case .earlyCertificate: "Set the clock here right."
    case .wrongHost: "Use a name that the certificate has, or set tls-server-name."
    case .clientCertificateRefused: "Renew the client certificate of the kubeconfig's user."
    case .notTLS: "Check the port in the kubeconfig, or write http://."
    case .proxyRefused: "Check proxy-url in the kubeconfig, and its user and password."
    case .other: "Check the server's address in the kubeconfig."
    }
  }
}
