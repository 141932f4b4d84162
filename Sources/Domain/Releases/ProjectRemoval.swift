internal import Foundation
internal import Logging

/// Goes on with what was decided about deleted projects: stops what runs in
/// them, brings back what was restored, and removes their namespaces once their
/// week is over.
///
/// Each step may be done twice, after a crash and by several replicas.
struct ProjectRemoval: Sendable {
  let database: any Database
  let projects: Projects
  let applications: Applications
  let releases: Releases
  let clusterState: ClusterState
  let logger: Logger
  let now: @Sendable () -> Date

  func proceed() async {
    let time = now()
    let due = time.addingTimeInterval(-DeletedProject.keptFor)
    do throws(DomainError) {
      try await projects.endTrials()
    } catch {
      note(error, "can't end the trials that are over")
    }
    do throws(DomainError) {
      let pending = try await deletions(due)
      guard !pending.isEmpty else { return }
      if pending.contains(where: { !$0.isBeingRemoved && $0.project.isOlder(than: due) }) {
        try await database.writing { [projects] connection in
          try projects.setRemoving(nil, deletedBefore: due, at: time, in: connection)
        }
      }
      for deletion in try await deletions(due) { await proceed(with: deletion) }
    } catch {
      note(error, "can't look for deleted projects")
    }
  }

  private func deletions(_ due: Date) async throws(DomainError) -> [ProjectDeletion] {
    try await database.reading { [projects] connection in
      try projects.deletions(deletedBefore: due, in: connection)
    }
  }

  /// One project that can't be helped now holds up no other.
  private func proceed(with deletion: ProjectDeletion) async {
    let project = deletion.project
    do throws(DomainError) {
      if deletion.isBeingRemoved {
        try await remove(project)
      } else if project.deletedAt != nil {
        try await stop(deletion)
      } else if let time = deletion.restoredFrom {
        try await bringBack(project, from: time)
      }
    } catch {
      note(error, "can't go on with a deleted project yet", project.name)
    }
  }

  private func stop(_ deletion: ProjectDeletion) async throws(DomainError) {
    let project = deletion.project
    guard let time = project.deletedAt else { return }
    for application in try await all(in: project, deletedAt: nil) {
      _ = try await releases.stop(
        application, with: project, at: time, by: deletion.deletedBy ?? project.createdBy)
    }
    try await projects.settleRights(of: project)
    clusterState.notify([project.name])
  }

  private func bringBack(_ project: Project, from time: Date) async throws(DomainError) {
    for application in try await all(in: project, deletedAt: time) {
      do throws(DomainError) {
        try await releases.bringBack(application, with: project, by: project.createdBy)
      } catch  where error.reason != .unavailable {
        // Its owners find it among the deleted applications, with what is in the way.
        note(error, "an application doesn't come back with its project", project.name)
      }
    }
    try await projects.settleRights(of: project)
    try await database.writing { [projects] connection in
      try projects.setRestoringDone(project.id, in: connection)
    }
    clusterState.notify([project.name])
  }

  private func remove(_ project: Project) async throws(DomainError) {
    guard try await projects.removeNamespace(of: project) else { return }
    try await database.writing { [projects] connection in
      try projects.forget(project.id, in: connection)
    }
    logger.notice("a deleted project is gone", metadata: ["project": "\(project.name)"])
    clusterState.notify([project.name])
  }

  private func all(
    in project: Project, deletedAt time: Date?
  ) async throws(DomainError) -> [Application] {
    try await database.reading { [applications] connection in
      try applications.all(in: project.id, deletedAt: time, in: connection)
    }
  }

  private func note(_ error: DomainError, _ what: Logger.Message, _ project: String = "") {
    logger.postponed(what, because: error, ["project": "\(project)"])
  }
}

extension Project {
  fileprivate func isOlder(than due: Date) -> Bool {
    deletedAt.map { $0 <= due } ?? false
  }
}
