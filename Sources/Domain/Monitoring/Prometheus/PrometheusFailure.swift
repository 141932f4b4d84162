internal import Kubernetes

/// Why Prometheus didn't answer a question.
enum PrometheusFailure: Error, Sendable, Hashable {
  /// No connection, or a broken one.
  case unreachable(Unreachable)
  case timedOut
  /// It doesn't know who asks (401), or that one may not (403).
  case unauthorized(status: Int)
  /// The operator's file with the token or the password can't be read.
  case credentials(file: String)
  /// The certificates given for it can't be read.
  case certificates
  /// It refused the expression, in its own words.
  case refused(type: String, message: String)
  /// It can't answer now; the status.
  case unavailable(status: Int)
  /// More than is read: bytes or series.
  case tooLarge(String)
  /// Something else is there; a clause says what it did.
  case notPrometheus(String)

  /// Whether another question would fail in the same way.
  var isGeneral: Bool {
    switch self {
    case .refused, .tooLarge, .timedOut: false
    default: true
    }
  }

  /// What happened, for people. It names no address: not everybody who looks
  /// at charts may know the operator's network.
  var sentence: String {
    switch self {
    case .unreachable(.untrustedCertificate):
      "Prometheus' certificate comes from an authority that BabyHelm doesn't trust."
    case .unreachable(let reason): "Prometheus can't be reached: \(reason)."
    case .timedOut: "Prometheus didn't answer in time."
    case .unauthorized(let status):
      "Prometheus refuses BabyHelm (status \(status))."
    case .credentials: "BabyHelm can't read its own credentials for Prometheus."
    case .certificates: "The certificates that BabyHelm has for Prometheus can't be read."
    case .refused(let type, let message): "Prometheus refused the question (\(type)): \(message)"
    case .unavailable(let status): "Prometheus can't answer right now (status \(status))."
    case .tooLarge(let what): "Prometheus' answer is too large: \(what)."
    case .notPrometheus(let what): "What answers at Prometheus' address is not Prometheus: \(what)."
    }
  }

  /// What to do, for people.
  var advice: String {
    switch self {
    case .unreachable(.untrustedCertificate), .certificates:
      "An operator names the authority's certificates with --prometheus-ca."
    case .unreachable, .notPrometheus:
      "An operator checks --prometheus-url with `babyhelm doctor`."
    case .timedOut: "Look at a shorter time, or try again in a minute."
    case .unauthorized, .credentials:
      "An operator checks --prometheus-token-file, or --prometheus-username and "
        + "--prometheus-password-file."
    case .refused: "An operator finds the question in docs/monitoring.md."
    case .unavailable: "Try again in a minute."
    case .tooLarge: "Look at a shorter time, or at one application or pod."
    }
  }

  /// Both, as one text.
  var text: String { "\(sentence) \(advice)" }
}
