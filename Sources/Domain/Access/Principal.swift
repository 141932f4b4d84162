/// Who asks: the acting person, and how they came. Every service call takes
/// one as its last argument, `as:`.
public struct Principal: Sendable, Hashable {
  /// How the principal proved who they are.
  public enum Credential: Sendable, Hashable {
    /// A browser session.
    case session(Session.ID)
    /// `babyhelm` run by the operator on the server itself.
    case commandLine
  }

  /// The person's account.
  public var userID: User.ID
  /// What others see of them.
  public var name: String
  /// Their e-mail address.
  public var email: String
  /// Their role on the platform when the request began.
  public var role: PlatformRole
  /// How they came.
  public var credential: Credential
  /// Ties log lines and error pages to one request.
  public var requestID: String

  /// Made by Accounts, by the command line, and by tests.
  public init(
    userID: User.ID, name: String, email: String, role: PlatformRole, credential: Credential,
    requestID: String = ""
  ) {
    self.userID = userID
    self.name = name
    self.email = email
    self.role = role
    self.credential = credential
    self.requestID = requestID
  }
}

extension Principal {
  /// The operator, who has the database itself in their hands.
  public static let commandLine = Principal(
    userID: User.ID(rawValue: ""), name: "operator", email: "", role: .admin,
    credential: .commandLine)
}
