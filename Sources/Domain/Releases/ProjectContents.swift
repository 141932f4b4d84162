internal import Kubernetes

/// What goes with a project when it is deleted.
public struct ProjectContents: Sendable {
  public let membership: ProjectMembership
  /// The names of its applications.
  public let applications: [String]
  /// The volumes in its namespace with their sizes, like `web-data, 1Gi`.
  public let volumes: [String]
  /// What somebody made in its namespace without BabyHelm, by kind and name.
  public let foreign: [String]
}

extension Releases {
  private static let foreignTypes: [ResourceType] = [
    .deployment, .service, .persistentVolumeClaim, .pod,
  ]

  /// What goes with a project when it is deleted, as the cluster has it now.
  ///
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func contents(
    of project: String, as principal: Principal
  ) async throws(DomainError) -> ProjectContents {
    let (membership, names) = try await database.reading { [projects, applications] connection in
      let membership = try projects.project(
        named: project, for: .readProject, as: principal, in: connection)
      let id = membership.project.id
      return (
        membership, try applications.all(in: id, deletedAt: nil, in: connection).map(\.name)
      )
    }
    guard membership.decision(.deleteProject, for: principal).isAllowed else {
      return ProjectContents(membership: membership, applications: names, volumes: [], foreign: [])
    }
    var (volumes, foreign): ([String], [String]) = ([], [])
    do throws(KubernetesError) {
      for type in Self.foreignTypes {
        let list = try await planner.client.listObjects(
          type, namespace: project, ListOptions(limit: 500))
        for object in list.items {
          guard let name = object.at("metadata", "name")?.string else { continue }
          if type == .persistentVolumeClaim { volumes.append(Self.volume(object, name)) }
          // What another object made goes and comes with that one.
          let isOwned = object.at("metadata", "ownerReferences")?.array?.isEmpty == false
          if !LiveObjects.isOurs(object), !isOwned { foreign.append("\(type.kind) \(name)") }
        }
      }
    } catch {
      if !error.isNotFound {
        throw ClusterFailure.domainError(error, doing: "looking what is in “\(project)”")
      }
    }
    return ProjectContents(
      membership: membership, applications: names, volumes: volumes, foreign: foreign)
  }

  private static func volume(_ claim: JSONValue, _ name: String) -> String {
    let size = claim.at("spec", "resources", "requests", "storage")?.string
    return size.map { "\(name), \($0)" } ?? name
  }
}
