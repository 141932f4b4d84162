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
