internal import Foundation
internal import Logging

/// Deploy hooks: editors make them, registries and CI call them.
public struct DeployHooks: Sendable {
  /// What every secret begins with, so that people and scanners know it.
  static let prefix = "babyhelm_hook_"

  let database: any Database
  let accounts: Accounts
  let projects: Projects
  let applications: Applications
  let releases: Releases
  let seal: FormSeal
  let logger: Logger
  let now: @Sendable () -> Date
  let store = DeployHookStore()
  let audit: AuditLog
  let rate = HookRate()

  init(accounts: Accounts, releases: Releases, logger: Logger) {
    database = releases.database
    self.accounts = accounts
    projects = releases.projects
    applications = releases.applications
    self.releases = releases
    self.logger = logger
    now = releases.now
    seal = accounts.formSeal
    audit = AuditLog(database: database, now: now)
  }

  /// An application's hooks, by name. Secrets are not among what is told.
  ///
  /// - Throws: `notFound`; `forbidden` for who may not deploy; `unavailable`.
  public func list(
    of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> [DeployHook] {
    let detail = try await applications.application(
      named: application, in: project, for: .deployApplications, as: principal)
    let id = detail.application.id
    var hooks = try await database.reading { [store] connection in
      try store.hooks(of: id, in: connection)
    }
    for index in hooks.indices {
      hooks[index].obstacle = await obstacle(of: hooks[index].makerID, in: project)
    }
    return hooks
  }

  /// Makes a hook, which deploys as the asking person.
  ///
  /// - Parameter tags: which ones it deploys, as in `v*`; empty for all.
  /// - Throws: `invalid` at `name` or `tags`; `conflict` at the eleventh;
  ///   `notFound`, `forbidden`, `unavailable`.
  public func create(
    named name: String, tags: String = "", of application: String, in project: String,
    as principal: Principal
  ) async throws(DomainError) -> NewDeployHook {
    let id = try await deployable(application, project, principal).application.id
    let name = name.trimmingSpaces().precomposedStringWithCanonicalMapping
    let pattern = try Self.checked(name, tags)
    let secret = Self.prefix + RandomText.base64URL(bytes: 32)
    let time = now()
    let hook = DeployHook(
      id: .random(), name: name, tags: pattern, makerID: principal.userID,
      makerName: principal.name, createdAt: time, secretAt: time, uses: [])
    let sealed = try await seal.seal(secret, for: Self.context(hook.id))
    try await database.writing { [store, audit] connection in
      let others = try store.hooks(of: id, in: connection)
      guard others.count < DeployHook.limit else {
        throw DomainError(
          .conflict, "“\(application)” has \(others.count) hooks already.",
          advice: "Remove those that nothing uses.")
      }
      guard !others.contains(where: { $0.name == name }) else {
        throw DomainError.invalid([
          FieldError("name", "This application has a hook of this name already.")
        ])
      }
      try store.insert(
        hook, of: id, hash: Accounts.hash(of: secret), sealed: sealed, in: connection)
      try audit.record(
        .hookCreate, Self.target(name, application, project),
        pattern.text.isEmpty ? [] : [AuditChange("tags", to: pattern.text)], as: principal,
        in: connection)
    }
    return NewDeployHook(hook: hook, secret: secret)
  }

  /// Gives a hook another secret. The one before is worth nothing from then on,
  /// and the hook deploys as the asking person, who is the only one to know it.
  ///
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func rotate(
    _ id: DeployHook.ID, of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> NewDeployHook {
    let owner = try await deployable(application, project, principal).application.id
    let secret = Self.prefix + RandomText.base64URL(bytes: 32)
    let sealed = try await seal.seal(secret, for: Self.context(id))
    let time = now()
    let hook = try await database.writing { [store, audit] connection in
      let found = try Self.require(id, among: store.hooks(of: owner, in: connection))
      try store.replaceSecret(
        of: id, hash: Accounts.hash(of: secret), sealed: sealed, by: principal.userID, at: time,
        in: connection)
      let changes =
        found.makerID == principal.userID
        ? [] : [AuditChange("deploys as", from: found.makerName, to: principal.name)]
      try audit.record(
        .hookRotate, Self.target(found.name, application, project), changes, as: principal,
        in: connection)
      return try Self.require(id, among: store.hooks(of: owner, in: connection))
    }
    return NewDeployHook(hook: hook, secret: secret)
  }

  /// Removes a hook: its address is no hook's any more.
  ///
  /// - Throws: `notFound`, `forbidden`, `unavailable`.
  public func remove(
    _ id: DeployHook.ID, of application: String, in project: String, as principal: Principal
  ) async throws(DomainError) {
    let owner = try await deployable(application, project, principal).application.id
    try await database.writing { [store, audit] connection in
      let found = try Self.require(id, among: store.hooks(of: owner, in: connection))
      try store.delete(id, in: connection)
      try audit.record(
        .hookRemove, Self.target(found.name, application, project), as: principal, in: connection)
    }
  }

  // MARK: Pieces

  private func deployable(
    _ name: String, _ project: String, _ principal: Principal
  ) async throws(DomainError) -> ApplicationDetail {
    let detail = try await applications.application(
      named: name, in: project, for: .deployApplications, as: principal)
    // It would outlive whoever made it, by an hour at most.
    guard principal.vanishesAt == nil else {
      throw DomainError(
        .forbidden, "A visitor's application has no hooks.", advice: "Register to have some.")
    }
    return detail
  }

  private static func checked(
    _ name: String, _ tags: String
  ) throws(DomainError) -> TagPattern {
    var mistakes: [FieldError] = []
    if name.isEmpty || name.unicodeScalars.count > 60
      || name.unicodeScalars.contains(where: \.breaksLines)
    {
      mistakes.append(FieldError("name", "Name who will call it, in at most 60 characters."))
    }
    var pattern = TagPattern(stored: "")
    do throws(DomainError) { pattern = try TagPattern(tags) } catch { mistakes += error.fields }
    guard mistakes.isEmpty else { throw .invalid(mistakes) }
    return pattern
  }

  private static func require(
    _ id: DeployHook.ID, among hooks: [DeployHook]
  ) throws(DomainError) -> DeployHook {
    guard let hook = hooks.first(where: { $0.id == id }) else {
      throw DomainError(.notFound, "This hook was removed already.")
    }
    return hook
  }

  private static func target(
    _ name: String, _ application: String, _ project: String
  ) -> AuditTarget {
    AuditTarget(kind: "hook", name: "\(application): \(name)", project: project)
  }

  static func context(_ id: DeployHook.ID) -> String { "deploy hook \(id)" }
}
