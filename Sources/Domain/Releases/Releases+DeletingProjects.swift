internal import Foundation

/// Deleting a project: at first nothing in it runs and nobody but its owners
/// knows of it, a week later its namespace is gone (docs/design.md §5).
extension Releases {
  /// Hides a project; its applications stop and its members lose their rights on
  /// the cluster within seconds, whatever happens to this process.
  ///
  /// - Parameters:
  ///   - typed: the project's name, as the person typed it to confirm.
  ///   - includingApplications: whether its applications go with it.
  ///   - removingVolumes: whether its volumes go with it in the end; they can't
  ///     stay without the namespace.
  /// - Throws: `invalid` at `confirmation`, `includesApplications` or
  ///   `removesVolumes`; `forbidden`, `notFound`, `unavailable`.
  public func deleteProject(
    _ name: String, typed: String, includingApplications: Bool, removingVolumes: Bool,
    as principal: Principal
  ) async throws(DomainError) {
    let project = try await projects.project(
      named: name, for: .deleteProject, as: principal
    ).project
    try projects.requireReady(project)
    let contents = try await contents(of: name, as: principal)
    var mistakes: [FieldError] = []
    if !contents.applications.isEmpty, !includingApplications {
      mistakes.append(
        FieldError(
          "includesApplications",
          "The project still has \(contents.applications.joined(separator: ", ")). Tick this, or "
            + "delete them one by one before."))
    }
    if !contents.volumes.isEmpty, !removingVolumes {
      mistakes.append(
        FieldError(
          "removesVolumes",
          "Volumes can't stay without the project's namespace. Save what is in them elsewhere, "
            + "then tick this."))
    }
    if typed.trimmingSpaces() != name {
      mistakes.append(
        FieldError("confirmation", "Type “\(name)” to confirm that you mean this project."))
    }
    guard mistakes.isEmpty else { throw DomainError.invalid(mistakes) }
    let (user, time) = (principal.userID, now())
    let isDeleted = try await database.writing { [projects, audit] connection in
      _ = try projects.project(named: name, for: .deleteProject, as: principal, in: connection)
      guard try projects.setDeleted(project.id, by: user, at: time, in: connection) else {
        return false
      }
      try audit.record(.projectDelete, .project(name), as: principal, in: connection)
      return true
    }
    guard isDeleted else {
      throw DomainError(
        .conflict, "“\(name)” was deleted by somebody else this moment.",
        advice: "The list of projects shows it.")
    }
    ring(name)
  }

  /// Brings a deleted project back with the applications that it had, to the
  /// same specifications and addresses. They come back within seconds, whatever
  /// happens to this process.
  ///
  /// - Throws: `conflict` when its week is over or its removal has begun,
  ///   `notFound` for all but owners and admins, `unavailable`.
  public func restoreProject(_ name: String, as principal: Principal) async throws(DomainError) {
    let found = try await projects.deleted(named: name, as: principal)
    let project = found.project
    try await guards.requireOurs(project)
    let due = now().addingTimeInterval(-DeletedProject.keptFor)
    let isRestored = try await database.writing { [projects, audit] connection in
      guard try projects.setRestored(project.id, deletedAfter: due, in: connection) else {
        return false
      }
      try audit.record(.projectRestore, .project(name), as: principal, in: connection)
      return true
    }
    guard isRestored else {
      throw DomainError(
        .conflict, "“\(name)” was restored by somebody else, or is being removed.",
        advice: "Look at the list of projects.")
    }
    ring(name)
  }

  /// Removes a deleted project from the cluster now, instead of later.
  ///
  /// - Throws: `invalid` at `confirmation` for another name; `notFound` for all
  ///   but owners and admins, `unavailable`.
  public func removeProject(
    _ name: String, typed: String, as principal: Principal
  ) async throws(DomainError) {
    let found = try await projects.deleted(named: name, as: principal)
    guard typed.trimmingSpaces() == name else {
      throw DomainError.invalid([
        FieldError("confirmation", "Type “\(name)” to confirm that you mean this project.")
      ])
    }
    let time = now()
    try await database.writing { [projects, audit] connection in
      try projects.setRemoving(
        found.project.id, deletedBefore: .distantPast, at: time, in: connection)
      try audit.record(.projectRemove, .project(name), as: principal, in: connection)
    }
    signal.ring()
  }

  /// Why a project that is being removed is still there, in sentences; empty
  /// when nothing is known.
  public func remains(of project: DeletedProject) async -> [String] {
    guard project.isBeingRemoved else { return [] }
    do throws(DomainError) {
      return try await projects.remains(of: project.project)
    } catch {
      return [error.message]
    }
  }

  // MARK: Steps of ``ProjectRemoval``

  /// Stops an application and hides it with its project.
  ///
  /// - Returns: false when somebody deployed it meanwhile.
  func stop(
    _ application: Application, with project: Project, at time: Date, by user: User.ID
  ) async throws(DomainError) -> Bool {
    let id = application.id
    let hide: @Sendable (any Connection) throws -> Bool = { [applications] connection in
      try applications.setDeleted(id, by: user, removingVolumes: true, at: time, in: connection)
    }
    let principal = Self.ownWork(for: user)
    do throws(DomainError) {
      let plan = try await plan(
        DeployRequest(.stop, of: application.name), in: project, as: principal)
      return try await write(
        plan, in: project, message: "Deleted with the project", as: principal,
        action: .applicationDelete, alongside: hide)
        != nil
    } catch  where error.reason == .conflict || error.reason == .notFound {
      // The namespace is gone, or objects of the application are somebody
      // else's: there is nothing of ours to stop.
      return try await database.writing { connection in try hide(connection) }
    }
  }

  /// Brings an application back with its project.
  func bringBack(
    _ application: Application, with project: Project, by user: User.ID
  ) async throws(DomainError) {
    _ = try await restored(
      application, in: project, message: "Restored with the project", as: Self.ownWork(for: user))
  }

  private static func ownWork(for user: User.ID) -> Principal {
    Principal(
      userID: user, name: "BabyHelm", email: "babyhelm", role: .member, credential: .system)
  }
}
