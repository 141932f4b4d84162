internal import Foundation

/// What somebody wants deployed.
struct DeployRequest: Sendable {
  enum Wish: Sendable {
    case draft(ApplicationDraft, replacing: String?)
    case change(ApplicationChange)
  }

  let wish: Wish
  /// The application's name.
  let name: String

  init(_ draft: ApplicationDraft, replacing: String?) {
    var draft = draft
    if let replacing { draft.name = replacing }
    wish = .draft(draft, replacing: replacing)
    name = draft.name.trimmingSpaces()
  }

  init(_ change: ApplicationChange, of application: String) {
    wish = .change(change)
    name = application
  }
}

extension Releases {
  // MARK: What the deploy form does

  /// Seals the secret values of a draft, so that a page can carry it: nobody reads
  /// them there, and only this person's plan of this project opens them, for a
  /// day.
  ///
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func sealing(
    _ draft: ApplicationDraft, in project: String, as principal: Principal
  ) async throws(DomainError) -> ApplicationDraft {
    _ = try await projects.project(named: project, for: .deployApplications, as: principal)
    return try await vault.sealing(draft, in: project, as: principal)
  }

  /// A draft put together with what was deployed since it was begun.
  public struct Merge: Sendable {
    /// With ``ApplicationDraft/base`` as it is now.
    public let draft: ApplicationDraft
    /// What happened meanwhile, as a sentence.
    public let notice: String
    /// The fields that both changed; empty when there is nothing to ask.
    public let conflicts: [FieldError]
  }

  /// Puts a draft together with what somebody deployed since it was begun, field
  /// by field, so that no change of theirs is lost unseen.
  ///
  /// - Returns: nil when nobody did.
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func merge(
    _ draft: ApplicationDraft, in project: String, as principal: Principal
  ) async throws(DomainError) -> Merge? {
    guard let base = draft.base else { return nil }
    let detail = try await applications.application(
      named: draft.name, in: project, for: .deployApplications, as: principal)
    let application = detail.application
    guard application.releaseNumber != base else { return nil }
    let (old, author) = try await database.reading { [store] connection in
      (
        try store.release(base, of: application.id, in: connection)?.spec,
        try store.newest(of: application.id, in: connection)?.authorName ?? ""
      )
    }
    let merge = DraftMerge(
      base: old.map { ApplicationDraft($0) }, mine: draft,
      theirs: ApplicationDraft(application.spec))
    var merged = merge.draft
    merged.base = application.releaseNumber
    let who = author.isEmpty ? "Somebody" : author
    let what =
      merge.theirChanges.isEmpty
      ? "It changed nothing that you didn't." : merge.theirChanges.joined(separator: "; ") + "."
    return Merge(
      draft: merged,
      notice:
        "\(who) deployed release #\(application.releaseNumber) while you were editing: \(what)",
      conflicts: merge.conflicts)
  }

  /// What deploying a draft would do. Nothing is written anywhere.
  ///
  /// - Parameter replacing: the application that is edited; nil for a new one,
  ///   whose name must be free.
  /// - Throws: `invalid` with fields, `conflict` when an object of that name
  ///   isn't BabyHelm's, `forbidden`, `notFound`, `unavailable`.
  public func plan(
    _ draft: ApplicationDraft, replacing: String? = nil, in project: String,
    as principal: Principal
  ) async throws(DomainError) -> Plan {
    try await plan(DeployRequest(draft, replacing: replacing), in: project, as: principal)
  }

  /// Deploys a draft, if that does exactly what the plan with this hash said.
  ///
  /// A second confirmation of the same plan finds the release of the first.
  ///
  /// - Throws: as ``plan(_:replacing:in:as:)``.
  public func deploy(
    _ draft: ApplicationDraft, replacing: String? = nil, in project: String,
    confirming hash: String, message: String = "", as principal: Principal
  ) async throws(DomainError) -> Confirmation {
    try await deploy(
      DeployRequest(draft, replacing: replacing), in: project, confirming: hash, message: message,
      as: principal)
  }

