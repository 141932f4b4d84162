/// Refusals of the web layer itself, which no service knows of.
enum PageError: Error, Equatable {
  /// A form that another site sent, or a browser that doesn't say where from.
  case foreignForm
  /// A form whose token is missing or belongs to another session.
  case staleForm
  /// An API token that is none, has run out or was revoked.
  case badToken
  /// The path exists, but not for this method.
  case methodNotAllowed(allowed: [String])
  /// What is to be changed isn't any more as the client saw it.
  case preconditionFailed
}
