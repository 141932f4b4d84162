internal import Foundation
internal import Kubernetes

/// What deleting a project needs of it. Who may delete one, and what becomes of
/// its applications, is decided by ``Releases``.
extension Projects {
  /// The deleted projects that the principal may restore, the last one first.
  ///
  /// - Throws: `unavailable`.
  public func deleted(as principal: Principal) async throws(DomainError) -> [DeletedProject] {
    guard principal.role != .visitor else { return [] }
    return try await database.reading { [store] connection in
      try store.deleted(
        of: principal.userID, all: principal.role == .admin, in: connection)
    }
  }

  /// The deleted project of a name.
  ///
  /// - Throws: `notFound` when there is none that the principal may restore.
  public func deleted(
    named name: String, as principal: Principal
  ) async throws(DomainError) -> DeletedProject {
    guard let found = try await deleted(as: principal).first(where: { $0.project.name == name })
    else {
      throw DomainError(
        .notFound, "There is no deleted project “\(name)” that you may restore.",
        advice: "Check the address, or ask the project's owner.")
    }
    return found
  }

  // MARK: Inside a transaction of who deletes it

  func setDeleted(
    _ id: Project.ID, by user: User.ID, at time: Date, in connection: any Connection
  ) throws -> Bool {
    try store.setDeleted(id, by: user, at: time, in: connection)
  }

  func setRestored(
    _ id: Project.ID, deletedAfter due: Date, in connection: any Connection
  ) throws -> Bool {
    try store.setRestored(id, deletedAfter: due, in: connection)
  }

  func setRestoringDone(_ id: Project.ID, in connection: any Connection) throws {
    try store.setRestoringDone(id, in: connection)
  }

  func setRemoving(
    _ id: Project.ID?, deletedBefore due: Date, at time: Date, in connection: any Connection
  ) throws {
    try store.setRemoving(id, deletedBefore: due, at: time, in: connection)
  }

  func deletions(
    deletedBefore due: Date, in connection: any Connection
  ) throws -> [ProjectDeletion] {
    try store.deletions(deletedBefore: due, in: connection)
  }

  func forget(_ id: Project.ID, in connection: any Connection) throws {
    try store.forget(id, in: connection)
  }

  // MARK: On the cluster

  /// Makes the members' rights what they are to be: none in a deleted project.
  func settleRights(of project: Project) async throws(DomainError) {
    do throws(DomainError) {
      try await rights.settle(project)
    } catch  where error.reason == .conflict && project.deletedAt != nil {
      // The namespace is gone, and the rights in it too.
      try await database.writing { [store] connection in
        try store.forgetAllRights(in: project.id, connection)
      }
    }
  }

  /// Goes on removing a project's namespace.
  ///
  /// - Returns: whether it, or what now has its name, is no affair of ours
  ///   any more.
  func removeNamespace(of project: Project) async throws(DomainError) -> Bool {
    if try await guards.namespace(of: project) == nil { return true }
    try await guards.dismantle(project)
    return try await guards.namespace(of: project) == nil
  }

  /// Why a namespace that is being removed is still there, in sentences; empty
  /// when nothing is known.
  func remains(of project: Project) async throws(DomainError) -> [String] {
    guard let live = try await guards.namespace(of: project) else { return [] }
    return try await NamespaceRemains(client: guards.client).sentences(live, project.name)
  }
}
