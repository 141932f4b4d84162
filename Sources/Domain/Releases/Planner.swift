internal import Crypto
internal import Kubernetes

/// Asks the cluster, by dry runs, what a deploy would do.
struct Planner: Sendable {
  let client: KubernetesClient
  let manifests: ManifestBuilder
  let clusterState: ClusterState

  /// - Parameter previous: the application as it is, when there is one.
  /// - Throws: `conflict` when an object of a wanted name isn't BabyHelm's,
  ///   `invalid` when the cluster refuses a manifest, `unavailable`.
  func plan(
    _ resolution: SecretVault.Resolution, in project: Project, previous: Application?,
    author: String
  ) async throws(DomainError) -> Plan {
    let spec = resolution.spec
    let number = (previous?.releaseNumber ?? 0) + 1
    let versions = try await secretVersions(of: spec, in: project)
    let stamp = ReleaseStamp(number: number, author: author)
    let wanted = try manifests.application(
      spec, in: project.name, podSecurity: project.podSecurity, stamp: stamp,
      secretVersions: versions)
    var steps: [Plan.Step] = []
    var warnings: [String] = []
    for version in resolution.versions {
      steps.append(try await step(for: version, of: spec.name, stamp: stamp, in: project))
    }
    for manifest in wanted {
      let (action, notes) = try await step(
        for: manifest, minimum: spec.minimumReplicas, in: project)
      steps.append(
        Plan.Step(kind: manifest.kind, name: manifest.name, action: action, yaml: manifest.yaml))
      warnings += notes.map(Self.inPlainWords)
    }
    steps += try await leftovers(of: spec.name, wanted: wanted, in: project)
    warnings += Self.warnings(about: spec, replacing: previous?.spec)
    warnings += Self.volumesKept(by: spec, of: previous?.spec)
    let quota = quotaLines(for: spec, in: project, previous: previous)
    warnings += quota.filter { !$0.fits }.map {
      "The project's quota is too small: \($0.sentence)."
    }
    return Plan(
      spec: spec, isFirst: previous == nil, releaseNumber: number, steps: steps,
      warnings: warnings, quota: quota, changesSpecification: previous?.spec != spec,
      secretVersions: resolution.versions,
      hash: Self.hash(project: project, number: number, steps: steps))
  }

  /// The versions of the Secrets that the pods need.
  ///
  /// - Throws: `invalid` at the field that names a Secret or a key that isn't
  ///   there: pods would wait for it for ever.
  private func secretVersions(
    of spec: ApplicationSpec, in project: Project
  ) async throws(DomainError) -> [String: String] {
    var found: [String: CoreV1.Secret] = [:]
    for name in spec.secretNames {
      do {
        found[name] = try await client.get(CoreV1.Secret.self, name: name, namespace: project.name)
      } catch  where error.isNotFound {
        continue
      } catch {
        throw ClusterFailure.domainError(error, doing: "looking for the Secret “\(name)”")
      }
    }
    var errors: [FieldError] = []
    for (index, variable) in spec.secrets.enumerated() {
      let field = "secrets.\(index).reference"
      guard let secret = found[variable.secret] else {
        errors.append(FieldError(field, "There is no Secret “\(variable.secret)” in this project."))
        continue
      }
      if !secret.keys.contains(variable.key) {
        errors.append(
          FieldError(
            field,
            "The Secret “\(variable.secret)” has no key “\(variable.key)”; it has "
              + "\(secret.keys.isEmpty ? "none" : secret.keys.joined(separator: ", "))."))
      }
    }
    if let name = spec.pullSecret, found[name] == nil {
      errors.append(FieldError("pullSecret", "There is no Secret “\(name)” in this project."))
    }
    if !errors.isEmpty { throw DomainError.invalid(errors) }
    return found.mapValues(\.metadata.resourceVersion)
  }

  /// A Secret's step, which shows no value.
  private func step(
    for version: SecretVersion, of application: String, stamp: ReleaseStamp, in project: Project
  ) async throws(DomainError) -> Plan.Step {
    let manifest = try manifests.secret(
      version, of: application, in: project.name, stamp: stamp, isMasked: false)
    let masked = try manifests.secret(
      version, of: application, in: project.name, stamp: stamp, isMasked: true)
    let (action, _) = try await step(for: manifest, minimum: 0, in: project)
    // One of this name has the same values: they are in its name.
    let isThere = action != .create
    return Plan.Step(
      kind: manifest.kind, name: manifest.name, action: isThere ? .nothing : .create,
      yaml: masked.yaml)
  }

