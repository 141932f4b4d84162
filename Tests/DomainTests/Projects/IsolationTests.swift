import Foundation
import Kubernetes
import Sandbox
import TestSupport
import Testing

@testable import Domain

struct IsolationTests {
  /// A report of a project, asked of the cluster now.
  private func check(
    _ project: Project, on fixture: DeployingFixture,
    settings: ManifestSettings = ManifestSettings()
  ) async throws -> [GuardCheck.Guard: GuardCheck.Verdict] {
    let probe = fixture.probe(settings)
    let report = try await probe.check(project)
    return Dictionary(uniqueKeysWithValues: report.checks.map { ($0.guard, $0.verdict) })
  }

  private func withProject(
    _ body: (DeployingFixture, Project) async throws -> Void
  ) async throws {
    try await withDeploying(.sqlite) { fixture in
      try await body(fixture, try await fixture.makeProject())
    }
  }

  @Test func `a new project has every guard`() async throws {
    try await withProject { fixture, project in
      let verdicts = try await check(project, on: fixture)

      #expect(Set(verdicts.keys) == Set(GuardCheck.Guard.allCases))
      for (what, verdict) in verdicts { #expect(verdict == .works, "\(what)") }
      let pods = try await fixture.cluster.kubernetes.listObjects(.pod, namespace: "shop")
      #expect(pods.items.isEmpty)
    }
  }

  @Test(
    arguments: [
      (.resourceQuota, .quota), (.limitRange, .limits), (.networkPolicy, .networkPolicy),
      (.serviceAccount, .serviceAccount),
    ] as [(ResourceType, GuardCheck.Guard)])
  func `a guard that is gone is missing`(
    type: ResourceType, what: GuardCheck.Guard
  ) async throws {
    try await withProject { fixture, project in
      _ = try await fixture.cluster.kubernetes.delete(
        type, name: "project", namespace: "shop", DeleteOptions())

      let verdict = try await check(project, on: fixture)[what]

      #expect(verdict == .missing("The \(type.kind) is gone from the cluster."))
    }
  }

  @Test func `a guard that was weakened is missing, and pods get through`() async throws {
    try await withProject { fixture, project in
      let kubernetes = fixture.cluster.kubernetes
      _ = try await kubernetes.mergePatch(
        ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "privileged"]]],
        .namespace, name: "shop")
      _ = try await kubernetes.mergePatch(
        ["spec": ["hard": ["requests.cpu": "2000000"]]], .resourceQuota, name: "project",
        namespace: "shop")

      let verdicts = try await check(project, on: fixture)

