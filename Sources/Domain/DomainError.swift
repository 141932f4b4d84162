/// The one error that leaves Domain.
///
/// It says what happened to what (``message``) and what a person can do about
/// it (``advice``). It knows nothing of HTTP: one table in `Web` maps
/// ``reason`` to a status (docs/design.md §2).
public struct DomainError: Error, Sendable, Equatable {
  /// Why a call was refused. The words follow the Kubernetes API's
  /// `metav1.StatusReason` where one fits.
  public enum Reason: String, Sendable, CaseIterable {
    /// The request's values are wrong; ``DomainError/fields`` says which.
    case invalid
    /// Nobody is signed in, or the session has ended.
    case unauthenticated
    /// The principal may not do this.
    case forbidden
    /// There is no such thing, or the principal may not know of it.
    case notFound
    /// The thing changed meanwhile, or somebody else owns a part of it.
    case conflict
    /// The name is taken.
    case alreadyExists
    /// It would exceed the project's quota.
    case quotaExceeded
    /// Too many attempts; see ``DomainError/retryAfter``.
    case tooManyRequests
    /// The database or the cluster can't be reached.
    case unavailable
    /// A mistake of BabyHelm itself; ``DomainError/underlying`` is for the log.
    case internalError
  }

  public var reason: Reason
  /// One sentence: what happened, to what.
  public var message: String
  /// One sentence: what to do. Empty when there is nothing to do.
  public var advice: String
  /// What is wrong with single fields of the request.
  public var fields: [FieldError]
  /// After how long another try makes sense.
  public var retryAfter: Duration?
  /// What the driver or the cluster said. For the log, never for a person.
  public var underlying: String?
  /// What the principal may not do, where that is the reason.
  public var permission: Permission?

  public init(
    _ reason: Reason, _ message: String, advice: String = "", fields: [FieldError] = [],
    retryAfter: Duration? = nil, underlying: String? = nil
  ) {
    self.reason = reason
    self.message = message
    self.advice = advice
    self.fields = fields
    self.retryAfter = retryAfter
    self.underlying = underlying
  }

  /// A refusal because of one or more fields.
  public static func invalid(_ fields: [FieldError]) -> DomainError {
    DomainError(
      .invalid,
      fields.count == 1
        ? "One field needs a correction." : "\(fields.count) fields need a correction.",
      fields: fields)
  }
}

/// What is wrong with one field of a request, by the field's name in the form
/// and the API.
public struct FieldError: Sendable, Equatable {
  public var field: String
  public var message: String

  public init(_ field: String, _ message: String) {
    self.field = field
    self.message = message
  }
}
