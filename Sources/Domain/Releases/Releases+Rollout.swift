internal import Kubernetes

/// What people do to a rollout that is under way.
extension Releases {
  /// Stops a rollout where it is, or lets it go on. The pods that run keep
  /// running; while it is paused, no deadline passes.
  ///
  /// - Throws: `conflict` when nothing is rolling out, `forbidden`, `notFound`,
  ///   `unavailable`.
  public func setPaused(
    _ isPaused: Bool, of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) {
    let (membership, _) = try await underWay(application, in: project, as: principal)
    try await guards.requireOurs(membership.project)
    do {
      guard
        let live = try await LiveObjects(client: planner.client).find(
          .deployment, application, in: project), LiveObjects.isOurs(live)
      else {
        throw DomainError(
          .conflict, "The cluster has no Deployment “\(application)” yet.",
          advice: "Try again in a moment.")
      }
      let spec: JSONValue = ["paused": isPaused ? true : .null]
      _ = try await planner.client.mergePatch(
        ["spec": spec], .deployment, name: application, namespace: project,
        WriteOptions(fieldManager: ProjectGuards.fieldManager))
    } catch let error as KubernetesError {
      throw ClusterFailure.domainError(
        error, doing: "\(isPaused ? "pausing" : "resuming") “\(application)”")
    } catch {
      throw error as? DomainError ?? DomainError(.internalError, "\(error)")
    }
    clusterState.notify([project])
  }

  /// Goes back to the last release that succeeded, from one that is under way.
  ///
  /// - Parameter number: the release that is cancelled.
  /// - Throws: `conflict` when it isn't under way any more, or there is none to
  ///   go back to; and as ``plan(_:of:in:as:)``.
  public func cancel(
    _ number: Int, of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> Release {
    let (membership, newest) = try await underWay(application, in: project, as: principal)
    let served = try await database.reading { [store] connection in
      try store.newestSucceeded(of: newest.applicationID, before: number, in: connection)
    }
    guard newest.number == number else {
      throw DomainError(
        .conflict, "Release #\(number) isn't the newest any more, so nothing was changed.",
        advice: "Look at release #\(newest.number).")
    }
    guard let served else {
      throw DomainError(
        .conflict, "There is no earlier release of “\(application)” that succeeded.",
        advice: "Stop the application instead, or change it.")
    }
    let plan = try await plan(
      DeployRequest(.rollback(to: served), of: application), in: membership.project, as: principal)
    let release = try await write(
      plan, in: membership.project, message: "#\(number) cancelled: back to release #\(served)",
      as: principal, occasion: .cancellation(of: number, to: served))
    guard let release else {
      throw DomainError(
        .conflict, "“\(application)” was deployed by somebody else this moment.",
        advice: "Look at its newest release, and try again if it still makes sense.")
    }
    ring(project)
    return release
  }

  /// The newest release, if it isn't through.
  private func underWay(
    _ application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> (ProjectMembership, Release) {
    let detail = try await applications.application(
      named: application, in: project, for: .deployApplications, as: principal)
    let newest = try await release(of: detail)
    guard !newest.state.isFinal else {
      throw DomainError(
        .conflict, "Release #\(newest.number) of “\(application)” isn't rolling out any more.",
        advice: "Its page says how it ended.")
    }
    return (detail.membership, newest)
  }
}
