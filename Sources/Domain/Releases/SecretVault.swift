internal import Foundation
internal import Kubernetes

/// Turns what was typed into secret fields into Secrets that never change
/// (docs/design.md §5): another value is another Secret, so that an older
/// release still finds its own.
struct SecretVault: Sendable {
  /// What a draft's secret fields come to.
  struct Resolution: Sendable {
    var spec: ApplicationSpec
    /// The Secrets with new values, which the cluster may not have yet.
    var versions: [SecretVersion] = []
  }

  private let client: KubernetesClient
  private let manifests: ManifestBuilder
  private let seal: FormSeal
  private let now: @Sendable () -> Date

  init(
    client: KubernetesClient, manifests: ManifestBuilder, seal: FormSeal,
    now: @escaping @Sendable () -> Date
  ) {
    self.client = client
    self.manifests = manifests
    self.seal = seal
    self.now = now
  }

  /// Seals what was typed, for a page of this person's about this project.
  ///
  /// - Throws: `unavailable` without a key.
  func sealing(
    _ draft: ApplicationDraft, in project: String, as principal: Principal
  ) async throws(DomainError) -> ApplicationDraft {
    var draft = draft
    let context = Self.context(project, principal)
    for index in draft.secretValues.indices where !draft.secretValues[index].value.isEmpty {
      draft.secretValues[index].sealed = try await seal.seal(
        draft.secretValues[index].value, for: context)
      draft.secretValues[index].value = ""
    }
    if !draft.registryPassword.isEmpty {
      draft.registrySealed = try await seal.seal(draft.registryPassword, for: context)
      draft.registryPassword = ""
    }
    return draft
  }

  /// Fills in the specification's secret values and registry login.
  ///
  /// - Parameters:
  ///   - spec: the draft's, without them.
  ///   - previous: the application as it is; its values stay where nothing new
  ///     was typed.
  /// - Throws: `invalid` at the rows whose value is missing or can't be read.
  func resolve(
    _ draft: ApplicationDraft, for spec: ApplicationSpec, previous: ApplicationSpec?,
    in project: Project, as principal: Principal
  ) async throws(DomainError) -> Resolution {
    var resolution = Resolution(spec: spec)
    var errors: [FieldError] = []
    let context = Self.context(project.name, principal)
    try await resolveValues(
      draft, previous: previous?.secretValues, in: project, by: principal, context, &resolution,
      &errors)
    try await resolveLogin(
      draft, previous: previous?.registryLogin, in: project, by: principal, context, &resolution,
      &errors)
    if !errors.isEmpty { throw DomainError.invalid(errors) }
    return resolution
  }

  /// Puts Secrets on the cluster. One that is there already stays as it is.
  ///
  /// - Throws: `conflict`, `unavailable` and what else the cluster answers.
  func write(
    _ versions: [SecretVersion], of application: String, in project: Project, stamp: ReleaseStamp
  ) async throws(DomainError) {
    for version in versions {
      let manifest = try manifests.secret(
        version, of: application, in: project.name, stamp: stamp, isMasked: false)
      do {
        if let live = try await LiveObjects(client: client).find(
          .secret, version.name, in: project.name)
        {
          try Planner.requireOurs(live, manifest)
          continue
        }
        _ = try await client.apply(
          manifest.object, manifest.type, name: manifest.name, namespace: project.name,
          ApplyOptions(
            fieldManager: ProjectGuards.fieldManager, isForced: true, fieldValidation: .strict))
      } catch {
        throw ClusterFailure.domainError(error, doing: "storing the secret values")
      }
    }
  }

  /// Makes sure that the Secrets of an older release are still there.
  ///
  /// - Throws: `conflict` when somebody removed one.
  func requireThere(
    _ spec: ApplicationSpec, of number: Int, in project: Project
  ) async throws(DomainError) {
    for name in [spec.secretValues?.secret, spec.registryLogin?.secret].compactMap(\.self)
    where try await data(of: name, in: project).isEmpty {
      throw DomainError(
        .conflict,
        "The Secret “\(name)” of release #\(number) is no longer on the cluster, so there is no "
          + "way back to it.",
        advice: "Change the application instead, and type its secret values again.")
    }
  }

  private static func context(_ project: String, _ principal: Principal) -> String {
    "\(principal.userID) \(project)"
  }

  // MARK: Values

