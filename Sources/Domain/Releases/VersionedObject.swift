internal import Foundation
internal import Kubernetes

/// A ConfigMap or Secret whose content is in its name. It is noted before it is
/// on the cluster, so that it can be removed by its name: BabyHelm may not list
/// Secrets.
struct VersionedObject: Sendable, Hashable {
  enum Kind: String, Sendable, CaseIterable, SQLCodable {
    case configMap = "ConfigMap"
    case secret = "Secret"

    var type: ResourceType { self == .configMap ? .configMap : .secret }
  }

  let kind: Kind
  let name: String
}

extension ApplicationSpec {
  /// The ConfigMaps and Secrets that are this specification's own.
  var versionedObjects: [VersionedObject] {
    [
      filesName.map { VersionedObject(kind: .configMap, name: $0) },
      secretValues.map { VersionedObject(kind: .secret, name: $0.secret) },
      registryLogin.map { VersionedObject(kind: .secret, name: $0.secret) },
    ].compactMap(\.self)
  }
}

/// The SQL of versioned objects.
struct VersionedObjectStore {
  /// Notes that an object is needed, at least for a while from now on.
  func note(
    _ object: VersionedObject, of application: String, in project: Project.ID, at time: Date,
    in connection: any Connection
  ) throws {
    try connection.execute(
      """
      INSERT INTO versioned_objects (project_id, application, kind, name, created_at)
      VALUES (\(project), \(application), \(object.kind), \(object.name), \(time))
      ON CONFLICT (project_id, kind, name) DO UPDATE SET created_at = excluded.created_at
      """)
  }

  /// Takes those off the list that were noted before a time and aren't needed.
  ///
  /// - Returns: them.
  func forget(
    of application: String, in project: Project.ID, notedBefore time: Date,
    besides needed: Set<VersionedObject>, in connection: any Connection
  ) throws -> [VersionedObject] {
    let old = try connection.query(
      """
      SELECT kind, name FROM versioned_objects
      WHERE project_id = \(project) AND application = \(application) AND created_at < \(time)
      """
    ).map { VersionedObject(kind: try $0.get("kind"), name: try $0.get("name")) }
    let forgotten = old.filter { !needed.contains($0) }
    for object in forgotten {
      try connection.execute(
        """
        DELETE FROM versioned_objects
        WHERE project_id = \(project) AND kind = \(object.kind) AND name = \(object.name)
        """)
    }
    return forgotten
  }

  /// All that were ever noted for an application and aren't forgotten.
  func all(
    of application: String, in project: Project.ID, in connection: any Connection
  ) throws -> Set<VersionedObject> {
    Set(
      try connection.query(
        """
        SELECT kind, name FROM versioned_objects
        WHERE project_id = \(project) AND application = \(application)
        """
      ).map { VersionedObject(kind: try $0.get("kind"), name: try $0.get("name")) })
  }

  func removeAll(
    of application: String, in project: Project.ID, in connection: any Connection
  ) throws {
    try connection.execute(
      """
      DELETE FROM versioned_objects
      WHERE project_id = \(project) AND application = \(application)
      """)
  }
}
