import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct ProjectsTests {
  @Test(arguments: TestDatabase.available)
  func `a project is a namespace with its guards`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = try await fixture.makeProject("shop") {
        $0.cpu = "3"
        $0.memory = "5Gi"
        $0.pods = "7"
      }

      let namespace = try #require(
        try await fixture.cluster.object(CoreV1.Namespace.type, "shop"))
      #expect(project.state == .ready)
      #expect(project.namespaceUID == namespace.at("metadata", "uid")?.string)
      let labels = namespace.at("metadata", "labels")
      #expect(labels?[ManifestBuilder.projectLabel]?.string == project.id.rawValue)
      #expect(labels?["pod-security.kubernetes.io/enforce"]?.string == "baseline")

      let quota = try await fixture.live(CoreV1.ResourceQuota.type, "project")
      #expect(quota?.at("spec", "hard", "requests.cpu")?.string == "3")
      #expect(quota?.at("spec", "hard", "limits.memory")?.string == "5Gi")
      #expect(quota?.at("spec", "hard", "pods")?.string == "7")
      for type in [
        CoreV1.LimitRange.type, NetworkingV1.NetworkPolicy.type, CoreV1.ServiceAccount.type,
      ] {
        #expect(try await fixture.live(type, "project") != nil, "\(type.kind)")
      }
      let membership = try await fixture.projects.project(named: "shop", as: fixture.ann)
      #expect(membership.role == .owner)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a name that another project has is told at its field`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject("shop")

      var draft = ProjectDraft()
      draft.name = "shop"
      let error = await refusal { try await fixture.projects.create(draft, as: fixture.bob) }

      #expect(error?.reason == .invalid)
      #expect(error?.wrongFields == ["name"])
      let membership = try await fixture.projects.project(named: "shop", as: fixture.ann)
      #expect(membership.role == .owner)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what fails is listed first, then what is on its way, then what changed last`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      for name in ["alpha", "beta", "delta", "gamma"] { try await fixture.makeProject(name) }

      func names(_ order: ListOrder, _ text: String = "") async throws -> [String] {
        try await fixture.projects.list(page: 1, in: order, matching: text, as: fixture.ann)
          .projects.map(\.project.name)
      }

      #expect(try await names(.name) == ["alpha", "beta", "delta", "gamma"])
      #expect(try await names(.changed).first == "gamma")
      let health = ListOrder.health(failing: ["beta", "other"], progressing: ["alpha"])
      #expect(try await names(health) == ["beta", "alpha", "gamma", "delta"])
      #expect(try await names(.health(failing: [], progressing: [])).first == "gamma")
      #expect(try await names(.name, "ETA") == ["beta"])
      #expect(try await names(.name, "%").isEmpty)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `somebody else's namespace is never taken over`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "legacy"],
      ]
      _ = try await fixture.cluster.kubernetes.create(
        foreign, CoreV1.Namespace.type, WriteOptions(fieldManager: "kubectl"))
      let before = try await fixture.cluster.object(CoreV1.Namespace.type, "legacy")

      var draft = ProjectDraft()
      draft.name = "legacy"
      let error = await refusal { try await fixture.projects.create(draft, as: fixture.ann) }

      #expect(error?.wrongFields == ["name"])
      #expect(try await fixture.cluster.object(CoreV1.Namespace.type, "legacy") == before)
      let list = try await fixture.projects.list(page: 1, as: fixture.ann)
      #expect(list.total == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a namespace made between the look and the write is not taken over`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      // As if the look had found nothing: the row is there, the namespace is
      // somebody else's.
      let project = Project(
        id: .random(), name: "legacy",
        quota: ProjectQuota(cpu: "1", memory: "1Gi", pods: 5, storage: "1Gi"),
        podSecurity: .baseline, state: .creating,
        namespaceUID: nil, createdBy: fixture.ann.userID,
        createdAt: Date().addingTimeInterval(-60))
      _ = try await fixture.database.write { connection in
        try ProjectStore().insert(project, owner: fixture.ann.userID, in: connection)
      }
      let foreign: JSONValue = [
        "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "legacy"],
      ]
      _ = try await fixture.cluster.kubernetes.create(
        foreign, CoreV1.Namespace.type, WriteOptions(fieldManager: "kubectl"))
      let before = try await fixture.cluster.object(CoreV1.Namespace.type, "legacy")

      try await fixture.projects.finishUnfinished(olderThan: 30)

      #expect(try await fixture.cluster.object(CoreV1.Namespace.type, "legacy") == before)
      let row = try await fixture.database.read { connection in
        try ProjectStore().project(project.id, in: connection)
      }
      #expect(row == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a creation that a crash cut off is finished later`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = Project(
        id: .random(), name: "shop",
        quota: ProjectQuota(cpu: "1", memory: "1Gi", pods: 5, storage: "1Gi"),
        podSecurity: .baseline,
        state: .creating, namespaceUID: nil, createdBy: fixture.ann.userID,
        createdAt: Date().addingTimeInterval(-60))
      _ = try await fixture.database.write { connection in
        try ProjectStore().insert(project, owner: fixture.ann.userID, in: connection)
      }

      try await fixture.projects.finishUnfinished(olderThan: 120)
      #expect(try await fixture.cluster.object(CoreV1.Namespace.type, "shop") == nil)
      try await fixture.projects.finishUnfinished(olderThan: 30)

      let found = try await fixture.projects.project(named: "shop", as: fixture.ann)
      #expect(found.project.state == .ready)
      #expect(try await fixture.live(CoreV1.ResourceQuota.type, "project") != nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a project that somebody else finished isn't taken back`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = try await fixture.makeProject()

      let isOurs = try await fixture.database.write { connection in
        try ProjectStore().setRemoving(project.id, in: connection)
      }

      #expect(!isOurs)
      let found = try await fixture.projects.project(named: "shop", as: fixture.ann)
      #expect(found.project.state == .ready)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `without a cluster nothing is made, and the reason is told`(
    kind: TestDatabase
  ) async throws {
    try await withDatabase(kind) { database in
      let nowhere = try Kubeconfig.load(
        text: """
          apiVersion: v1
          kind: Config
          clusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}]
          users: [{name: a, user: {}}]
          contexts: [{name: a, context: {cluster: a, user: a}}]
          current-context: a
          """, path: "nowhere")
      let client = KubernetesClient(configuration: nowhere, logger: quietLogger)
      let domain = DeployingFixture.services(database, client)
      _ = try await domain.accounts.start()
      let ann = try await DeployingFixture.person("Ann", .member, in: domain)

      var draft = ProjectDraft()
      draft.name = "shop"
      let error = await refusal { try await domain.projects.create(draft, as: ann) }
      let list = try await domain.projects.list(page: 1, as: ann)
      await client.shutdown()

      #expect(error?.reason == .unavailable)
      #expect(error?.message.isEmpty == false)
      #expect(list.total == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two people who want one name at once get one project`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      async let first = refusal { try await create(as: fixture.ann, fixture) }
      async let second = refusal { try await create(as: fixture.bob, fixture) }
      let errors = await [first, second].compactMap { $0 }

      #expect(errors.count == 1)
      #expect(errors.first?.wrongFields == ["name"])
      let rows = try await fixture.projects.list(page: 1, as: fixture.admin)
      #expect(rows.total == 1)
      #expect(rows.projects.first?.project.state == .ready)
      #expect(try await fixture.cluster.object(CoreV1.Namespace.type, "shop") != nil)
    }
  }

  private func create(as person: Principal, _ fixture: DeployingFixture) async throws -> Project {
    var draft = ProjectDraft()
    draft.name = "shop"
    return try await fixture.projects.create(draft, as: person)
  }

  // MARK: Who may

  @Test(arguments: TestDatabase.available)
  func `a project of others isn't there for a stranger, but for an admin`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject("shop")

      let there = await refusal {
        try await fixture.projects.project(named: "shop", as: fixture.bob)
      }
      let nowhere = await refusal {
        try await fixture.projects.project(named: "shap", as: fixture.bob)
      }

      #expect(there?.reason == .notFound)
      #expect(
        there?.message == nowhere?.message.replacingOccurrences(of: "shap", with: "shop"))
      #expect(there?.advice == nowhere?.advice)
      #expect(try await fixture.projects.list(page: 1, as: fixture.bob).total == 0)
      #expect(try await fixture.projects.list(page: 1, as: fixture.admin).total == 1)
      let membership = try await fixture.projects.project(named: "shop", as: fixture.admin)
      #expect(membership.role == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a visitor makes no project`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let visitor = try await DeployingFixture.person("Vera", .visitor, in: fixture.domain)
      var draft = ProjectDraft()
      draft.name = "shop"

      let error = await refusal { try await fixture.projects.create(draft, as: visitor) }

      #expect(error?.reason == .forbidden)
      #expect(try await fixture.cluster.object(CoreV1.Namespace.type, "shop") == nil)
    }
  }

  @Test(arguments: [
    ("", "4", "8Gi", "50", ["name"]), ("Shop", "4", "8Gi", "50", ["name"]),
    ("my.shop", "4", "8Gi", "50", ["name"]), ("-shop", "4", "8Gi", "50", ["name"]),
    ("kube-system", "4", "8Gi", "50", ["name"]), ("default", "4", "8Gi", "50", ["name"]),
    (String(repeating: "a", count: 64), "4", "8Gi", "50", ["name"]),
    ("shop", "", "8Gi", "50", ["cpu"]), ("shop", "-1", "8Gi", "50", ["cpu"]),
    ("shop", "4", "8 GB", "50", ["memory"]), ("shop", "4", "8Gi", "0", ["pods"]),
    ("shop", "4", "8Gi", "1001", ["pods"]), ("shop", "4", "8Gi", "many", ["pods"]),
    ("", "a", "b", "c", ["name", "cpu", "memory", "pods"]),
  ])
  func `every wrong field is told at once`(
    name: String, cpu: String, memory: String, pods: String, wrong: [String]
  ) throws {
    var draft = ProjectDraft()
    draft.name = name
    draft.cpu = cpu
    draft.memory = memory
    draft.pods = pods

    let error = #expect(throws: DomainError.self) { try draft.validated() }

    #expect(error?.reason == .invalid)
    #expect(error?.wrongFields == wrong)
    #expect(error?.fields.allSatisfy { $0.message.count > 15 } == true)
  }

  @Test func `the longest name is taken`() throws {
    var draft = ProjectDraft()
    draft.name = String(repeating: "a", count: 63)
    #expect(try draft.validated().name == draft.name)
  }
}
