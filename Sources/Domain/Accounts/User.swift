public import struct Foundation.Date

/// Somebody with an account (docs/design.md §1).
public struct User: Sendable, Identifiable, Hashable {
  /// A user's own kind of identifier.
  public typealias ID = Identifier<User>

  /// Never given to anybody else.
  public let id: ID
  /// As it was typed, at most 254 characters; unique without regard to case.
  public let email: String
  /// 1 to 80 characters; what others see.
  public let name: String
  /// What they may do on the platform.
  public let role: PlatformRole
  /// When an admin suspended the account; nil while it is in use.
  public let suspendedAt: Date?
  /// When the account was made.
  public let createdAt: Date
  /// To the minute; nil before the first sign-in.
  public let lastSeenAt: Date?
  /// When the account vanishes by itself: somebody looks around without one of
  /// their own. nil for everybody else.
  public var expiresAt: Date?
  /// The code of the language that they chose for their pages; nil as long as
  /// they chose none.
  public var language: String?
}

/// One page of the list of users.
public struct UserPage: Sendable {
  /// In the order in which their accounts were made.
  public let users: [User]
  /// How many match on all pages.
  public let total: Int
  /// From 1.
  public let page: Int
  /// How many users a full page has.
  public let pageSize: Int
}
