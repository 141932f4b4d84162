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
