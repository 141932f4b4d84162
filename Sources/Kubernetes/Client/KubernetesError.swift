import Foundation

/// Why a call to the API server has no result.
///
/// Ask with the questions (``isNotFound``, ``isConflict``…) rather than by
/// status code: they trust the server's `reason` first, as its clients must.
public enum KubernetesError: Error, Sendable, Hashable {
  /// The API server refused.
  case status(Status)
  /// There is no way to the API server.
  case unreachable(address: String, Unreachable)
  /// No answer, or not all of it, within the time allowed.
  case timedOut(address: String, after: Duration)
  /// The answer isn't what the API promises.
  case undecodable(what: String, why: String)
  /// The answer, or one line of a stream, is longer than allowed.
  case tooLarge(limitBytes: Int)
  /// The client's own credentials can't be had.
  case credentials(KubeconfigError)
  /// The caller's task was cancelled, or the client was shut down.
  case cancelled
}

/// What is in the way to the API server.
public enum Unreachable: Sendable, Hashable {
  /// Nothing listens there.
  case refused
  /// The host name has no address.
  case unknownHost
  /// The network knows no way there.
  case noRoute
  /// Nothing answers to the attempt to connect.
  case connectTimedOut
  /// The server hung up before or while answering.
  case connectionLost
  /// The server's certificate comes from an authority that isn't trusted.
  case untrustedCertificate
  /// The server's certificate has expired, at a time (RFC 3339).
  case expiredCertificate(String)
  /// The server's certificate isn't valid before a time (RFC 3339).
  case earlyCertificate(String)
  /// The server's certificate is for other names.
  case wrongHost
  /// The server wants another client certificate, or one at all.
  case clientCertificateRefused
  /// The server doesn't speak TLS.
  case notTLS
  /// The proxy doesn't let the connection through.
  case proxyRefused
  /// Something else, in the network library's words.
  case other(String)
}

// MARK: - Questions

extension KubernetesError {
  /// The server's refusal, if it is one.
  public var status: Status? {
    if case .status(let status) = self { status } else { nil }
  }

  /// There is no such object, or no such namespace.
  public var isNotFound: Bool { has(reason: "NotFound", code: 404) }

  /// The object changed meanwhile, or other field managers own what is applied
  /// (see ``conflictOwners``), or a precondition doesn't hold.
  public var isConflict: Bool { has(reason: "Conflict", code: 409) }

  /// An object of that name is there already.
  public var isAlreadyExists: Bool { has(reason: "AlreadyExists") }

  /// The client may not do this, or admission refused it; also when a quota did.
  public var isForbidden: Bool { has(reason: "Forbidden", code: 403) }

  /// Whether the client lacks a right (RBAC), as against an object that
  /// admission refuses, which has the same reason and code.
  public var isMissingRight: Bool {
    guard isForbidden, let message = status?.message else { return false }
    return message.contains(#"User ""#) && message.contains(" cannot ")
      || message.contains("attempting to grant RBAC permissions")
  }

  /// It would exceed a ResourceQuota. Such refusals are ``isForbidden``, too.
  public var isQuotaExceeded: Bool {
    isForbidden && status?.message.contains("exceeded quota") == true
  }

  /// The namespace is being deleted and takes nothing new.
  public var isNamespaceTerminating: Bool {
    guard let status, isForbidden else { return false }
    return status.details.causes.contains { $0.reason == "NamespaceTerminating" }
      || status.message.contains("because it is being terminated")
  }

  /// What was sent is wrong: a value, an unknown field, or the whole request.
  ///
  /// Apply answers a field that isn't in the schema, or a value it can't
  /// convert, with code 500 and no reason.
  public var isInvalid: Bool {
    guard let status else { return false }
    switch status.reason {
    case "Invalid", "BadRequest", "UnsupportedMediaType", "RequestEntityTooLarge": return true
    case "": break
    default: return false
    }
    if [400, 413, 415, 422].contains(status.code) { return true }
    return status.code == 500
      && ["failed to create typed patch object", "failed to convert new object"].contains {
        status.message.hasPrefix($0)
      }
  }

  /// The credentials aren't accepted.
  public var isUnauthorized: Bool { has(reason: "Unauthorized", code: 401) }

  /// The server is busy; see ``retryAfter``.
  public var isTooManyRequests: Bool { has(reason: "TooManyRequests", code: 429) }

  /// The resource version, or the continue token, is too old: list again.
  public var isExpired: Bool {
    has(reason: "Expired") || has(reason: "Gone", code: 410)
  }

  /// The server doesn't have the resource version yet; after its store was
  /// restored from a backup it never will.
  public var isVersionTooLarge: Bool {
    status?.details.causes.contains { $0.reason == "ResourceVersionTooLarge" } == true
  }

  /// The server can't answer at the moment: unreachable, too slow, or broken.
  public var isUnavailable: Bool {
    switch self {
    case .unreachable, .timedOut: return true
    case .status(let status): return status.code >= 500 && !isInvalid
    default: return false
    }
  }

  /// No API server answered: nobody was there, or a proxy that has lost it. One
  /// that answers with an error is there.
  public var isOutage: Bool {
    switch self {
    case .unreachable: return true
    case .status(let status): return (502...504).contains(status.code)
    default: return false
    }
  }

  private func has(reason: String, code: Int? = nil) -> Bool {
    guard let status else { return false }
    if !status.reason.isEmpty { return status.reason == reason }
    return code != nil && status.code == code
  }

  /// After how long the server wants to be asked again.
  public var retryAfter: Duration? {
    (status?.details.retryAfterSeconds).map(Duration.seconds)
  }
}

// MARK: - Details

/// A field that somebody else owns.
public struct ConflictOwner: Sendable, Hashable {
  /// The other field manager; empty if the server doesn't say.
  public var manager: String
  /// The field, as in `.spec.replicas`.
  public var field: String
}

/// What is wrong with a field.
public struct FieldProblem: Sendable, Hashable {
  /// As in `spec.replicas`; empty when it's about the whole.
  public var field: String
  /// What is wrong with it, in the server's words.
  public var message: String
}

extension KubernetesError {
  /// Who owns which of the fields that an apply wanted to change.
  public var conflictOwners: [ConflictOwner] {
    let causes = (status?.details.causes ?? []).filter { $0.reason == "FieldManagerConflict" }
    return causes.map { cause in
      ConflictOwner(manager: Self.manager(in: cause.message), field: cause.field)
    }
  }

  /// The name in `conflict with "kubectl-edit" using apps/v1`. The name is a Go
  /// string literal, so a quote inside it is written `\"`.
  private static func manager(in message: String) -> String {
    guard let start = message.firstIndex(of: "\"") else { return "" }
    var name = ""
    var isEscaped = false
    for character in message[message.index(after: start)...] {
      if isEscaped {
        name.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        return name
      } else {
        name.append(character)
      }
    }
    return ""
  }

  /// What is wrong with which fields. For a refusal that names an unknown field
  /// only in its message, that field.
  public var fieldProblems: [FieldProblem] {
    guard let status, isInvalid else { return [] }
    if !status.details.causes.isEmpty {
      return status.details.causes.map { FieldProblem(field: $0.field, message: $0.message) }
    }
    // "failed to create typed patch object (…): .spec.replcas: field not declared in schema"
    let suffix = ": field not declared in schema"
    guard status.message.hasSuffix(suffix) else { return [] }
    let head = status.message.dropLast(suffix.count)
    guard let range = head.range(of: "): .", options: .backwards) else { return [] }
    return [
      FieldProblem(field: String(head[range.upperBound...]), message: "There is no such field.")
    ]
  }
}
