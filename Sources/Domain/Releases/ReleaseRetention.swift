internal import Foundation
internal import Kubernetes
internal import Logging

/// Forgets the oldest releases, and the ConfigMaps and Secrets on the cluster that
/// no kept release refers to any more.
struct ReleaseRetention: Sendable {
  /// How old an object must be before it counts as forgotten, in seconds: that
  /// of a plan confirmed this moment is there before its release is stored.
  static let grace: Double = 3600
  let database: any Database
  let client: KubernetesClient
  /// How many releases of an application are kept, at least 1.
  let releasesKept: Int
  let logger: Logger
  let now: @Sendable () -> Date
  let store = ReleaseStore()
  let objects = VersionedObjectStore()

  /// Tidies up after one operation. What fails now may be left on the cluster
  /// until its project goes; nothing refers to it.
  func tidy(after operation: Operation, in namespace: String) async {
    let kept = releasesKept
    let time = now().addingTimeInterval(-Self.grace)
    do throws(DomainError) {
      let forgotten = try await database.writing { [store, objects] connection in
        guard let release = try store.release(operation.releaseID, in: connection) else {
          return [VersionedObject]()
        }
        let id = release.applicationID
        _ = try store.removeOldest(of: id, keeping: kept, in: connection)
        let specs = try store.specifications(of: id, in: connection)
        return try objects.forget(
          of: release.spec.name, in: operation.projectID, notedBefore: time,
          besides: Set(specs.flatMap(\.versionedObjects)), in: connection)
      }
      for object in forgotten { try await remove(object, in: namespace) }
    } catch {
      logger.postponed(
        "can't tidy up after a release", because: error, ["operation": "\(operation.id)"])
    }
  }

  /// Removes an object of ours; one of that name that isn't stays.
  private func remove(
    _ object: VersionedObject, in namespace: String
  ) async throws(DomainError) {
    do throws(KubernetesError) {
      let type = object.kind.type
      guard
        let live = try await LiveObjects(client: client).find(type, object.name, in: namespace),
        LiveObjects.isOurs(live)
      else { return }
      _ = try await client.delete(
        type, name: object.name, namespace: namespace,
        DeleteOptions(uid: live.at("metadata", "uid")?.string))
    } catch {
      if error.isNotFound { return }
      throw ClusterFailure.domainError(error, doing: "removing “\(object.name)”")
    }
  }
}
