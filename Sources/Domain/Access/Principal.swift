public import struct Foundation.Date

/// Who asks: the acting person, and how they came. Every service call takes
/// one as its last argument, `as:`.
public struct Principal: Sendable, Hashable {
  /// How the principal proved who they are.
  public enum Credential: Sendable, Hashable {
    /// A browser session.
    case session(Session.ID)
    /// An API token, which narrows what its owner may do.
    case token(APIToken.ID, TokenScope)
    /// Nobody known, who tries to log in.
    case anonymous
    /// A link that was sent to the person, good for one thing.
    case link
    /// `babyhelm` run by the operator on the server itself.
    case commandLine
    /// BabyHelm itself, which carries on what a person began.
    case system
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
  /// The network address they came from; empty when there is none.
  public var address: String
  /// When their account vanishes by itself: they look around without one of
  /// their own. nil for everybody else.
  public var vanishesAt: Date?

  /// Made by Accounts, by the command line, and by tests.
  public init(
    userID: User.ID, name: String, email: String, role: PlatformRole, credential: Credential,
    requestID: String = "", address: String = "", vanishesAt: Date? = nil
  ) {
    self.userID = userID
    self.name = name
    self.email = email
    self.role = role
    self.credential = credential
    self.requestID = requestID
    self.address = address
    self.vanishesAt = vanishesAt
  }
}

extension Principal {
  /// The operator, who has the database itself in their hands.
  public static let commandLine = Principal(
    userID: User.ID(rawValue: ""), name: "operator", email: "", role: .admin,
    credential: .commandLine)
}

extension Principal {
  /// What a token narrows the person's permissions to; everything without one.
  var scope: TokenScope {
    if case .token(_, let scope) = credential { scope } else { .admin }
  }
}
