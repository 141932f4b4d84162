internal import Foundation
internal import Synchronization

/// What admins decided for everybody, and what it means for what people want.
/// Pages, API and command line come through the services that ask it.
public final class Policies: Sendable {
  /// How old what pages show may be, in seconds.
  static let recency: Double = 2

  private let settings: Settings
  private let now: @Sendable () -> Date
  private let seen = Mutex<(policy: PlatformPolicy, at: Date)?>(nil)

  init(database: any Database, now: @escaping @Sendable () -> Date) {
    settings = Settings(database: database, now: now)
    self.now = now
  }

  /// The policy as pages show it, at most two seconds old while the database
  /// answers, so that a banner costs no page a query. What is enforced is read
  /// where it is enforced.
  public func recent() async -> PlatformPolicy {
    let time = now()
    let known = seen.withLock { $0 }
    if let known, abs(time.timeIntervalSince(known.at)) < Self.recency { return known.policy }
    do throws(DomainError) {
      return try await policy()
    } catch {
      return known?.policy ?? PlatformPolicy()
    }
  }

  /// The policy as it is now.
  ///
  /// - Throws: `unavailable`.
  public func policy() async throws(DomainError) -> PlatformPolicy {
    let policy = try await settings.setting(.policy).value
    seen.withLock { $0 = (policy, now()) }
    return policy
  }

  /// The same within somebody else's transaction.
  func policy(in connection: any Connection) throws -> PlatformPolicy {
    try settings.setting(.policy, in: connection).value
  }

  /// The policy with its version, for the page that changes it.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func setting(
    as principal: Principal
  ) async throws(DomainError) -> Setting<PlatformPolicy> {
    try AccessTable.require(.changeSettings, of: principal)
    return try await settings.setting(.policy)
  }

  /// Decides another policy. What runs already isn't touched by it.
  ///
  /// - Parameter version: of the policy that the admin saw.
  /// - Throws: `forbidden`; `invalid` with ``PolicyDraft/fields``; `conflict`
  ///   when another admin changed it meanwhile; `unavailable`.
  public func change(
    to draft: PolicyDraft, from version: Int, as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.changeSettings, of: principal)
    let policy = try draft.validated()
    let before = try await self.policy()
    try await settings.change(
      .policy, to: policy, from: version, Self.changes(from: before, to: policy), as: principal)
    seen.withLock { $0 = nil }
  }

  private static func changes(
    from old: PlatformPolicy, to new: PlatformPolicy
  ) -> [AuditChange] {
    let words: [(String, (PlatformPolicy) -> String)] = [
      ("registration", \.registration.rawValue), ("quota", \.quota.sentence),
      ("projects per person", { String($0.projectsPerPerson) }),
      ("replicas", { String($0.replicas) }),
      ("registries", { $0.registries.map(\.text).joined(separator: ", ") }),
      ("reserved names", { $0.reservedNames.joined(separator: ", ") }), ("banner", \.banner),
      ("demo", { $0.isDemoOn ? "on" : "off" }),
      ("demo projects", { $0.areDemoProjectsOn ? "on" : "off" }),
    ]
    return words.compactMap { field, word in
      let (before, after) = (word(old), word(new))
      return before == after ? nil : AuditChange(field, from: before, to: after)
    }
  }
}

extension PlatformPolicy {
  /// Throws where a specification breaks the policy.
  ///
  /// What an application has already isn't held against it, so that it can
  /// still be stopped and made smaller.
  /// - Parameter previous: the application as it is; nil for a new one.
  /// - Throws: `invalid` with the deploy form's fields `image` and `replicas`
  ///   or `maxReplicas`.
  func require(
    _ spec: ApplicationSpec, replacing previous: ApplicationSpec?
  ) throws(DomainError) {
    var mistakes: [FieldError] = []
    let isSameImage = previous.map { $0.image == spec.image } ?? false
    if !registries.isEmpty, !isSameImage, !registries.contains(where: { $0.has(spec.image) }) {
      mistakes.append(
        FieldError(
          "image",
          "Images may come from \(Self.list(registries.map(\.text))) here. Choose one of there, or ask "
            + "an admin to allow this registry."))
    }
    let wanted = spec.scaling.most
    if wanted > replicas, wanted > previous?.scaling.most ?? 0 {
      mistakes.append(
        FieldError(
          spec.scaling.isAutomatic ? "maximumReplicas" : "replicas",
          "An application may have at most \(replicas) replicas here. Ask an admin for more."))
    }
    guard mistakes.isEmpty else { throw .invalid(mistakes) }
  }

  /// Throws where a new project breaks the policy for somebody who isn't an
  /// admin.
  ///
  /// - Throws: `invalid` with the form's fields.
  func require(
    _ project: ProjectDraft.Checked, by principal: Principal
  ) throws(DomainError) {
    var mistakes: [FieldError] = []
    if reservedNames.contains(project.name) {
      mistakes.append(
        FieldError(
          "name", "“\(project.name)” is kept free by the admins; choose another name."))
    }
    if principal.role != .admin {
      mistakes += project.quota.fieldsBeyond(quota).map { field, most in
        FieldError(
          field, "A new project has at most \(most). Its owners can ask an admin for more.")
      }
    }
    guard mistakes.isEmpty else { throw .invalid(mistakes) }
  }

  /// Throws when a person owns as many projects as they may.
  ///
  /// - Throws: `conflict`.
  func requireRoom(forProjectOf name: String, owned: Int, role: PlatformRole) throws(DomainError) {
    guard role != .admin, owned >= projectsPerPerson else { return }
    throw DomainError(
      .conflict,
      "\(name) owns \(owned) \(owned == 1 ? "project" : "projects"), which is as many as one may here.",
      advice: "Delete one for good, give one to somebody else, or ask an admin for more.")
  }

  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
