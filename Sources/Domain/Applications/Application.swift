public import struct Foundation.Date

/// A name in a project, and its current specification (docs/design.md §1).
public struct Application: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<Application>

  public let id: ID
  public let projectID: Project.ID
  public let name: String
  public let spec: ApplicationSpec
  /// The number of the newest release.
  public let releaseNumber: Int
  public let createdAt: Date
  public let updatedAt: Date
}

/// Which application a name on the cluster is.
struct ApplicationReference: Sendable, Hashable {
  let id: Application.ID
  let name: String
  let projectID: Project.ID
  /// The project's name.
  let project: String
  /// Whether it is hidden, and can be restored.
  let isDeleted: Bool
}

/// What a list shows of an application: no more than a few columns, since
/// reading fifty specifications takes longer than all the rest of a page.
public struct ApplicationSummary: Sendable, Identifiable, Hashable {
  public let id: Application.ID
  public let name: String
  /// The image of the newest release, as it was typed.
  public let image: String
  public let releaseNumber: Int
  public let updatedAt: Date
}

/// An application that was deleted. It comes back whole until it is removed.
public struct DeletedApplication: Sendable, Hashable {
  /// How long it can be restored, in seconds: a week.
  public static let keptFor: Double = 7 * 24 * 3600

  public let name: String
  public let deletedAt: Date
  /// Empty when that person is gone.
  public let deletedBy: String
  /// Whether its volumes go with it.
  public let removesVolumes: Bool
  /// Whether it is going from the cluster already.
  public let isBeingRemoved: Bool

  /// When it goes for good.
  public var removedAt: Date { deletedAt.addingTimeInterval(Self.keptFor) }
}
