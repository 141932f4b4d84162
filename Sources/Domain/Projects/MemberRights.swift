internal import Kubernetes

/// Makes the rights of members on the cluster what the database says: for each
/// a service account and a binding of the same name (docs/design.md §5).
struct MemberRights: Sendable {
  let database: any Database
  let guards: ProjectGuards
  private let store = ProjectStore()

  private var client: KubernetesClient { guards.client }

  init(database: any Database, guards: ProjectGuards) {
    self.database = database
    self.guards = guards
  }

  /// The name of a person's objects: short, and the same as long as they have
  /// their account.
  static func name(of user: User.ID) -> String { "member-\(key(of: user))" }

  private static func key(of user: User.ID) -> String {
    String(user.rawValue.filter { $0 != "-" }.prefix(12))
  }

  /// Makes what differs. Doing it twice, or on two replicas at once, ends with
  /// the same: each looks again after it wrote.
  ///
  /// - Parameter all: whether also to make anew what should be there already,
  ///   and to remove what nobody is to have.
  /// - Throws: `conflict` when the namespace isn't ours, `unavailable`.
  func settle(_ project: Project, all: Bool = false) async throws(DomainError) {
    var steps = try await steps(of: project, all: all)
    if steps.isEmpty, !all { return }
    try await guards.requireOurs(project)
    if all { try await removeSurplus(in: project) }
    var rounds = 0
    while !steps.isEmpty {
      // Only a change each time that this one was written comes so far.
      guard rounds < 10 else { return }
      // One person's rights that can't be changed hold up nobody else's.
      var failure: DomainError?
      for step in steps {
        do throws(DomainError) {
          try await carryOut(step, in: project)
        } catch {
          failure = failure ?? error
        }
      }
      if let failure { throw failure }
      rounds += 1
      steps = try await self.steps(of: project, all: false)
    }
  }

  private func steps(
    of project: Project, all: Bool
  ) async throws(DomainError) -> [RightsStep] {
    try await database.reading { [store] connection in
      let former = try store.formerMembers(of: project.id, in: connection)
      let rows = try store.members(of: project.id, in: connection)
      if project.deletedAt != nil {
        return (former + rows.filter(\.isRecorded).map(\.id)).map { .revoke($0) }
      }
      return former.map { .revoke($0) }
        + rows.filter { all || !$0.isSettled }.map {
          $0.wanted == nil ? .revoke($0.id) : .grant($0)
        }
    }
  }

  private func carryOut(_ step: RightsStep, in project: Project) async throws(DomainError) {
    switch step {
    case .grant(let row):
      guard let role = row.wanted else { return }
      try await record(nil, of: row.id, in: project)
      try await grant(row, role, in: project)
      try await record(role, of: row.id, in: project)
    case .revoke(let user):
      try await record(nil, of: user, in: project)
      let name = Self.name(of: user)
      for type in Self.types { try await delete(type, name, in: project) }
      try await database.writing { [store] connection in
        try store.forgetRights(of: user, in: project.id, connection)
      }
    }
  }

  private func record(
    _ role: ClusterRole?, of user: User.ID, in project: Project
  ) async throws(DomainError) {
    try await database.writing { [store] connection in
      try store.record(role, of: user, in: project.id, connection)
    }
  }

  /// The binding goes first: without it the account may do nothing.
  private static let types: [ResourceType] = [.roleBinding, .serviceAccount]

  private func manifests(
    of row: MemberRow, _ role: ClusterRole, in project: Project
  ) throws(DomainError) -> [Manifest] {
    try guards.manifests.rights(
      of: MemberManifest(
        name: Self.name(of: row.id), namespace: project.name, key: Self.key(of: row.id),
        person: row.name, email: row.email, clusterRole: role.rawValue))
  }

  private func grant(
    _ row: MemberRow, _ role: ClusterRole, in project: Project
  ) async throws(DomainError) {
    for manifest in try manifests(of: row, role, in: project) {
      do throws(KubernetesError) {
        do throws(KubernetesError) {
          try await apply(manifest, in: project)
        } catch  where error.isInvalid && manifest.type == .roleBinding {
          // A binding never changes its role.
          try await remove(manifest.type, manifest.name, in: project)
          try await apply(manifest, in: project)
        }
      } catch {
        throw ClusterFailure.domainError(
          error, doing: "giving \(row.name) their rights in “\(project.name)”")
      }
    }
  }

