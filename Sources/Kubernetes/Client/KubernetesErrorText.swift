extension KubernetesError: CustomStringConvertible {
  /// One sentence for a log.
  public var description: String {
    switch self {
    case .status(let status): status.description
    case .unreachable(let address, let reason):
      "Can't reach the API server at \(address): \(reason)."
    case .timedOut(let address, let duration):
      "The API server at \(address) didn't answer within \(duration.inSeconds)."
    case .undecodable(let what, let why): "Can't read \(what): \(why)"
    case .tooLarge(let limit): "The API server's answer is longer than \(limit) bytes."
    case .credentials(let error): error.description
    case .cancelled: "The call was cancelled."
    }
  }
}

extension Duration {
  fileprivate var inSeconds: String {
    let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
    let text = seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
    return "\(text) s"
  }
}

extension Status: CustomStringConvertible {
  /// One sentence for a log.
  public var description: String {
    let what = reason.isEmpty ? "status \(code)" : "\(code) \(reason)"
    return message.isEmpty
      ? "The API server answered \(what)."
      : "The API server answered \(what): \(message)"
  }
}

extension Unreachable: CustomStringConvertible {
  /// What is in the way, without a capital or a full stop.
  public var description: String {
    switch self {
    case .refused: "the connection was refused, nothing listens there"
    case .unknownHost: "the host name can't be resolved"
    case .noRoute: "the network knows no way there"
    case .connectTimedOut: "nothing answers to the attempt to connect"
    case .connectionLost: "the server closed the connection without a whole answer"
    case .untrustedCertificate:
      "its certificate comes from an authority that isn't trusted here"
    case .expiredCertificate(let time): "its certificate expired at \(time)"
    case .earlyCertificate(let time): "its certificate isn't valid before \(time)"
    case .wrongHost: "its certificate is for other host names"
    case .clientCertificateRefused: "it refused the client certificate"
    case .notTLS: "it doesn't speak TLS"
    case .proxyRefused: "the proxy doesn't let the connection through"
    case .other(let text): text
    }
  }
}
