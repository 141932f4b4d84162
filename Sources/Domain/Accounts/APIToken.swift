public import struct Foundation.Date

/// A token with which a program acts for a person (RFC 6750). Only a hash of
/// it is kept.
public struct APIToken: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<APIToken>

  public let id: ID
  /// What the owner calls it, 1 to 80 characters.
  public let name: String
  public let scope: TokenScope
  public let createdAt: Date
  public let expiresAt: Date
  /// To the minute; nil before the first use.
  public let lastUsedAt: Date?

  /// The days that a person can choose from.
  public static let lifetimes = [7, 30, 90, 365]
  /// How many a person may have.
  public static let limit = 50
  /// What every token begins with, so that scanners find one that leaked.
  static let prefix = "babyhelm_"
}

/// A token that was just made, the only time that it is told.
public struct NewAPIToken: Sendable {
  public let token: APIToken
  /// What to send as `Authorization: Bearer`. A secret.
  public let secret: String
}

/// A session as its owner sees it.
public struct OwnSession: Sendable, Identifiable, Hashable {
  public let id: Session.ID
  public let createdAt: Date
  public let lastSeenAt: Date
  /// The network address that it began from.
  public let address: String
  /// The browser, in its own words.
  public let userAgent: String
  /// Whether it is the one that asks.
  public let isCurrent: Bool
}

/// What a person sees of their own account.
public struct OwnAccount: Sendable {
  public let user: User
  /// False for who signs in through another party only.
  public let hasPassword: Bool
  /// The other parties that vouch for the person: issuers.
  public let issuers: [String]
  /// The last used first.
  public let sessions: [OwnSession]
  /// By name; those that ran out are left out.
  public let tokens: [APIToken]
}
