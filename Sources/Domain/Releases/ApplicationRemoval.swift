internal import Foundation
internal import Kubernetes
internal import Logging

/// Removes deleted applications from the cluster once their week is over: what
/// carries our label for them, and nothing else.
struct ApplicationRemoval: Sendable {
  let database: any Database
  let projects: Projects
  let applications: Applications
  let guards: ProjectGuards
  let client: KubernetesClient
  let clusterState: ClusterState
  let logger: Logger
  let now: @Sendable () -> Date
  let releases = ReleaseStore()
  let versioned = VersionedObjectStore()

  /// Goes on with every removal that is due. Each step may be done twice, and by
  /// several replicas; an application is forgotten when nothing of it is left.
  func proceed() async {
    let time = now()
    let due = time.addingTimeInterval(-DeletedApplication.keptFor)
    do throws(DomainError) {
      // Most looks find nothing; a read doesn't disturb those who write.
      let isAny = try await database.reading { [applications] connection in
        try applications.hasRemovals(deletedBefore: due, in: connection)
      }
      guard isAny else { return }
      let removals = try await database.writing { [applications] connection in
        try applications.removing(deletedBefore: due, at: time, in: connection)
      }
      for removal in removals {
        try await remove(removal.application, withVolumes: removal.removesVolumes)
      }
    } catch {
      logger.postponed("can't remove a deleted application yet", because: error)
    }
  }

  private func remove(
    _ application: Application, withVolumes: Bool
  ) async throws(DomainError) {
    guard let project = try await projects.project(application.projectID) else { return }
    // A release that is still applied would put back what is removed here.
    let isApplied = try await database.reading { [releases] connection in
      try releases.newest(of: application.id, in: connection)?.state.isFinal ?? true
    }
    guard isApplied else { return }
    do throws(DomainError) {
      try await guards.requireOurs(project)
      var objects = try await objects(of: application)
      if withVolumes { objects += try await claims(of: application, in: project) }
      var left: [String] = []
      for (type, name) in objects {
        if try await remove(type, name, of: application, in: project) {
          left.append("\(type.kind) \(name)")
        }
      }
      if !left.isEmpty {
        logger.info(
          "a deleted application is still going",
          metadata: ["application": "\(application.name)", "left": "\(left)"])
        return
      }
    } catch  where error.reason == .conflict {
      // The namespace is gone or somebody else's: nothing of ours is in it.
    }
    try await database.writing { [applications, versioned] connection in
      try versioned.removeAll(
        of: application.name, in: application.projectID, in: connection)
      try applications.remove(application.id, in: connection)
    }
    clusterState.notify([project.name])
  }

  /// Everything that the application may have, by type and name, but its volumes.
  private func objects(
    of application: Application
  ) async throws(DomainError) -> [(ResourceType, String)] {
    let (specs, noted) = try await database.reading { [releases, versioned] connection in
      (
        try releases.specifications(of: application.id, in: connection),
        try versioned.all(of: application.name, in: application.projectID, in: connection)
      )
    }
    var objects = ManifestBuilder.singleTypes.map { ($0, application.name) }
    let contents = noted.union(specs.flatMap(\.versionedObjects))
    for object in contents.sorted(by: { $0.name < $1.name }) {
      objects.append((object.kind.type, object.name))
    }
    return objects
  }

  /// The claims that any release of it made, kept or forgotten.
  private func claims(
    of application: Application, in project: Project
  ) async throws(DomainError) -> [(ResourceType, String)] {
    do throws(KubernetesError) {
      let list = try await client.listObjects(
        .persistentVolumeClaim, namespace: project.name,
        ListOptions(
          labelSelector: "\(ManifestBuilder.managedByLabel)=\(ManifestBuilder.managedByValue),"
            + "\(ManifestBuilder.nameLabel)=\(application.name)"))
      return list.items.compactMap { claim in
        claim.at("metadata", "name")?.string.map { (.persistentVolumeClaim, $0) }
      }
    } catch {
      throw ClusterFailure.domainError(
        error, doing: "looking for the volumes of “\(application.name)”")
    }
  }

  /// - Returns: whether the object is still there.
  private func remove(
    _ type: ResourceType, _ name: String, of application: Application, in project: Project
  ) async throws(DomainError) -> Bool {
    do throws(KubernetesError) {
      guard
        let live = try await LiveObjects(client: client).find(type, name, in: project.name),
        LiveObjects.isOurs(live), LiveObjects.application(of: live) == application.name
      else { return false }
      if live.at("metadata", "deletionTimestamp") != nil { return true }
      _ = try await client.delete(
        type, name: name, namespace: project.name,
        DeleteOptions(uid: live.at("metadata", "uid")?.string))
      return try await LiveObjects(client: client).find(type, name, in: project.name) != nil
    } catch {
      if error.isNotFound { return false }
      throw ClusterFailure.domainError(
        error, doing: "removing the \(type.kind) “\(name)”")
    }
  }
}
