internal import Foundation
internal import Kubernetes
internal import Logging

/// Deleting an application: at first nothing of it runs and nobody sees it, a
/// week later it is gone (docs/design.md §5).
extension Releases {
  /// Hides an application and scales it to nothing. Its address, its volumes and
  /// its releases stay until it is removed, so that it comes back whole.
  ///
  /// - Parameters:
  ///   - typed: the application's name, as the person typed it to confirm.
  ///   - removingVolumes: whether the volumes go with it in the end.
  /// - Throws: `invalid` at `confirmation` for another name, `conflict` when
  ///   somebody deployed meanwhile, `forbidden`, `notFound`, `unavailable`.
  public func delete(
    _ application: String, typed: String, removingVolumes: Bool, in project: String,
    as principal: Principal
  ) async throws(DomainError) {
    let detail = try await applications.application(
      named: application, in: project, for: .deleteApplications, as: principal)
    try Self.requireName(application, typed: typed)
    let owner = detail.membership.project
    let plan = try await plan(
      DeployRequest(.stop, of: application), in: owner, as: principal)
    let (id, user, time) = (detail.application.id, principal.userID, now())
    let release = try await write(
      plan, in: owner, message: "Deleted", as: principal, action: .applicationDelete
    ) { [applications] connection in
      try applications.setDeleted(
        id, by: user, removingVolumes: removingVolumes, at: time, in: connection)
    }
    guard release != nil else { throw Self.deployedMeanwhile(application) }
    ring(project)
  }

  /// The applications of a project that can be restored, the last one first.
  ///
  /// - Throws: `notFound`, `unavailable`.
  public func deleted(
    in project: String, as principal: Principal
  ) async throws(DomainError) -> [DeletedApplication] {
    try await database.reading { [projects, applications] connection in
      let membership = try projects.project(
        named: project, for: .readProject, as: principal, in: connection)
      return membership.isOutsider
        ? [] : try applications.deleted(in: membership.project.id, in: connection)
    }
  }

  /// Brings a deleted application back as it was.
  ///
  /// - Throws: `conflict` when it is being removed or was restored already,
  ///   `forbidden`, `notFound`, `unavailable`.
  public func restore(
    _ application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> Release {
    let (owner, found) = try await deletedApplication(application, in: project, as: principal)
    return try await restored(found, in: owner, message: "Restored", as: principal)
  }

  /// Brings back an application whose project and principal are known to be
  /// right.
  func restored(
    _ found: Application, in owner: Project, message: String, as principal: Principal
  ) async throws(DomainError) -> Release {
    let before = try await database.reading { [store] connection in
      try store.release(found.releaseNumber - 1, of: found.id, in: connection)?.spec
    }
    var spec = found.spec
    spec.isStopped = before?.isStopped ?? false
    try await guards.requireOurs(owner)
    try await vault.requireThere(spec, of: found.releaseNumber, in: owner)
    let plan = try await planner.plan(
      .init(spec: spec), in: owner, previous: found, author: principal.email)
    let release = try await write(
      plan, in: owner, message: message, as: principal, action: .applicationRestore
    ) { [applications] connection in
      try applications.setRestored(found.id, in: connection)
    }
    guard let release else {
      throw DomainError(
        .conflict, "“\(found.name)” was restored by somebody else, or is being removed.",
        advice: "Look at the project's page.")
    }
    ring(owner.name)
    return release
  }

  /// Removes a deleted application from the cluster now, instead of later.
  ///
  /// - Throws: `invalid` at `confirmation` for another name, `forbidden`,
  ///   `notFound`, `unavailable`.
  public func removeForGood(
    _ application: String, typed: String, in project: String, as principal: Principal
  ) async throws(DomainError) {
    let (_, found) = try await deletedApplication(application, in: project, as: principal)
    try Self.requireName(application, typed: typed)
    let time = now()
    try await database.writing { [applications, audit] connection in
      try applications.setRemoving(found.id, at: time, in: connection)
      try audit.record(
        .applicationRemove, .application(application, in: project), as: principal, in: connection)
    }
    signal.ring()
  }

  private func deletedApplication(
    _ name: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> (Project, Application) {
    try await database.reading { [projects, applications] connection in
      let membership = try projects.project(
        named: project, for: .deleteApplications, as: principal, in: connection)
      let id = membership.project.id
      guard
        try applications.deleted(in: id, in: connection).contains(where: { $0.name == name }),
        let found = try applications.findAny(name, in: id, in: connection)
      else {
        throw DomainError(
          .notFound, "There is no deleted application “\(name)” in this project.",
          advice: "The project's page lists those that can be restored.")
      }
      return (membership.project, found)
    }
  }

  private static func requireName(_ name: String, typed: String) throws(DomainError) {
    guard typed.trimmingSpaces() == name else {
      throw DomainError.invalid([
        FieldError("confirmation", "Type “\(name)” to confirm that you mean this application.")
      ])
    }
  }

  private static func deployedMeanwhile(_ name: String) -> DomainError {
    DomainError(
      .conflict, "“\(name)” was deployed by somebody else this moment, so it wasn't deleted.",
      advice: "Look at its newest release, and try again.")
  }
}