  private func resolveValues(
    _ draft: ApplicationDraft, previous: ApplicationSpec.SecretValues?, in project: Project,
    by principal: Principal, _ context: String, _ resolution: inout Resolution,
    _ errors: inout [FieldError]
  ) async throws(DomainError) {
    let rows = draft.filledSecretValues
    guard !rows.isEmpty else { return }
    let known = Dictionary(
      (previous?.entries ?? []).map { ($0.target, $0) }, uniquingKeysWith: { first, _ in first })
    let kept = try await data(of: previous?.secret, in: project)
    var data: [String: [UInt8]] = [:]
    var entries: [ApplicationSpec.SecretValues.Entry] = []
    var hasNew = false
    for (index, row) in rows {
      let target = row.target.trimmingSpaces()
      let key = ApplicationSpec.SecretValues.Entry.key(of: target)
      let field = "secretValues.\(index).value"
      if let typed = try await typed(row.value, row.sealed, context) {
        check(typed, field, &errors)
        data[key] = Array(typed.utf8)
        hasNew = true
        entries.append(.init(target: target, setAt: wholeSecond, setBy: principal.name))
      } else if !row.sealed.isEmpty {
        errors.append(FieldError(field, Self.unreadable))
      } else if let entry = known[target], let value = kept[key] {
        data[key] = value
        entries.append(entry)
      } else {
        errors.append(
          FieldError(
            field,
            known[target] == nil
              ? "Type the value of “\(target)”."
              : "The value of “\(target)” is no longer on the cluster; type it again."))
      }
    }
    if data.values.reduce(0, { $0 + $1.count }) > ApplicationDraft.secretValuesCeiling {
      errors.append(
        FieldError("secretValues", "All secret values together have at most 256 KiB."))
    }
    guard errors.isEmpty else { return }
    if let previous, !hasNew, entries == previous.entries {
      resolution.spec.secretValues = previous
      return
    }
    let name = try await name("secrets", of: resolution.spec, data, in: project)
    resolution.spec.secretValues = .init(secret: name, entries: entries)
    resolution.versions.append(SecretVersion(name: name, purpose: .values, data: data))
  }

  private func check(_ value: String, _ field: String, _ errors: inout [FieldError]) {
    if value.utf8.count > ApplicationDraft.secretValueCeiling {
      errors.append(FieldError(field, "A secret value has at most 32 KiB."))
    } else if value.utf8.contains(0) {
      errors.append(FieldError(field, "A secret value can't hold the NUL character."))
    }
  }

  // MARK: Registry login

  private func resolveLogin(
    _ draft: ApplicationDraft, previous: ApplicationSpec.RegistryLogin?, in project: Project,
    by principal: Principal, _ context: String, _ resolution: inout Resolution,
    _ errors: inout [FieldError]
  ) async throws(DomainError) {
    guard draft.hasRegistryLogin else { return }
    let server = resolution.spec.image.loginServer
    let user = draft.registryUser.trimmingSpaces()
    guard let typed = try await typed(draft.registryPassword, draft.registrySealed, context) else {
      if !draft.registrySealed.isEmpty {
        errors.append(FieldError("registryPassword", Self.unreadable))
      } else if let previous, previous.server == server, previous.user == user,
        try await !data(of: previous.secret, in: project).isEmpty
      {
        resolution.spec.registryLogin = previous
      } else {
        errors.append(
          FieldError(
            "registryPassword", "Type the password of “\(user)” at \(server)."))
      }
      return
    }
    check(typed, "registryPassword", &errors)
    let data = SecretVersion.loginData(server: server, user: user, password: typed)
    let name = try await name("registry", of: resolution.spec, data, in: project)
    resolution.spec.registryLogin = .init(
      secret: name, server: server, user: user, setAt: wholeSecond, setBy: principal.name)
    resolution.versions.append(SecretVersion(name: name, purpose: .registryLogin, data: data))
  }

  // MARK: What was typed, and what is there

  private static let unreadable =
    "What was typed here can't be read any more, because it is a day old or the keys changed; "
    + "type it again."

  /// - Returns: nil when nothing was typed, or it can't be read any more.
  private func typed(
    _ value: String, _ sealed: String, _ context: String
  ) async throws(DomainError) -> String? {
    if !value.isEmpty { return value }
    return sealed.isEmpty ? nil : try await seal.open(sealed, for: context)
  }

  /// The values of a Secret that BabyHelm made; empty when it is gone.
  private func data(
    of secret: String?, in project: Project
  ) async throws(DomainError) -> [String: [UInt8]] {
    guard let secret else { return [:] }
    do {
      guard
        let live = try await LiveObjects(client: client).find(.secret, secret, in: project.name),
        LiveObjects.isOurs(live)
      else { return [:] }
      return (live["data"]?.object ?? [:]).compactMapValues { value in
        value.string.flatMap { Data(base64Encoded: $0) }.map(Array.init)
      }
    } catch {
      throw ClusterFailure.domainError(error, doing: "looking for the secret values")
    }
  }

  /// A name for the Secret with these values.
  private func name(
    _ what: String, of spec: ApplicationSpec, _ data: [String: [UInt8]], in project: Project
  ) async throws(DomainError) -> String {
    let parts = data.sorted { $0.key < $1.key }.flatMap { [Array($0.key.utf8), $0.value] }
    let hash = try await seal.keyedHash(of: [Array(project.id.rawValue.utf8)] + parts)
    return "\(spec.name)-\(what)-\(hash.prefix(10))"
  }

  /// Whole seconds, as they are stored.
  private var wholeSecond: Date {
    Date(timeIntervalSince1970: now().timeIntervalSince1970.rounded(.down))
  }
}
