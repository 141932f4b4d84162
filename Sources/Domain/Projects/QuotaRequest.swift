public import struct Foundation.Date

/// What an owner asks of the admins: another quota for a project.
public struct QuotaRequest: Sendable, Hashable, Identifiable {
  public typealias ID = Identifier<QuotaRequest>

  /// What became of it.
  public enum Outcome: String, Sendable, CaseIterable {
    case approved, declined
    /// The owners don't want it any more, or asked for something else.
    case withdrawn
  }

  public let id: ID
  public let project: Project.ID
  public let projectName: String
  public let quota: ProjectQuota
  /// In the words of who asked; may be empty.
  public let reason: String
  /// Who asked, by name as it was then.
  public let askedBy: String
  public let createdAt: Date
  /// Nil while nobody decided.
  public let outcome: Outcome?
  /// In the words of who decided; may be empty.
  public let answer: String
  public let decidedBy: String
  public let decidedAt: Date?
}

extension QuotaRequest.Outcome: SQLCodable {}

/// A project's quota, and what was asked about it.
public struct QuotaOverview: Sendable {
  public let membership: ProjectMembership
  /// At most one.
  public let open: QuotaRequest?
  /// The last ten that were decided, the newest first.
  public let decided: [QuotaRequest]
}