  /// Compares one manifest with the cluster.
  private func step(
    for manifest: Manifest, minimum: Int, in project: Project
  ) async throws(DomainError) -> (Plan.Step.Action, [String]) {
    let doing = "planning the \(manifest.kind) “\(manifest.name)”"
    let live: JSONValue?
    do {
      live = try await LiveObjects(client: client).find(
        manifest.type, manifest.name, in: project.name)
    } catch {
      throw ClusterFailure.domainError(error, doing: doing)
    }
    if let live { try Self.requireOurs(live, manifest) }
    do {
      let kept = live.flatMap {
        ReplicaHandover.replicas(from: $0, to: manifest.object, minimum: minimum)
      }
      let wanted = ClaimHandover.afterwards(
        ReplicaHandover.afterwards(manifest.object, keeping: kept), from: live)
      var (planned, notes) = try await dryRun(wanted, of: manifest, in: project)
      guard let live else { return (.create, notes) }
      if Self.isPaused(live) {
        notes.append("Somebody paused the \(manifest.kind) by hand; this deploy resumes it.")
      }
      let changes = ObjectDifference.changes(from: live, to: planned)
      return (changes.isEmpty ? .nothing : .change(changes), notes)
    } catch {
      throw ClusterFailure.domainError(error, doing: doing)
    }
  }

  /// Asks without force first, so that somebody else's change by hand is told
  /// before it is set back.
  private func dryRun(
    _ object: JSONValue, of manifest: Manifest, in project: Project
  ) async throws(KubernetesError) -> (JSONValue, [String]) {
    var options = ApplyOptions(
      fieldManager: ProjectGuards.fieldManager, isDryRun: true, fieldValidation: .strict)
    do throws(KubernetesError) {
      let answer = try await client.apply(
        object, manifest.type, name: manifest.name, namespace: project.name,
        options)
      return (answer.object, answer.warnings)
    } catch  where error.isConflict && !error.conflictOwners.isEmpty {
      options.isForced = true
      let answer = try await client.apply(
        object, manifest.type, name: manifest.name, namespace: project.name,
        options)
      let conflicts = error.conflictOwners.filter { !ReplicaHandover.explains($0) }
      let notes = conflicts.map { conflict in
        "\(manifest.kind) “\(manifest.name)”: \(conflict.field) was changed by \(conflict.manager); "
          + "this deploy sets it back."
      }
      return (answer.object, notes + answer.warnings)
    }
  }

  /// An object without our label is somebody else's, and is never taken over.
  static func requireOurs(_ live: JSONValue, _ manifest: Manifest) throws(DomainError) {
    guard LiveObjects.isOurs(live) else {
      throw DomainError(
        .conflict,
        "There is a \(manifest.kind) “\(manifest.name)” in this project that BabyHelm didn't make.",
        advice: "Choose another name, or have its owner remove it.")
    }
    let (owner, own) = (
      LiveObjects.application(of: live), LiveObjects.application(of: manifest.object)
    )
    guard owner == own else {
      throw DomainError(
        .conflict,
        "The \(manifest.kind) “\(manifest.name)” belongs to the application “\(owner ?? "")”.",
        advice: "Choose another name or another path, so that the two don't share it.")
    }
  }

  /// Whether somebody stopped a Deployment's rollouts by hand.
  static func isPaused(_ live: JSONValue) -> Bool { live.at("spec", "paused") == true }

  /// What the application has on the cluster and this release wouldn't have.
  private func leftovers(
    of application: String, wanted: [Manifest], in project: Project
  ) async throws(DomainError) -> [Plan.Step] {
    do {
      let found = try await LiveObjects(client: client).leftovers(
        of: application, beside: Set(wanted.map(\.kind)), in: project.name)
      return found.map {
        Plan.Step(kind: $0.type.kind, name: $0.name, action: .delete, yaml: "")
      }
    } catch {
      throw ClusterFailure.domainError(error, doing: "planning what “\(application)” drops")
    }
  }

  /// The API server's warnings, where we know them, for people who don't know
  /// Pod Security.
  static func inPlainWords(_ warning: String) -> String {
    guard warning.hasPrefix("would violate PodSecurity \"restricted") else { return warning }
    return "These pods may run as root, as most public images do. This project allows that; "
      + "one with the Pod Security level “restricted” wouldn't."
  }

  private func quotaLines(
    for spec: ApplicationSpec, in project: Project, previous: Application?
  ) -> [Plan.QuotaLine] {
    let running = clusterState.status(of: spec.name, in: project.name).pods
      .count { !$0.isOver }
    return QuotaArithmetic.lines(
      for: spec, replacing: previous?.spec, runningReplicas: running,
      usage: clusterState.usage(in: project.name))
  }

  /// A hash over what the person was shown and what will be applied.
  static func hash(project: Project, number: Int, steps: [Plan.Step]) -> String {
    var hasher = SHA256()
    func add(_ text: String) {
      let bytes = Array(text.utf8)
      withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update(bufferPointer: $0) }
      hasher.update(data: bytes)
    }
    add(project.id.rawValue)
    add(project.namespaceUID ?? "")
    add(String(number))
    for step in steps {
      add(step.kind)
      add(step.name)
      add(step.yaml)
      switch step.action {
      case .create: add("create")
      case .nothing: add("nothing")
      case .delete: add("delete")
      case .change(let changes):
        add("change")
        for change in changes {
          add(change.path)
          add(change.old ?? "\u{0}")
          add(change.new ?? "\u{0}")
        }
      }
    }
    return hasher.finalize().hexadecimal
  }
}
