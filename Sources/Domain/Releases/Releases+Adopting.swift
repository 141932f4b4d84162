public import Foundation
internal import Kubernetes

/// A Deployment in a project's namespace that BabyHelm didn't make.
public struct ForeignDeployment: Sendable, Hashable {
  public let name: String
  public let images: [String]
  public let wanted: Int
  public let ready: Int
  public let createdAt: Date?
  /// Who wrote it first, as the API server recorded it; empty for nobody.
  public let manager: String
}

extension Releases {
  /// The Deployments of a project's namespace that BabyHelm didn't make, asked
  /// now; at most 200.
  ///
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func foreignDeployments(
    in project: String, as principal: Principal
  ) async throws(DomainError) -> (membership: ProjectMembership, found: [ForeignDeployment]) {
    let membership = try await projects.project(
      named: project, for: .readPeople, as: principal)
    return (membership, try await foreign(in: membership.project).map(ForeignDeployment.init))
  }

  /// What the deploy form is filled in with to take a Deployment over. It is
  /// deployed beside the old one, which stays until somebody removes it.
  ///
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func reading(
    _ name: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> DeploymentReading {
    let owner = try await projects.project(
      named: project, for: .deployApplications, as: principal
    ).project
    let deployment = try await foreign(name, in: owner)
    let scalers: [JSONValue]
    do {
      scalers = try await planner.client.listObjects(
        .horizontalPodAutoscaler, namespace: project, ListOptions(limit: 200)
      ).items
    } catch {
      throw ClusterFailure.domainError(error, doing: "looking for the autoscaler of “\(name)”")
    }
    let scaler = scalers.first {
      $0.at("spec", "scaleTargetRef", "kind") == "Deployment"
        && $0.at("spec", "scaleTargetRef", "name")?.string == name
    }
    return DeploymentReading(deployment, autoscaler: scaler)
  }

  /// Removes a Deployment that BabyHelm didn't make, and its pods; nothing else
  /// that belongs to it.
  ///
  /// - Parameter typed: its name, as the person typed it to confirm.
  /// - Throws: `invalid` at `confirmation`, `notFound`, `forbidden`,
  ///   `unavailable`.
  public func removeForeign(
    _ name: String, typed: String, in project: String, as principal: Principal
  ) async throws(DomainError) {
    let owner = try await projects.project(
      named: project, for: .deleteApplications, as: principal
    ).project
    try await guards.requireOurs(owner)
    let live = try await foreign(name, in: owner)
    guard typed.trimmingSpaces() == name else {
      throw DomainError.invalid([
        FieldError("confirmation", "Type “\(name)” to confirm that you mean this Deployment.")
      ])
    }
    do throws(KubernetesError) {
      _ = try await planner.client.delete(
        .deployment, name: name, namespace: project,
        DeleteOptions(uid: live.at("metadata", "uid")?.string))
    } catch {
      if !error.isNotFound {
        throw ClusterFailure.domainError(error, doing: "removing the Deployment “\(name)”")
      }
    }
    try await database.writing { [audit] connection in
      try audit.record(
        .deploymentRemove, .application(name, in: project), as: principal, in: connection)
    }
  }

  private func foreign(in project: Project) async throws(DomainError) -> [JSONValue] {
    do {
      return try await planner.client.listObjects(
        .deployment, namespace: project.name, ListOptions(limit: 200)
      ).items.filter { !LiveObjects.isOurs($0) }
    } catch {
      throw ClusterFailure.domainError(
        error, doing: "looking what runs in “\(project.name)” without BabyHelm")
    }
  }

  private func foreign(
    _ name: String, in project: Project
  ) async throws(DomainError) -> JSONValue {
    let found = try await foreign(in: project)
    guard let live = found.first(where: { $0.at("metadata", "name")?.string == name }) else {
      throw DomainError(
        .notFound, "There is no Deployment “\(name)” in this project that BabyHelm didn't make.",
        advice: "Look at the list again: somebody may have removed it.")
    }
    return live
  }
}

extension ForeignDeployment {
  fileprivate init(_ live: JSONValue) {
    name = live.at("metadata", "name")?.string ?? ""
    images = (live.at("spec", "template", "spec", "containers")?.array ?? [])
      .compactMap { $0["image"]?.string }
    wanted = live.at("spec", "replicas")?.int ?? 1
    ready = live.at("status", "readyReplicas")?.int ?? 0
    createdAt = live.at("metadata", "creationTimestamp")?.string
      .flatMap { try? Date($0, strategy: .iso8601) }
    let managers = live.at("metadata", "managedFields")?.array ?? []
    manager = managers.first { $0["subresource"] == nil }?["manager"]?.string ?? ""
  }
}
