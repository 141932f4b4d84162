/// What a database refused or could not do, in the same words for both
/// drivers. Services translate it; it never leaves Domain.
public enum StorageError: Error, Sendable, Hashable {
  /// A row with this key exists already. The constraint is named by its table
  /// and columns on both databases, in the order of the index:
  /// `users.email_key`, `applications.project_id,name`.
  case uniqueViolation(constraint: String)
  /// The row refers to one that doesn't exist, or is referred to.
  case foreignKeyViolation
  /// A CHECK or NOT NULL constraint refuses the value.
  case checkViolation
  /// The transaction could not be put in an order with others that ran at the
  /// same time, and all tries are used up. Nothing was changed.
  case serialization
  /// The database was locked for longer than the time limit, or no connection
  /// became free. Nothing was changed.
  case busy
  /// The database can't be reached or used; the sentence says why. Nothing was
  /// changed.
  case unavailable(String)
  /// The server takes no changes: a standby, or set so. Nothing was changed.
  case readOnly(String)
  /// The connection broke during a commit: nobody knows whether it was made.
  case outcomeUnknown(String)
  /// Anything else: a mistake in BabyHelm's own SQL, as a rule.
  case other(String)
}

extension StorageError: CustomStringConvertible {
  /// For the log and for tests.
  public var description: String {
    switch self {
    case .uniqueViolation(let constraint): "unique violation of \(constraint)"
    case .foreignKeyViolation: "foreign key violation"
    case .checkViolation: "check violation"
    case .serialization: "serialization failure"
    case .busy: "the database is busy"
    case .unavailable(let message), .readOnly(let message), .outcomeUnknown(let message): message
    case .other(let message): message
    }
  }
}

extension StorageError {
  /// The error as a service throws it. A service that can say more about a
  /// unique or foreign key violation catches it first.
  public var asDomainError: DomainError {
    switch self {
    case .unavailable, .busy:
      DomainError(
        .unavailable, "The database can't be reached right now.",
        advice: """
          Nothing was changed. Try again in a moment; an operator finds details in the log.
          """,
        retryAfter: .seconds(5), underlying: description)
    case .readOnly:
      DomainError(
        .unavailable, "The database takes no changes right now.",
        advice: """
          Nothing was changed. It is a standby at the moment, or set to be read only; an operator \
          finds details in the log.
          """,
        retryAfter: .seconds(5), underlying: description)
    case .outcomeUnknown:
      DomainError(
        .unavailable, "The database went away at the last moment.",
        advice: "It isn't known whether this was done. Look before you try again.",
        retryAfter: .seconds(5), underlying: description)
    case .serialization:
      DomainError(
        .conflict, "Somebody else changed the same thing at the same moment.",
        advice: "Nothing was changed. Look at it again, then try once more.",
        underlying: description)
    case .uniqueViolation, .foreignKeyViolation, .checkViolation, .other:
      DomainError(
        .internalError, "Something went wrong inside BabyHelm.",
        advice: "Nothing was changed. Tell an operator the request id.", underlying: description)
    }
  }
}
