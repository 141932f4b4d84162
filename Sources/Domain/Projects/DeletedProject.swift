public import struct Foundation.Date

/// A project that was deleted: hidden, with nothing running, until it is
/// restored or its week is over.
public struct DeletedProject: Sendable, Identifiable {
  /// How long it can be restored, in seconds.
  public static let keptFor: Double = 7 * 24 * 3600

  public let project: Project
  public let deletedAt: Date
  /// What the person is called who did it; empty when they have no account
  /// any more.
  public let deletedBy: String
  /// Whether its namespace is being removed, so that nothing brings it back.
  public let isBeingRemoved: Bool
  /// How many of its applications still have to be stopped.
  public let runningApplications: Int

  public var id: Project.ID { project.id }
  /// From when on it is removed by itself.
  public var removedAt: Date { deletedAt.addingTimeInterval(Self.keptFor) }
}

/// What is still to be done about a deleted or restored project.
struct ProjectDeletion: Sendable {
  let project: Project
  let deletedBy: User.ID?
  let isBeingRemoved: Bool
  /// When it had been deleted whose applications are to come back; nil for
  /// one that wasn't restored.
  let restoredFrom: Date?
}
