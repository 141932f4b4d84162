import Foundation
import Kubernetes
import Sandbox
import TestSupport
import Testing

@testable import Domain

/// What BabyHelm may do on a cluster, what it says it needs, and what it does
/// are the same.
struct ClusterRightsTests {
  private typealias Right = ClusterRights.Right

  private func granted() throws -> [Right] {
    try SandboxRole.deployed().rules.flatMap { rule in
      rule.verbs.flatMap { verb in
        rule.groups.flatMap { group in
          rule.resources.flatMap { resource in
            (rule.names.isEmpty ? [nil] : rule.names.map(Optional.some)).map {
              Right(verb: verb, group: group, resource: resource, name: $0)
            }
          }
        }
      }
    }
  }

  private func sorted(_ rights: Set<Right>) -> [String] { rights.map(\.description).sorted() }

  @Test func `deploy/rbac.yaml grants exactly what the table lists`() throws {
    let granted = try granted()
    let table = ClusterRights.rights

    #expect(sorted(Set(granted).subtracting(table)) == [], "granted, but not in the table")
    #expect(sorted(Set(table).subtracting(granted)) == [], "in the table, but not granted")
    #expect(granted.count == Set(granted).count, "nothing is granted twice")
    #expect(table.count == Set(table).count, "nothing stands twice in the table")
    #expect(!granted.contains { "\($0)".contains("*") }, "nothing is granted wholesale")
  }

  @Test func `what BabyHelm does on a cluster is what it is granted`() async throws {
    try await withDeploying(.sqlite, role: try .deployed()) { fixture in
      for journey in Self.journeys { try await journey(fixture) }

      let used = Set(
        fixture.cluster.server.traffic.accesses.keys
          // Everybody may ask what they may do (`system:basic-user`).
          .filter { $0.group != "authorization.k8s.io" }
          .map { access in
            let plural = access.resource
            return Right(
              verb: access.verb, group: access.group,
              resource: access.subresource.isEmpty ? plural : "\(plural)/\(access.subresource)",
              name: access.role)
          })
      let table = Set(ClusterRights.rights)
      #expect(sorted(used.subtracting(table)) == [], "used, but not granted")
      #expect(sorted(table.subtracting(used)) == [], "granted, but never used")
    }
  }

  // MARK: Journeys

  private typealias Journey = @Sendable (DeployingFixture) async throws -> Void

  /// What BabyHelm does on a cluster, one after the other. Whoever lets it do
  /// more adds a journey, a row in the table and a rule in deploy/rbac.yaml. The
  /// reflectors run all the time.
  private static let journeys: [Journey] = [
    makeProject, putGuardsBack, changeMembers, deployEverything, dropEverything, resume, readLogs,
    explainCrash, countUse, lookAtCluster, lookAround, actWithoutForm, forgetReleases,
    deleteApplication,
    takeProjectBack, remakeNamespace, deleteProject, runDoctor,
  ]

  private static let lookAtCluster: Journey = { fixture in
    let report = try await fixture.domain.usage.cluster(as: fixture.admin)
    #expect(report.nodes?.isEmpty == false)
    #expect(report.missingRights == [])
    let refused = await refusal { _ = try await fixture.domain.usage.cluster(as: fixture.ann) }
    #expect(refused?.reason == .forbidden)
  }

  /// What only looks: drift, the live objects, events, Deployments of others.
  private static let lookAround: Journey = { fixture in
    let web = try await fixture.domain.applications.application(
      named: "web", in: "shop", as: fixture.ann)
    _ = try await fixture.releases.drift(of: web)
    let live = try await fixture.releases.live(of: web)
    #expect(!live.isEmpty)
    _ = try await fixture.domain.events.page(of: "web", in: "shop", as: fixture.ann)
    _ = try await fixture.domain.exports.project(named: "shop", as: fixture.ann)
    let foreign = try await fixture.releases.foreignDeployments(in: "shop", as: fixture.ann)
    #expect(foreign.found.isEmpty)
    try await fixture.projects.setQuota(
      QuotaDraft(cpu: "9", memory: "9Gi", pods: "40", storage: "9Gi"), of: "shop", as: fixture.admin
    )
  }

  /// Without a form.
  private static let actWithoutForm: Journey = { fixture in
    var newest = try await fixture.release()
    for change in [ApplicationChange.restart, .stop, .start] {
      let release = try await fixture.releases.perform(
        change, of: "web", in: "shop", after: newest.number, as: fixture.ann)
      if let release { newest = try await fixture.ended(release.number) }
      #expect(newest.state == .succeeded, "\(change): \(newest.outcome)")
    }
  }

  private static let makeProject: Journey = { fixture in
    try await fixture.makeProject()
    try await fixture.cluster.withAdmin { admin in
      let secret: JSONValue = [
        "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "database"],
        "data": ["password": "b25l"],
      ]
      _ = try await admin.create(secret, .secret, namespace: "shop")
    }
  }

