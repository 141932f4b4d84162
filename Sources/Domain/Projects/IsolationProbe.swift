internal import Foundation
internal import Kubernetes

/// Asks the cluster about a project's guards. Everything is a read or a dry
/// run: nothing is written.
struct IsolationProbe: Sendable {
  let guards: ProjectGuards
  let rights: MemberRights
  let now: @Sendable () -> Date

  private var client: KubernetesClient { guards.client }
  private var manifests: ManifestBuilder { guards.manifests }

  /// - Throws: `internalError` when the guards can't be rendered.
  func check(_ project: Project) async throws(DomainError) -> IsolationReport {
    let standing = await guards.standing(of: project)
    guard standing == .there else {
      let verdict = GuardCheck.Verdict.missing(Self.sentence(standing))
      return IsolationReport(
        checks: [GuardCheck(guard: .podSecurityLabel, verdict: verdict)], checkedAt: now(),
        namespace: standing)
    }
    var checks = [
      await compare(try manifests.namespace(of: project), .podSecurityLabel, in: project)
    ]
    for manifest in try manifests.guards(of: project) {
      guard let what = Self.kinds[manifest.type] else { continue }
      checks.append(await compare(manifest, what, in: project))
    }
    checks.append(await compareRights(in: project))
    for (what, pod) in Self.forbiddenPods {
      checks.append(await refuse(pod, what, in: project))
    }
    return IsolationReport(checks: checks, checkedAt: now())
  }

  private static let kinds: [ResourceType: GuardCheck.Guard] = [
    .resourceQuota: .quota, .limitRange: .limits, .networkPolicy: .networkPolicy,
    .serviceAccount: .serviceAccount,
  ]

  /// Compares a guard with what applying it again would make of it.
  private func compare(
    _ manifest: Manifest, _ what: GuardCheck.Guard, in project: Project
  ) async -> GuardCheck {
    let namespace = manifest.type.isNamespaced ? project.name : nil
    do throws(KubernetesError) {
      let live = try await client.getObject(
        manifest.type, name: manifest.name, namespace: namespace)
      let planned = try await client.apply(
        manifest.object, manifest.type, name: manifest.name, namespace: namespace,
        ApplyOptions(fieldManager: ProjectGuards.fieldManager, isDryRun: true, isForced: true)
      ).object
      let changes = ObjectDifference.changes(from: live, to: planned)
      guard !changes.isEmpty else { return GuardCheck(guard: what, verdict: .works) }
      let sentence = egressSentence(what, live) ?? Self.sentence(manifest.kind, changes)
      return GuardCheck(guard: what, verdict: .missing(sentence))
    } catch  where error.isNotFound {
      return GuardCheck(
        guard: what, verdict: .missing("The \(manifest.kind) is gone from the cluster."))
    } catch {
      return GuardCheck(guard: what, verdict: .unknown(Self.sentence(error)))
    }
  }

  private static func sentence(_ standing: NamespaceStanding) -> String {
    switch standing {
    case .there: ""
    case .gone: "The Namespace is gone from the cluster."
    case .another: "The Namespace was made anew by somebody else."
    case .taken: "A Namespace of this name is on the cluster that isn't this project's."
    }
  }

  private func compareRights(in project: Project) async -> GuardCheck {
    do throws(DomainError) {
      let mistake = try await rights.mistake(in: project)
      return GuardCheck(
        guard: .memberRights, verdict: mistake.map { .missing($0) } ?? .works)
    } catch {
      return GuardCheck(guard: .memberRights, verdict: .unknown(error.message))
    }
  }

  private static func sentence(_ kind: String, _ changes: [FieldChange]) -> String {
    let rest = changes.count > 1 ? " and \(changes.count - 1) more" : ""
    return "The \(kind) isn't as BabyHelm makes it: \(changes[0].path)\(rest)."
  }

  /// In words when outgoing traffic is open on the cluster and closed by the
  /// setting, or the other way round, as it is after the setting was changed.
  private func egressSentence(_ what: GuardCheck.Guard, _ live: JSONValue) -> String? {
    guard what == .networkPolicy else { return nil }
    let isClosed = live.at("spec", "policyTypes")?.array?.contains("Egress") ?? false
    guard isClosed != manifests.settings.egress.isClosed else { return nil }
    return isClosed
      ? "Outgoing traffic is closed on the cluster, but open by the operator's setting."
      : "Outgoing traffic is open on the cluster, but closed by the operator's setting."
  }

  /// Asks to create a pod that must be refused.
  private func refuse(
    _ pod: JSONValue, _ what: GuardCheck.Guard, in project: Project
  ) async -> GuardCheck {
    let verdict: GuardCheck.Verdict
    do throws(KubernetesError) {
      _ = try await client.create(
        pod, .pod, namespace: project.name,
        WriteOptions(fieldManager: ProjectGuards.fieldManager, isDryRun: true))
      verdict = .missing("The cluster would take such a pod.")
    } catch {
      // Only the guard's own refusal counts: another one proves nothing.
      let isRefused =
        what == .overQuota
        ? error.isQuotaExceeded
        : error.isForbidden && (error.status?.message.contains("violates PodSecurity") ?? false)
      verdict = isRefused ? .works : .unknown(Self.sentence(error))
    }
    return GuardCheck(guard: what, verdict: verdict)
  }

  private static func sentence(_ error: KubernetesError) -> String {
    ClusterFailure.domainError(error, doing: "checking the project's guards").message
  }

  private static let forbiddenPods: [(GuardCheck.Guard, JSONValue)] = [
    (.privileged, pod(container: ["securityContext": ["privileged": true]])),
    (.hostPath, pod(spec: ["volumes": [["name": "host", "hostPath": ["path": "/"]]]])),
    (.hostNetwork, pod(spec: ["hostNetwork": true])),
    (.hostPID, pod(spec: ["hostPID": true])),
    (
      .capability,
      pod(container: ["securityContext": ["capabilities": ["add": ["SYS_ADMIN"]]]])
    ),
    (.overQuota, pod(cpu: "1000000")),
  ]

  /// A pod that asks for next to nothing, so that only what is added to it can
  /// be the reason to refuse it.
  private static func pod(
    spec: [String: JSONValue] = [:], container: [String: JSONValue] = [:], cpu: String = "1m"
  ) -> JSONValue {
    let amounts: JSONValue = ["cpu": .string(cpu), "memory": "1Mi"]
    let one: [String: JSONValue] = [
      "name": "check", "image": "registry.k8s.io/pause:3.10",
      "resources": ["requests": amounts, "limits": amounts],
    ]
    let all: [String: JSONValue] = [
      "serviceAccountName": "project", "automountServiceAccountToken": false,
      "containers": [.object(one.merging(container) { _, new in new })],
    ]
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "babyhelm-check"],
      "spec": .object(all.merging(spec) { _, new in new }),
    ]
  }
}
