internal import Kubernetes

/// Puts what went wrong at the API server into words. The one place where a
/// `KubernetesError` becomes a ``DomainError``.
enum ClusterFailure {
  /// - Parameter doing: what was being done, as in "while …", for example
  ///   `reading the namespace “shop”`.
  static func domainError(_ error: any Error, doing: String) -> DomainError {
    if let error = error as? DomainError { return error }
    guard let error = error as? KubernetesError else {
      return DomainError(
        .internalError, "Something went wrong while \(doing).",
        advice: "Tell an operator the request id.", underlying: String(reflecting: error))
    }
    let underlying = String(describing: error)
    if error.isQuotaExceeded {
      return DomainError(
        .quotaExceeded, "The cluster refused it while \(doing): the project's quota is used up.",
        advice: "Ask for less, remove something, or ask an admin for more.",
        underlying: underlying)
    }
    if error.isNamespaceTerminating {
      return DomainError(
        .conflict, "The namespace is being deleted, so it takes nothing new (\(doing)).",
        advice: "Nothing can be deployed into it any more.", underlying: underlying)
    }
    if error.isForbidden { return forbidden(error, doing: doing) }
    if error.isUnauthorized {
      return DomainError(
        .unavailable, "The cluster doesn't accept BabyHelm's credentials.",
        advice: "An operator must renew them; nothing was changed.", retryAfter: .seconds(60),
        underlying: underlying)
    }
    if error.isConflict || error.isAlreadyExists {
      return DomainError(
        .conflict, "Something changed on the cluster while \(doing).",
        advice: "Look again and repeat it.", underlying: underlying)
    }
    if error.isNotFound {
      return DomainError(
        .notFound, "It is gone from the cluster (\(doing)).", advice: "Reload the page.",
        underlying: underlying)
    }
    if error.isInvalid {
      return DomainError(
        .invalid, "The cluster refused the values while \(doing): \(causes(of: error)).",
        advice: "Change what it names and try again.", underlying: underlying)
    }
    if error.isTooManyRequests {
      return DomainError(
        .unavailable, "The cluster has too much to do right now.", advice: "Try again shortly.",
        retryAfter: error.retryAfter ?? .seconds(5), underlying: underlying)
    }
    return DomainError(
      .unavailable, "The cluster doesn't answer (\(doing)).",
      advice: "Nothing was changed. Try again in a moment; an operator finds details in the log.",
      retryAfter: .seconds(5), underlying: underlying)
  }

  /// Why the API server gives no answer, for everybody to read: without an
  /// address, and without a full stop.
  static func reason(_ error: KubernetesError) -> String {
    switch error {
    case .unreachable(_, .other): "connecting to it fails"
    case .unreachable(_, let reason): "\(reason)"
    case .timedOut: "it takes too long to answer"
    case .credentials: "BabyHelm's credentials for it can't be read"
    case .status where error.isUnauthorized: "it doesn't accept BabyHelm's credentials"
    case .status(let status): "it answers with an error (\(status.code))"
    case .undecodable, .tooLarge: "its answers can't be read"
    case .cancelled: "BabyHelm is being stopped"
    }
  }

  /// What is wrong with a configuration, for admins: it names files and entries,
  /// never what is in them. Without a full stop.
  static func mistake(_ error: KubernetesError) -> String {
    guard case .credentials(let mistake) = error else { return reason(error) }
    let text = String(describing: mistake)
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// Admission answers 403 too: Pod Security, a claim that can't grow, a
  /// webhook's policy.
  private static func forbidden(_ error: KubernetesError, doing: String) -> DomainError {
    let underlying = String(describing: error)
    guard error.isMissingRight else {
      return DomainError(
        .invalid,
        "The cluster's rules refused it while \(doing): \(error.status?.message ?? "no reason given").",
        advice: "Change what it names, or ask an operator about the rule.", underlying: underlying)
    }
    return DomainError(
      .forbidden, "The cluster doesn't let BabyHelm do this (\(doing)).",
      advice: "An operator must grant the right that the log names.", underlying: underlying)
  }

  private static func causes(of error: KubernetesError) -> String {
    let causes = error.fieldProblems.map { "\($0.field): \($0.message)" }
    return causes.isEmpty ? String(describing: error) : causes.joined(separator: "; ")
  }
}