  private static let putGuardsBack: Journey = { fixture in
    let project = try await fixture.projects.project(named: "shop", as: fixture.ann).project
    let probe = fixture.probe()
    let whole = try await probe.check(project)
    #expect(whole.isWhole)
    try await fixture.cluster.withAdmin { admin in
      _ = try await admin.delete(
        .networkPolicy, name: "project", namespace: "shop", DeleteOptions())
    }
    let without = try await probe.check(project)
    #expect(!without.isWhole)
    try await fixture.projects.restoreGuards(of: "shop", as: fixture.ann)
    let report = try await probe.check(project)
    for check in report.checks { #expect(check.verdict == .works, "\(check.guard)") }
  }

  private static let countUse: Journey = { fixture in
    try await fixture.domain.usage.sampler.sample()
  }

  private static let changeMembers: Journey = { fixture in
    _ = try await fixture.projects.addMember(
      email: fixture.bob.email, role: .viewer, to: "shop", as: fixture.ann)
    _ = try await fixture.projects.kubeconfig(for: "shop", hours: 1, as: fixture.bob)
    _ = try await fixture.projects.changeRole(
      of: fixture.bob.userID, to: .editor, in: "shop", as: fixture.ann)
    _ = try await fixture.projects.removeMember(
      fixture.bob.userID, from: "shop", as: fixture.ann)
  }

  private static let deployEverything: Journey = { fixture in
    _ = try await fixture.deploy(
      DeployingFixture.draft {
        $0.isAutoscaled = true
        $0.minimumReplicas = "2"
        $0.maximumReplicas = "3"
        $0.secrets = [.init(name: "PASSWORD", reference: "database/password")]
        $0.secretValues = [.init(target: "TOKEN", value: "typed")]
        $0.files = [.init(path: "/etc/app.conf", content: "one")]
        $0.exposure = "ingress"
        $0.host = "web.example.com"
      })
    let release = try await fixture.ended(1)
    #expect(release.state == .succeeded, "\(release.outcome)")
  }

  /// One replica with a volume: no autoscaler, budget, Service or Ingress any
  /// more.
  private static let dropEverything: Journey = { fixture in
    _ = try await fixture.deploy(
      DeployingFixture.draft(replicas: 1, port: "") {
        $0.volumes = [.init(path: "/var/lib/data", size: "1Gi")]
      }, replacing: "web")
    let release = try await fixture.ended(2)
    #expect(release.state == .succeeded, "\(release.outcome)")
  }

  private static let resume: Journey = { fixture in
    try await fixture.cluster.withAdmin { admin in
      _ = try await admin.mergePatch(
        ["spec": ["paused": true]], .deployment, name: "web", namespace: "shop")
    }
    _ = try await fixture.deploy(
      DeployingFixture.draft(image: "nginx:1.28", replicas: 1), replacing: "web")
    let release = try await fixture.ended(3)
    #expect(release.state == .succeeded, "\(release.outcome)")
  }

  private static let readLogs: Journey = { fixture in
    let page = try await fixture.domain.logs.page(
      of: "web", in: "shop", LogQuery(), as: fixture.ann)
    #expect(page.notices == [])
  }

  /// Reads what a program said before it ended.
  private static let explainCrash: Journey = { fixture in
    _ = try await fixture.deploy(DeployingFixture.draft("crashing", image: "crash:1", replicas: 1))
    try await eventually("the last lines are known") {
      let detail = try await fixture.domain.applications.application(
        named: "crashing", in: "shop", as: fixture.ann)
      let diagnosis = await fixture.releases.diagnosis(of: detail)
      return diagnosis?.lastLines.isEmpty == false
    }
  }

  /// An hour later, with only the newest release kept.
  private static let forgetReleases: Journey = { fixture in
    let newest = try await fixture.release()
    let project = try await fixture.projects.project(named: "shop", as: fixture.ann).project
    await ReleaseRetention(
      database: fixture.database, client: fixture.cluster.kubernetes, releasesKept: 1,
      logger: quietLogger, now: { Date(timeIntervalSinceNow: 7200) }
    ).tidy(
      after: Operation(id: .random(), projectID: project.id, releaseID: newest.id, attempts: 1),
      in: "shop")
  }

  private static let deleteApplication: Journey = { fixture in
    try await fixture.releases.delete(
      "web", typed: "web", removingVolumes: true, in: "shop", as: fixture.ann)
    try await fixture.releases.removeForGood("web", typed: "web", in: "shop", as: fixture.ann)
    try await eventually("it is removed") {
      try await fixture.releases.deleted(in: "shop", as: fixture.ann).isEmpty
    }
  }

  /// As after a project could be made only in part.
  private static let takeProjectBack: Journey = { fixture in
    let project = try await fixture.makeProject("gone")
    try await ProjectGuards(client: fixture.cluster.kubernetes, manifests: ManifestBuilder())
      .dismantle(project)
  }

  private static let remakeNamespace: Journey = { fixture in
    try await fixture.cluster.withAdmin { admin in
      _ = try await admin.delete(.namespace, name: "shop", DeleteOptions())
    }
    try await eventually("the namespace is gone") {
      let project = try await fixture.projects.project(named: "shop", as: fixture.ann).project
      return try await fixture.probe().check(project).namespace == .gone
    }
    try await fixture.projects.remakeNamespace(of: "shop", as: fixture.ann)
  }

  private static let deleteProject: Journey = { fixture in
    try await fixture.releases.deleteProject(
      "shop", typed: "shop", includingApplications: true, removingVolumes: true, as: fixture.ann)
    try await fixture.releases.removeProject("shop", typed: "shop", as: fixture.ann)
    try await eventually("the project is removed") {
      try await fixture.projects.deleted(as: fixture.ann).isEmpty
    }
  }

  private static let runDoctor: Journey = { fixture in
    let rights = DomainServices.clusterRights(on: fixture.cluster.kubernetes)
    let missing = try await rights.missing()
    #expect(missing == [])
    let version = try await rights.version()
    #expect(version.hasPrefix("v1."))
  }
}
