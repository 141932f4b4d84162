internal import Foundation

extension Releases {
  /// Follows a release that failed by one like the last that succeeded, where
  /// its specification says so. Both are recorded in one transaction, so a crash
  /// leaves neither a failure without its answer nor an answer without a failure.
  ///
  /// - Parameter finish: ends the failed release; false when another worker has
  ///   its operation by now.
  /// - Returns: the new release; nil when there is nothing to go back to, and
  ///   nothing was recorded.
  func undo(
    _ operation: Operation, finish: @escaping @Sendable (any Connection) throws -> Bool
  ) async throws(DomainError) -> Release? {
    guard let project = try await projects.project(operation.projectID) else { return nil }
    let found = try await database.reading {
      [store, applications] connection -> (Release, Application, Int)? in
      guard let failed = try store.release(operation.releaseID, in: connection),
        failed.spec.undoesFailures,
        let application = try applications.find(failed.applicationID, in: connection),
        application.releaseNumber == failed.number,
        let served = try store.newestSucceeded(
          of: application.id, before: failed.number, in: connection)
      else { return nil }
      return (failed, application, served)
    }
    guard let (failed, application, served) = found else { return nil }
    let principal = Principal(
      userID: failed.authorID, name: failed.authorName, email: "babyhelm", role: .member,
      credential: .system)
    let plan = try await plan(
      DeployRequest(.rollback(to: served), of: application.name), in: project, as: principal)
    // It failed as what it would become again: another attempt is no answer.
    guard plan.spec != failed.spec else { return nil }
    let release = try await write(
      plan, in: project,
      message: "Back to release #\(served) by itself, since #\(failed.number) failed",
      as: principal, occasion: .undoing(failed.number, to: served), alongside: finish)
    if release != nil { ring(project.name) }
    return release
  }
}
