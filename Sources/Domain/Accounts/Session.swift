public import struct Foundation.Date

/// A sign-in that lasts. It is a row in the database and a token in the
/// browser's cookie; without the row the token is worth nothing.
public struct Session: Sendable, Identifiable, Hashable {
  /// A session's own kind of identifier.
  public typealias ID = Identifier<Session>

  /// Random, and a part of the token.
  public let id: ID
  /// Whose session it is.
  public let userID: User.ID
  /// What forms of this session carry (OWASP, synchronizer token): 32 random
  /// bytes in Base64.
  public let formToken: String
  /// When the person signed in.
  public let createdAt: Date
  /// When it ends if nobody uses it before.
  public let expiresAt: Date
}

/// Where a request came from, as far as the server trusts it.
public struct ClientInfo: Sendable, Hashable {
  /// The network address; the first 64 characters are kept.
  public var address: String
  /// The browser, in its own words; the first 300 characters are kept.
  public var userAgent: String

  /// Both as the request has them; they need no check before.
  public init(address: String, userAgent: String) {
    self.address = address
    self.userAgent = userAgent
  }
}

/// What a person typed to register. Nothing of it is checked yet.
public struct Registration: Sendable {
  /// See ``User/email``.
  public var email: String
  /// See ``User/name``.
  public var name: String
  /// 10 to 256 characters (Unicode scalars), and none of the common ones.
  public var password: String
  /// Needed from the first admin, unless the cluster is the sandbox.
  public var setupCode: String

  /// All as typed; white space around everything but the password is ignored.
  public init(email: String, name: String, password: String, setupCode: String = "") {
    self.email = email
    self.name = name
    self.password = password
    self.setupCode = setupCode
  }
}

/// What registering asks for at the moment.
public struct RegistrationState: Sendable, Hashable {
  /// There is no admin yet: registering takes the setup code, and makes admin.
  public let needsSetupCode: Bool
  /// There is nobody yet, and with the sandbox the first one becomes admin.
  public let firstUserBecomesAdmin: Bool
  /// Whether people may make an account by themselves now.
  public let isOpen: Bool

  /// Made by ``Accounts/registrationState()``, and by tests of the form.
  public init(needsSetupCode: Bool, firstUserBecomesAdmin: Bool, isOpen: Bool = true) {
    self.needsSetupCode = needsSetupCode
    self.firstUserBecomesAdmin = firstUserBecomesAdmin
    self.isOpen = isOpen
  }
}

/// A person who has just signed in or registered.
public struct SignedIn: Sendable {
  /// Who it is.
  public let user: User
  /// The same person as the one who asks, for further calls of this request.
  public let principal: Principal
  /// The JWT for the session cookie. A secret.
  public let token: String
  /// See ``Session/formToken``.
  public let formToken: String
  /// When the session's row ends, for the cookie.
  public let expiresAt: Date
}

/// A session that a request proved.
public struct AuthenticatedSession: Sendable {
  /// Whose session it is, with the role they have now.
  public let principal: Principal
  /// See ``Session/formToken``.
  public let formToken: String
  /// A newer token to put into the cookie; nil while the old one is fresh.
  public let renewedToken: String?
  /// When the session's row ends if nobody uses it again.
  public let expiresAt: Date
  /// See ``User/language``.
  public let language: String?
}

/// How accounts work on this installation.
public struct AccountRules: Sendable {
  /// Whoever registers first becomes admin: only with the sandbox.
  public var firstUserBecomesAdmin: Bool
  /// Whether nothing real runs, so that visitors may be given projects.
  public var isSandbox: Bool
  /// How long a session lives without use, in seconds.
  public var sessionLifetime: Double = 30 * 24 * 3600

  /// Rules with a session lifetime of 30 days.
  public init(firstUserBecomesAdmin: Bool) {
    self.firstUserBecomesAdmin = firstUserBecomesAdmin
    isSandbox = firstUserBecomesAdmin
  }
}
