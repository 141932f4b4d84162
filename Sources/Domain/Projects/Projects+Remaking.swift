extension Projects {
  /// Makes a project's namespace again after it was deleted on the cluster, with
  /// its guards and its members' rights, or takes one that bears the project's
  /// label. What was in the old one isn't brought back: its applications are
  /// deployed again, and secret values typed again.
  ///
  /// - Throws: `forbidden`, `notFound`; `conflict` where the namespace is there,
  ///   still ending, or somebody else's; `unavailable`.
  public func remakeNamespace(
    of name: String, as principal: Principal
  ) async throws(DomainError) {
    let project = try await project(named: name, for: .restoreGuards, as: principal).project
    guard project.state == .ready else {
      throw DomainError(
        .conflict, "The project “\(name)” is still being made.", advice: "Look again in a moment.")
    }
    if try await guards.namespace(of: project) != nil {
      throw DomainError(
        .conflict, "The namespace “\(name)” is on the cluster.",
        advice: "Reload the page; if it is being deleted, wait until it is gone.")
    }
    let uid = try await guards.establish(project)
    try await database.writing { [store, audit] connection in
      guard try store.setReady(project.id, namespaceUID: uid, in: connection) else {
        throw DomainError(
          .conflict, "The project “\(name)” was deleted meanwhile.", advice: "Reload the page.")
      }
      try audit.record(
        .projectNamespaceRemake, .project(name),
        [AuditChange("namespace", from: project.namespaceUID, to: uid)], as: principal,
        in: connection)
    }
    isolation.forget(project)
    let remade = try await self.project(named: name, for: .restoreGuards, as: principal)
    try await rights.settle(remade.project, all: true)
  }
}
