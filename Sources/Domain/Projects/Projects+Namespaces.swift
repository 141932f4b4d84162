/// Whose metrics somebody may read.
enum NamespaceScope: Sendable, Hashable {
  /// Admins: everything, the cluster's own among it.
  case everything
  /// The namespaces of projects, by name; maybe none.
  case namespaces([String])

  /// What both allow.
  func narrowed(to other: NamespaceScope) -> NamespaceScope {
    switch (self, other) {
    case (.everything, let scope), (let scope, .everything): return scope
    case (.namespaces(let mine), .namespaces(let others)):
      let allowed = Set(others)
      return .namespaces(mine.filter(allowed.contains))
    }
  }
}

extension Projects {
  /// The namespaces of the projects that somebody may look at. One that is
  /// still being made isn't ours yet, and not among them.
  ///
  /// - Parameters:
  ///   - user: nil for people who look around without an account: demos alone.
  ///   - role: their platform role.
  /// - Throws: `unavailable`.
  func namespaces(
    of user: User.ID?, role: PlatformRole
  ) async throws(DomainError) -> NamespaceScope {
    if role == .admin { return .everything }
    return .namespaces(
      try await database.reading { [store] connection in
        try store.namespaces(of: user ?? User.ID(rawValue: ""), in: connection)
      })
  }
}

extension ProjectStore {
  /// Names of the projects that a person may see and whose namespaces are there.
  func namespaces(of user: User.ID, in connection: any Connection) throws -> [String] {
    try connection.query(
      """
      SELECT p.name FROM projects p
      WHERE p.state = \(Project.State.ready) AND p.deleted_at IS NULL
        \(sql: Self.seen(by: user, all: false))
      ORDER BY p.name
      """
    ).map { try $0.get("name") }
  }
}