      for what in [
        .privileged, .hostPath, .hostNetwork, .hostPID, .capability, .overQuota,
      ] as [GuardCheck.Guard] {
        #expect(verdicts[what] == .missing("The cluster would take such a pod."), "\(what)")
      }
      let label = try #require(verdicts[.podSecurityLabel])
      #expect("\(label)".contains("pod-security.kubernetes.io/enforce"))
      let quota = try #require(verdicts[.quota])
      #expect("\(quota)".contains("spec.hard.requests.cpu"))
      #expect(verdicts[.networkPolicy] == .works)
    }
  }

  @Test func `putting the guards back mends all of it`() async throws {
    try await withProject { fixture, project in
      let kubernetes = fixture.cluster.kubernetes
      _ = try await kubernetes.mergePatch(
        ["metadata": ["labels": ["pod-security.kubernetes.io/enforce": "privileged"]]],
        .namespace, name: "shop")
      _ = try await kubernetes.delete(
        .networkPolicy, name: "project", namespace: "shop", DeleteOptions())

      try await fixture.projects.restoreGuards(of: "shop", as: fixture.ann)

      for (what, verdict) in try await check(project, on: fixture) {
        #expect(verdict == .works, "\(what)")
      }
    }
  }

  @Test func `a change of the egress setting is told, and putting the guards back applies it`()
    async throws
  {
    try await withProject { fixture, project in
      let settings = SampleManifests.closedEgress(["10.0.0.0/8"])
      let closing = DeployingFixture.services(
        fixture.database, fixture.cluster.kubernetes, settings: settings)

      let before = try await check(project, on: fixture, settings: settings)
      try await closing.projects.restoreGuards(of: "shop", as: fixture.ann)
      let closed = try await check(project, on: fixture, settings: settings)
      let opened = try await check(project, on: fixture)
      try await fixture.projects.restoreGuards(of: "shop", as: fixture.ann)
      let after = try await check(project, on: fixture)

      #expect(
        before[.networkPolicy]
          == .missing(
            "Outgoing traffic is open on the cluster, but closed by the operator's setting."))
      #expect(closed[.networkPolicy] == .works)
      #expect(
        opened[.networkPolicy]
          == .missing(
            "Outgoing traffic is closed on the cluster, but open by the operator's setting."))
      #expect(after[.networkPolicy] == .works)
    }
  }

  @Test func `an address that somebody allowed by hand is drift`() async throws {
    try await withProject { fixture, project in
      let settings = SampleManifests.closedEgress([])
      let closing = DeployingFixture.services(
        fixture.database, fixture.cluster.kubernetes, settings: settings)
      try await closing.projects.restoreGuards(of: "shop", as: fixture.ann)
      _ = try await fixture.cluster.kubernetes.mergePatch(
        ["spec": ["egress": [["to": [["ipBlock": ["cidr": "0.0.0.0/0"]]]]]]], .networkPolicy,
        name: "project", namespace: "shop")

      let verdict = try await check(project, on: fixture, settings: settings)[
        .networkPolicy]

      let found = try #require(verdict)
      #expect("\(found)".contains("spec.egress"))
    }
  }

  @Test func `a namespace that was deleted is told, and made again only by an owner who says so`()
    async throws
  {
    try await withProject { fixture, project in
      let kubernetes = fixture.cluster.kubernetes
      _ = try await kubernetes.delete(.namespace, name: "shop", DeleteOptions())
      try await eventually("it is gone") {
        try await fixture.probe().check(project).namespace == .gone
      }
      let report = try await fixture.probe().check(project)
      #expect(!report.isWhole && report.checks.count == 1)
      let refused = await refusal {
        try await fixture.projects.restoreGuards(of: "shop", as: fixture.ann)
      }
      #expect(refused?.reason == .conflict)
      let stranger = await refusal {
        try await fixture.projects.remakeNamespace(of: "shop", as: fixture.bob)
      }
      #expect(stranger?.reason == .notFound)

      try await fixture.projects.remakeNamespace(of: "shop", as: fixture.ann)

      let made = try await fixture.projects.project(named: "shop", as: fixture.ann).project
      #expect(made.namespaceUID != project.namespaceUID)
      for (what, verdict) in try await check(made, on: fixture) {
        #expect(verdict == .works, "\(what)")
      }
      let again = await refusal {
        try await fixture.projects.remakeNamespace(of: "shop", as: fixture.ann)
      }
      #expect(again?.reason == .conflict)
    }
  }

  @Test func `a namespace of somebody else's is left alone, one with the project's label is taken`()
    async throws
  {
    try await withProject { fixture, project in
      let kubernetes = fixture.cluster.kubernetes
      let live = try await kubernetes.getObject(.namespace, name: "shop")
      let labels = try #require(live.at("metadata", "labels"))
      for (isOurs, standing) in [(false, NamespaceStanding.taken), (true, .another)] {
        _ = try await kubernetes.delete(.namespace, name: "shop", DeleteOptions())
        try await eventually("it is gone") {
          try await fixture.probe().check(project).namespace == .gone
        }
        let other: JSONValue = [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": "shop", "labels": isOurs ? labels : [:]],
        ]
        _ = try await kubernetes.create(other, .namespace)
        #expect(try await fixture.probe().check(project).namespace == standing)

        let answer = await refusal {
          try await fixture.projects.remakeNamespace(of: "shop", as: fixture.ann)
        }

        #expect((answer == nil) == isOurs)
        let quota = try? await kubernetes.getObject(
          .resourceQuota, name: "project", namespace: "shop")
        #expect((quota != nil) == isOurs, "nothing is written into somebody else's")
      }
    }
  }

  @Test func `only owners put guards back`() async throws {
    try await withProject { fixture, _ in
      let bob = fixture.bob
      await #expect(throws: DomainError.self) {
        try await fixture.projects.restoreGuards(of: "shop", as: bob)
      }
    }
  }

  @Test func `who waits for a project is told of a guard that went`() async throws {
    try await withProject { fixture, project in
      let membership = try await fixture.projects.project(named: "shop", as: fixture.ann)
      let watch = fixture.domain.isolationWatch
      let running = Task { try await watch.run() }
      defer { running.cancel() }
      try await eventually("a first report came") {
        fixture.projects.isolation(of: membership)?.isWhole == true
      }
      _ = try await fixture.cluster.kubernetes.delete(
        .networkPolicy, name: "project", namespace: "shop", DeleteOptions())

      var changes = fixture.domain.clusterState.changes(in: "shop").makeAsyncIterator()
      _ = await changes.next()
      watch.forget(project)
      try await eventually("the report is red") {
        fixture.projects.isolation(of: membership)?.isWhole == false
      }
      // It would hang without being told.
      _ = await changes.next()
    }
  }
}
