internal import Foundation
internal import Kubernetes

extension Releases {
  /// Stores the release and the operation that deploys it, in one transaction.
  ///
  /// - Parameters:
  ///   - action: what the audit log calls it.
  ///   - occasion: why, for those who are told of it.
  ///   - alongside: what else belongs into the transaction; when it says false,
  ///     nothing is stored.
  /// - Returns: nil when somebody else deployed the application meanwhile.
  func write(
    _ plan: Plan, in project: Project, message: String, as principal: Principal,
    action: AuditAction = .applicationDeploy, occasion: ReleaseOccasion = .change,
    alongside: @escaping @Sendable (any Connection) throws -> Bool = { _ in true }
  ) async throws(DomainError) -> Release? {
    // Not within the transaction, which no cluster may hold up. A Secret whose
    // release isn't stored after all is swept away later.
    try await note(plan.secretVersions, of: plan.spec.name, in: project)
    try await vault.write(
      plan.secretVersions, of: plan.spec.name, in: project,
      stamp: ReleaseStamp(number: plan.releaseNumber, author: principal.email))
    let time = now()
    let author = principal
    do throws(DomainError) {
      return try await database.writing { [store, applications, audit, notices] connection in
        guard try alongside(connection) else { throw DomainError(.conflict, "") }
        let application: Application
        if let found = try applications.findAny(plan.spec.name, in: project.id, in: connection) {
          application = found
          guard
            try applications.update(
              found, to: plan.spec, release: plan.releaseNumber, at: time, in: connection),
            found.releaseNumber == plan.releaseNumber - 1
          else { throw DomainError(.conflict, "") }
        } else {
          application = Application(
            id: .random(), projectID: project.id, name: plan.spec.name, spec: plan.spec,
            releaseNumber: plan.releaseNumber, createdAt: time, updatedAt: time)
          try Self.unlessTaken { try applications.insert(application, in: connection) }
        }
        let release = Self.release(
          plan, of: application.id, message: message, author: author, at: time)
        try Self.unlessTaken { try store.insert(release, in: connection) }
        for object in plan.spec.versionedObjects {
          try VersionedObjectStore().note(
            object, of: plan.spec.name, in: project.id, at: time, in: connection)
        }
        try store.insert(
          Operation(id: .random(), projectID: project.id, releaseID: release.id, attempts: 0),
          at: time, in: connection)
        try notices.began(
          release, of: plan.spec.name, in: project, occasion, action, by: author.name,
          in: connection)
        try audit.record(
          action, .application(plan.spec.name, in: project.name), Self.auditChanges(plan, message),
          as: principal, in: connection)
        return release
      }
    } catch  where error.reason == .conflict || error.reason == .alreadyExists {
      return nil
    }
  }

  private static func auditChanges(_ plan: Plan, _ message: String) -> [AuditChange] {
    let before = plan.releaseNumber > 1 ? "\(plan.releaseNumber - 1)" : nil
    var changes = [AuditChange("release", from: before, to: "\(plan.releaseNumber)")]
    if !message.isEmpty { changes.append(AuditChange("message", to: String(message.prefix(500)))) }
    return changes
  }

  private func note(
    _ versions: [SecretVersion], of application: String, in project: Project
  ) async throws(DomainError) {
    if versions.isEmpty { return }
    let time = now()
    let names = versions.map(\.name)
    try await database.writing { connection in
      for name in names {
        try VersionedObjectStore().note(
          VersionedObject(kind: .secret, name: name), of: application, in: project.id, at: time,
          in: connection)
      }
    }
  }

  /// Somebody else made the same application or release a moment ago.
  private static func unlessTaken(_ insert: () throws -> Void) throws {
    do {
      try insert()
    } catch StorageError.uniqueViolation {
      throw DomainError(.conflict, "")
    }
  }

  private static func release(
    _ plan: Plan, of application: Application.ID, message: String, author: Principal,
    at time: Date
  ) -> Release {
    Release(
      id: .random(), applicationID: application, number: plan.releaseNumber, spec: plan.spec,
      manifests: plan.steps.filter { $0.action != .delete && $0.kind != ResourceType.secret.kind }
        .map {
          ReleaseManifest(kind: $0.kind, name: $0.name, yaml: $0.yaml)
        },
      planHash: plan.hash, authorID: author.userID, authorName: author.name,
      message: String(message.prefix(500)), imageDigest: nil,
      state: .queued, outcome: "", createdAt: time, finishedAt: nil)
  }
}
