public import struct Foundation.Date

/// A link that lets one person in: with an account of their own, and into a
/// project if it names one.
public struct Invitation: Sendable, Hashable, Identifiable {
  public typealias ID = Identifier<Invitation>

  /// The days that one may be good for.
  public static let lifetimes = [1, 7, 30]
  /// The most open ones of one person.
  static let limit = 100

  public let id: ID
  /// The only address that may use it.
  public let email: String
  /// What a new account becomes.
  public let role: PlatformRole
  /// Nil for the platform alone.
  public let project: String?
  public let projectRole: ProjectRole?
  /// By name.
  public let invitedBy: String
  public let createdAt: Date
  public let expiresAt: Date

  let projectID: Project.ID?
  let inviter: User.ID
}

/// What somebody typed to invite a person.
public struct InvitationDraft: Sendable, Hashable {
  /// The form's fields.
  public static let fields = ["email", "role", "project", "projectRole", "days"]

  public var email = ""
  /// One of ``PlatformRole``.
  public var role = PlatformRole.member.rawValue
  /// A project's name; empty for none.
  public var project = ""
  /// One of ``ProjectRole``.
  public var projectRole = ProjectRole.viewer.rawValue
  /// One of ``Invitation/lifetimes``.
  public var days = "7"

  public init() {}
}

/// What somebody who follows a link is told.
public struct InvitationOffer: Sendable {
  public let invitation: Invitation
  /// Whether the address has an account, so that logging in is what is left.
  public let hasAccount: Bool
}
