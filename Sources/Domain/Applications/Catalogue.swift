/// What somebody may see, by its names alone: for finding the way.
public struct Catalogue: Sendable, Hashable {
  /// One project.
  public struct Entry: Sendable, Hashable {
    public let project: String
    /// Whether the project itself is meant, not only applications in it.
    public let isMatch: Bool
    /// Whether the person may deploy into it.
    public let mayDeploy: Bool
    /// The names of its applications.
    public let applications: [String]
  }

  /// By name.
  public let entries: [Entry]
  /// Whether that is all there is.
  public let isComplete: Bool
}

extension Applications {
  /// The projects and applications the principal may see whose names contain
  /// each of some words; all without a word.
  ///
  /// - Parameters:
  ///   - text: words; of it 200 characters count, and eight words.
  ///   - limit: how many projects and how many applications at most.
  /// - Throws: `unavailable`.
  public func catalogue(
    matching text: String = "", limit: Int, as principal: Principal
  ) async throws(DomainError) -> Catalogue {
    let words = text.prefix(200).lowercased().split(whereSeparator: \.isWhitespace).prefix(8)
      .map(String.init)
    let (memberships, found) = try await reading { connection, projects, store in
      (
        try projects.matching(words, limit: limit + 1, as: principal, in: connection),
        try store.names(
          matching: words, limit: limit + 1, seen: projects.seen(by: principal), in: connection)
      )
    }
    var applications: [String: [String]] = [:]
    for application in found.prefix(limit) {
      applications[application.project, default: []].append(application.name)
    }
    let named = Dictionary(
      memberships.prefix(limit).map { ($0.project.name, $0) },
      uniquingKeysWith: { first, _ in first })
    let entries = Set(named.keys).union(applications.keys).sorted().map { name in
      Catalogue.Entry(
        project: name, isMatch: named[name] != nil,
        mayDeploy: named[name].map {
          $0.decision(.deployApplications, for: principal).isAllowed
        } ?? false,
        applications: applications[name] ?? [])
    }
    return Catalogue(
      entries: entries, isComplete: memberships.count <= limit && found.count <= limit)
  }
}
