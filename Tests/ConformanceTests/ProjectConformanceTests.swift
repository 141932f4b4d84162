import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// What projects and applications are made of, on every cluster there is
/// (docs/design.md §5).
struct ProjectConformanceTests {
  @Test(arguments: ConformanceCluster.available)
  func `BabyHelm may do all that it does`(cluster: ConformanceCluster) async throws {
    try await cluster.use { kubernetes, _, _ in
      let rights = DomainServices.clusterRights(on: kubernetes)

      let missing = try await rights.missing()
      #expect(missing == [])
      let version = try await rights.version()
      #expect(version.hasPrefix("v1."))
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a project's guards are there, and hold`(cluster: ConformanceCluster) async throws {
    try await withProjects(on: cluster) { fixture in
      let project = try await fixture.makeProject()
      try await fixture.quotaIsCounted()

      for check in try await fixture.check(project).checks {
        #expect(check.verdict == .works, "\(check.guard)")
      }
    }
  }

  @Test(
    arguments: ConformanceCluster.available,
    [
      (.resourceQuota, .quota), (.limitRange, .limits), (.networkPolicy, .networkPolicy),
      (.serviceAccount, .serviceAccount),
    ] as [(ResourceType, GuardCheck.Guard)])
  func `a guard that is gone is told, and put back`(
    cluster: ConformanceCluster, lost: (type: ResourceType, guard: GuardCheck.Guard)
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      let project = try await fixture.makeProject()
      try await fixture.quotaIsCounted()
      _ = try await fixture.admin.delete(
        lost.type, name: "project", namespace: project.name, DeleteOptions())

      let without = try await fixture.check(project)
      try await fixture.domain.projects.restoreGuards(of: project.name, as: fixture.ann)
      try await fixture.quotaIsCounted()
      let restored = try await fixture.check(project)

      let verdict = without.checks.first { $0.guard == lost.guard }?.verdict
      #expect(verdict == .missing("The \(lost.type.kind) is gone from the cluster."))
      for check in restored.checks { #expect(check.verdict == .works, "\(check.guard)") }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a Pod Security level that was taken away is told, and put back`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      let project = try await fixture.makeProject()
      try await fixture.quotaIsCounted()
      _ = try await fixture.admin.mergePatch(
        ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": .null]]], .namespace,
        name: project.name)

      let without = try await fixture.check(project)
      try await fixture.domain.projects.restoreGuards(of: project.name, as: fixture.ann)
      let restored = try await fixture.check(project)

      #expect(!without.isWhole)
      let letThrough = without.checks.first { $0.guard == .privileged }?.verdict
      #expect(letThrough == .missing("The cluster would take such a pod."))
      #expect(restored.isWhole)
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `closed egress is applied where it was open, and opened again`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      let project = try await fixture.makeProject()
      var settings = ManifestSettings()
      settings.egress = .closed(allowed: ["10.0.0.0/8", "fd00::/8"])
      let builder = ManifestBuilder(settings: settings)
      for manifest in try builder.guards(of: project) {
        let answer = try await fixture.kubernetes.apply(
          manifest.object, manifest.type, name: manifest.name, namespace: project.name,
          ApplyOptions(
            fieldManager: "babyhelm", isDryRun: true, isForced: true, fieldValidation: .strict))
        #expect(answer.warnings == [])
      }

      let guards = ProjectGuards(client: fixture.kubernetes, manifests: builder)
      let before = try await fixture.verdict(.networkPolicy, of: project, settings)
      try await guards.restore(project)
      let closed = try await fixture.verdict(.networkPolicy, of: project, settings)
      try await fixture.domain.projects.restoreGuards(of: project.name, as: fixture.ann)
      let policy = try await fixture.admin.getObject(
        .networkPolicy, name: "project", namespace: project.name)

      #expect(before.map { "\($0)" }?.contains("Outgoing traffic is open") == true)
      #expect(closed == .works)
      #expect(policy.at("spec", "egress") == nil)
      let types: JSONValue = ["Ingress"]
      #expect(policy.at("spec", "policyTypes") == types)
    }
  }

  @Test(arguments: ConformanceCluster.available, PodSecurityLevel.allCases)
  func `manifests of generated specifications pass a strict dry run`(
    cluster: ConformanceCluster, level: PodSecurityLevel
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      let project = try await fixture.makeProject { $0.podSecurity = level.rawValue }
      for draft in GeneratedDrafts.all {
        let stamp = ReleaseStamp(number: 1, author: "ann@example.org")
        let resolution = try await fixture.domain.releases.vault.resolve(
          draft, for: draft.validated(), previous: nil, in: project, as: fixture.ann)
        let manifests =
          try resolution.versions.map {
            try ManifestBuilder().secret(
              $0, of: draft.name, in: project.name, stamp: stamp, isMasked: false)
          }
          + ManifestBuilder().application(
            resolution.spec, in: project.name, podSecurity: level, stamp: stamp)
        for manifest in manifests {
          let answer = try await fixture.kubernetes.apply(
            manifest.object, manifest.type, name: manifest.name, namespace: project.name,
            ApplyOptions(
              fieldManager: "babyhelm", isDryRun: true, isForced: true, fieldValidation: .strict))
          let warnings = answer.warnings.filter { $0.contains("PodSecurity") }
          // In a restricted project nothing is even warned about.
          #expect(level == .baseline || warnings.isEmpty, "\(draft.name): \(warnings)")
        }
      }
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a namespace that somebody else made is refused`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(fixture.namespace)],
      ]
      _ = try await fixture.admin.create(foreign, .namespace)

      let error = await #expect(throws: DomainError.self) {
        _ = try await fixture.makeProject()
      }

      #expect(error?.fields.map(\.field) == ["name"])
    }
  }

  @Test(arguments: ConformanceCluster.available)
  func `a member's rights follow their role, and go with them`(
    cluster: ConformanceCluster
  ) async throws {
    try await withProjects(on: cluster) { fixture in
      try await fixture.makeProject()
      let bob = try await fixture.domain.accounts.createUser(
        email: "bob@example.org", name: "Bob", password: "a long enough passphrase", role: .member)
      let name = MemberRights.name(of: bob.id)
      func binding(_ name: String) async throws -> JSONValue? {
        try await fixture.live(.roleBinding, name)
      }
      let owner = try await binding(MemberRights.name(of: fixture.ann.userID))
      #expect(owner?.at("roleRef", "name") == "edit")

      let projects = fixture.domain.projects
      _ = try await projects.addMember(
        email: bob.email, role: .viewer, to: fixture.namespace, as: fixture.ann)
      let viewer = try await binding(name)
      #expect(viewer?.at("roleRef", "name") == "view")
      let kinds = viewer?["subjects"]?.array?.compactMap { $0["kind"]?.string } ?? []
      #expect(Set(kinds) == ["ServiceAccount", "User"])
      let account = try await fixture.live(.serviceAccount, name)
      #expect(account?["automountServiceAccountToken"] == false)
      _ = try await projects.changeRole(
        of: bob.id, to: .editor, in: fixture.namespace, as: fixture.ann)
      let editor = try await binding(name)
      #expect(editor?.at("roleRef", "name") == "edit")

      _ = try await projects.removeMember(bob.id, from: fixture.namespace, as: fixture.ann)
      let left = try await binding(name)
      #expect(left == nil)
      let gone = try await fixture.live(.serviceAccount, name)
      #expect(gone == nil)
    }
  }
}