  private func apply(_ manifest: Manifest, in project: Project) async throws(KubernetesError) {
    _ = try await client.apply(
      manifest.object, manifest.type, name: manifest.name, namespace: project.name,
      ApplyOptions(fieldManager: ProjectGuards.fieldManager, isForced: true))
  }

  private func remove(
    _ type: ResourceType, _ name: String, in project: Project
  ) async throws(KubernetesError) {
    do throws(KubernetesError) {
      _ = try await client.delete(type, name: name, namespace: project.name, DeleteOptions())
    } catch  where error.isNotFound {}
  }

  private func delete(
    _ type: ResourceType, _ name: String, in project: Project
  ) async throws(DomainError) {
    do throws(KubernetesError) {
      try await remove(type, name, in: project)
    } catch {
      throw ClusterFailure.domainError(
        error, doing: "taking back rights in “\(project.name)”")
    }
  }
}

// MARK: - Comparing

extension MemberRights {
  /// Deletes what bears our label and belongs to nobody who is to have it.
  private func removeSurplus(in project: Project) async throws(DomainError) {
    for type in Self.types {
      let live: [JSONValue]
      do {
        live = try await labelled(type, in: project)
      } catch {
        throw ClusterFailure.domainError(
          error, doing: "looking for members' rights in “\(project.name)”")
      }
      // Asked after the cluster, so that what was made for somebody added in
      // between is theirs.
      let names = Set(try await wanted(in: project).map { Self.name(of: $0.id) })
      for name in live.compactMap(Self.name) where !names.contains(name) {
        try await delete(type, name, in: project)
      }
    }
  }

  private func wanted(in project: Project) async throws(DomainError) -> [MemberRow] {
    try await database.reading { [store] connection in
      try store.members(of: project.id, in: connection).filter { $0.wanted != nil }
    }
  }

  private func labelled(
    _ type: ResourceType, in project: Project
  ) async throws(KubernetesError) -> [JSONValue] {
    let selector =
      "\(ManifestBuilder.managedByLabel)=\(ManifestBuilder.managedByValue),"
      + ManifestBuilder.memberLabel
    return try await client.listObjects(
      type, namespace: project.name, ListOptions(labelSelector: selector)
    ).items
  }

  private static func name(_ object: JSONValue) -> String? {
    object.at("metadata", "name")?.string
  }

  /// What is wrong with the members' rights on the cluster, in a sentence; nil
  /// when they are as the list of members says.
  func mistake(in project: Project) async throws(DomainError) -> String? {
    let rows = try await wanted(in: project)
    var live: [ResourceType: [String: JSONValue]] = [:]
    do {
      for type in Self.types {
        let objects = try await labelled(type, in: project)
        live[type] = Dictionary(
          objects.compactMap { object in Self.name(object).map { ($0, object) } },
          uniquingKeysWith: { first, _ in first })
      }
    } catch {
      throw ClusterFailure.domainError(
        error, doing: "comparing members' rights in “\(project.name)”")
    }
    for row in rows {
      guard let role = row.wanted else { continue }
      for manifest in try manifests(of: row, role, in: project) {
        guard let object = live[manifest.type]?.removeValue(forKey: manifest.name) else {
          return "The \(manifest.kind) of \(row.name) is gone from the cluster, or lost its label."
        }
        if let difference = Self.difference(object, manifest.object) {
          return "The \(manifest.kind) of \(row.name) isn't as BabyHelm makes it: \(difference)."
        }
      }
    }
    for type in Self.types {
      if let name = live[type]?.keys.min() {
        return "There is a \(type.kind) “\(name)” for somebody who isn't a member."
      }
    }
    return nil
  }

  /// The field that says something else than BabyHelm would; defaults that the
  /// server adds don't count.
  private static func difference(_ live: JSONValue, _ planned: JSONValue) -> String? {
    if live["automountServiceAccountToken"] != planned["automountServiceAccountToken"] {
      return "automountServiceAccountToken"
    }
    if live["roleRef"] != planned["roleRef"] { return "roleRef" }
    return subjects(live) == subjects(planned) ? nil : "subjects"
  }

  private static func subjects(_ binding: JSONValue) -> Set<[String]> {
    Set(
      (binding["subjects"]?.array ?? []).map { subject in
        ["kind", "name", "namespace"].map { subject[$0]?.string ?? "" }
      })
  }
}