  /// Whether a plan has become a release.
  public func isConfirmed(
    _ hash: String, of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> Bool {
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    return try await confirmed(hash, of: application, in: membership.project) != nil
  }

  // MARK: What needs no form

  /// What a change would do. Nothing is written anywhere.
  ///
  /// - Throws: as ``plan(_:replacing:in:as:)``.
  public func plan(
    _ change: ApplicationChange, of application: String, in project: String,
    as principal: Principal
  ) async throws(DomainError) -> Plan {
    try await plan(DeployRequest(change, of: application), in: project, as: principal)
  }

  /// Deploys a change, if that does exactly what the plan with this hash said.
  ///
  /// - Throws: as ``plan(_:replacing:in:as:)``.
  public func deploy(
    _ change: ApplicationChange, of application: String, in project: String,
    confirming hash: String, as principal: Principal
  ) async throws(DomainError) -> Confirmation {
    try await deploy(
      DeployRequest(change, of: application), in: project, confirming: hash,
      message: change.message, as: principal)
  }

  /// Deploys a change right away, for what says all that it does by its name.
  ///
  /// - Parameter release: the newest release when the person decided it. The
  ///   same click again finds the release of the first.
  /// - Returns: nil when the application is as wanted already.
  /// - Throws: `conflict` when somebody else deployed meanwhile, and as
  ///   ``plan(_:replacing:in:as:)``.
  public func perform(
    _ change: ApplicationChange, of application: String, in project: String,
    after release: Int, as principal: Principal
  ) async throws(DomainError) -> Release? {
    let request = DeployRequest(change, of: application)
    let plan = try await plan(request, in: project, as: principal)
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    // Ours minus one, since theirs may be the largest number there is.
    if plan.releaseNumber - 1 != release {
      return try await sameClick(change, of: application, in: membership.project, by: principal)
    }
    if plan.isEmpty, !plan.changesSpecification { return nil }
    let written = try await write(
      plan, in: membership.project, message: change.message, as: principal)
    guard let written else {
      return try await sameClick(change, of: application, in: membership.project, by: principal)
    }
    ring(project)
    return written
  }

  /// The release that the same person's same click made a moment ago.
  private func sameClick(
    _ change: ApplicationChange, of application: String, in project: Project,
    by principal: Principal
  ) async throws(DomainError) -> Release {
    let newest = try await database.reading { [store, applications] connection -> Release? in
      guard let found = try applications.find(application, in: project.id, in: connection) else {
        return nil
      }
      return try store.newest(of: found.id, in: connection)
    }
    if let newest, newest.authorID == principal.userID, newest.message == change.message,
      now().timeIntervalSince(newest.createdAt) < 30
    {
      return newest
    }
    throw DomainError(
      .conflict, "“\(application)” was deployed since you looked, so nothing was changed.",
      advice: "Look at its newest release, and do it again if it still makes sense.")
  }

  // MARK: Both

  private func plan(
    _ request: DeployRequest, in project: String, as principal: Principal
  ) async throws(DomainError) -> Plan {
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    return try await plan(request, in: membership.project, as: principal)
  }

  /// The plan of somebody who may deploy.
  func plan(
    _ request: DeployRequest, in project: Project, as principal: Principal
  ) async throws(DomainError) -> Plan {
    // The form's own mistakes come first: they need no cluster.
    if case .draft(let draft, _) = request.wish { _ = try draft.validated() }
    try projects.requireReady(project)
    try await guards.requireOurs(project)
    let resolution: SecretVault.Resolution
    let previous: Application?
    switch request.wish {
    case .draft(let draft, let replacing):
      let spec = try draft.validated()
      previous = try await self.previous(of: spec.name, in: project)
      try Self.requireExpected(previous, spec.name, replacing: replacing)
      resolution = try await vault.resolve(
        draft, for: spec, previous: previous?.spec, in: project, as: principal)
    case .change(let change):
      previous = try await self.previous(of: request.name, in: project)
      resolution = try await resolve(change, of: previous, named: request.name, in: project)
    }
    // Of the final specification, whichever way it came about.
    try await projects.policies.policy().require(
      resolution.spec, replacing: previous?.spec)
    return try await planner.plan(
      resolution, in: project, previous: previous, author: principal.email)
  }

  private func resolve(
    _ change: ApplicationChange, of previous: Application?, named name: String,
    in project: Project
  ) async throws(DomainError) -> SecretVault.Resolution {
    guard let previous else { throw Self.noApplication(name) }
    guard case .rollback(let number) = change else {
      return .init(spec: try change.applied(to: previous.spec, at: now()))
    }
    let id = previous.id
    let release = try await database.reading { [store] connection in
      try store.release(number, of: id, in: connection)
    }
    guard let release else {
      throw DomainError(
        .notFound, "The application “\(name)” has no release #\(number) any more.",
        advice: "Its page lists the releases there are.")
    }
    var spec = release.spec
    if let digest = release.imageDigest { spec.image = spec.image.pinned(to: digest) }
    try await vault.requireThere(spec, of: number, in: project)
    return .init(spec: spec)
  }

  private func deploy(
    _ request: DeployRequest, in project: String, confirming hash: String, message: String,
    as principal: Principal
  ) async throws(DomainError) -> Confirmation {
    let membership = try await projects.project(
      named: project, for: .deployApplications, as: principal)
    let name = request.name
    if let release = try await confirmed(hash, of: name, in: membership.project) {
      return .deployed(release)
    }
    let plan: Plan
    do throws(DomainError) {
      plan = try await self.plan(request, in: membership.project, as: principal)
    } catch {
      // The other click of a double click may have been quicker.
      guard let release = try await confirmed(hash, of: name, in: membership.project) else {
        throw error
      }
      return .deployed(release)
    }
    let isSame = plan.hash == hash
    if isSame,
      let release = try await write(
        plan, in: membership.project, message: message, as: principal, occasion: request.occasion)
    {
      ring(project)
      return .deployed(release)
    }
    if let release = try await confirmed(hash, of: name, in: membership.project) {
      return .deployed(release)
    }
    guard isSame else { return .moved(plan) }
    return .moved(try await self.plan(request, in: membership.project, as: principal))
  }

  /// Tells pages and the deployer that there is a new release.
  func ring(_ project: String) {
    clusterState.notify([project])
    signal.ring()
  }

  /// The application as it is; nil when there is none of that name.
  ///
  /// - Throws: `invalid` at the name when a deleted one has it.
  private func previous(
    of name: String, in project: Project
  ) async throws(DomainError) -> Application? {
    let id = project.id
    let (found, isTaken) = try await database.reading { [applications] connection in
      (
        try applications.find(name, in: id, in: connection),
        try applications.findAny(name, in: id, in: connection) != nil
      )
    }
    if found == nil, isTaken {
      throw DomainError.invalid([
        FieldError(
          "name",
          "“\(name)” was deleted and can still be restored. Restore it, remove it for good, or choose "
            + "another name.")
      ])
    }
    return found
  }

  private func confirmed(
    _ hash: String, of name: String, in project: Project
  ) async throws(DomainError) -> Release? {
    let id = project.id
    return try await database.reading { [store, applications] connection in
      guard let application = try applications.find(name, in: id, in: connection) else {
        return nil
      }
      return try store.release(confirming: hash, of: application.id, in: connection)
    }
  }

  /// A new application needs a free name; an edited one must be there.
  private static func requireExpected(
    _ previous: Application?, _ name: String, replacing: String?
  ) throws(DomainError) {
    if replacing == nil, previous != nil {
      throw DomainError.invalid([
        FieldError(
          "name",
          "This project has an application “\(name)” already; choose another name, or change that one."
        )
      ])
    }
    if let replacing, previous == nil { throw noApplication(replacing) }
  }

  static func noApplication(_ name: String) -> DomainError {
    DomainError(
      .notFound, "There is no application “\(name)” in this project.",
      advice: "The project's page lists its applications.")
  }
}
