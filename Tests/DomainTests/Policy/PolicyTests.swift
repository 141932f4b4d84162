import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct PolicyTests {
  private static func decide(
    in fixture: DeployingFixture, _ change: (inout PolicyDraft) -> Void
  ) async throws {
    let policies = fixture.domain.policies
    let setting = try await policies.setting(as: fixture.admin)
    var draft = PolicyDraft(setting.value)
    change(&draft)
    try await policies.change(to: draft, from: setting.version, as: fixture.admin)
  }

  @Test(arguments: TestDatabase.available)
  func `what an admin decided is what everybody goes by, in every process`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      #expect(try await fixture.domain.policies.policy() == PlatformPolicy())
      try await Self.decide(in: fixture) {
        $0.registration = "invitation"
        $0.quota = QuotaDraft(cpu: "2", memory: "2Gi", pods: "10", storage: "0")
        $0.registries = "ghcr.io\n\n docker.io/library , ghcr.io"
        $0.reservedNames = "www\nmail"
        $0.banner = " Maintenance on Sunday. "
        $0.isDemoOn = true
      }

      let policy = try await fixture.anotherProcess().policies.policy()
      #expect(policy.registration == .invitation)
      #expect(policy.quota == ProjectQuota(cpu: "2", memory: "2Gi", pods: 10, storage: "0"))
      #expect(policy.registries.map(\.text) == ["ghcr.io", "docker.io/library"])
      #expect(policy.reservedNames == ["www", "mail"])
      #expect(policy.banner == "Maintenance on Sunday.")
      #expect(await fixture.domain.policies.recent() == policy, "also what pages show")
      let rows = try await AuditLog(database: fixture.database).page(as: fixture.admin)
      #expect(rows.first?.target.name == "policy")
      #expect(rows.first?.changes.contains("Maintenance") == true)
    }
  }

  @Test func `only admins decide, and all that is wrong is told at once`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      let policies = fixture.domain.policies
      let refused = await refusal {
        try await policies.change(
          to: PolicyDraft(PlatformPolicy()), from: 0, as: fixture.ann)
      }
      #expect(refused?.reason == .forbidden)

      let wrong = await refusal {
        try await Self.decide(in: fixture) {
          $0.registration = "sometimes"
          $0.quota = QuotaDraft(cpu: "x", memory: "8", pods: "0", storage: "-1")
          $0.projectsPerPerson = "many"
          $0.replicas = "101"
          $0.registries = "nginx"
          $0.reservedNames = "Not A Name"
          $0.banner = String(repeating: "x", count: 201)
        }
      }
      #expect(Set(wrong?.wrongFields ?? []) == Set(PolicyDraft.fields))
      let kept = try await policies.policy()
      #expect(kept == PlatformPolicy())
    }
  }

  @Test func `a policy of an older program keeps what it didn't know`() throws {
    let old = Data(#"{"registration":"closed","future":1}"#.utf8)
    let policy = try JSONDecoder().decode(PlatformPolicy.self, from: old)
    var wanted = PlatformPolicy()
    wanted.registration = .closed
    #expect(policy == wanted)
  }

  // Constraint not enforced in one path: form, scaling, rollback and edit alike.
  @Test func `images and replicas are bound on every path, before anything is dry-run`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: "ghcr.io/team/app:1"))
      _ = try await fixture.ended(1)
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 6), replacing: "web")
      _ = try await fixture.ended(2)
      try await Self.decide(in: fixture) {
        $0.registries = "docker.io/library"
        $0.replicas = "3"
      }
      let releases = fixture.releases

      let new = await refusal {
        _ = try await releases.plan(
          DeployingFixture.draft("other", image: "quay.io/x/y:1", replicas: 4), in: "shop",
          as: fixture.ann)
      }
      #expect(new?.wrongFields == ["image", "replicas"])
      #expect(new?.fields.first?.message.contains("docker.io/library") == true)
      let automatic = await refusal {
        _ = try await releases.plan(
          DeployingFixture.draft("other") {
            $0.isAutoscaled = true
            $0.maximumReplicas = "4"
          }, in: "shop", as: fixture.ann)
      }
      #expect(automatic?.wrongFields == ["maximumReplicas"])
      let edited = await refusal {
        _ = try await releases.plan(
          DeployingFixture.draft(image: "quay.io/x/y:1", replicas: 6), replacing: "web",
          in: "shop", as: fixture.ann)
      }
      #expect(edited?.wrongFields == ["image"], "as many replicas as it has are no new ones")
      let scaled = await refusal {
        _ = try await releases.perform(
          .scale(replicas: "7"), of: "web", in: "shop", after: 2, as: fixture.ann)
      }
      #expect(scaled?.wrongFields == ["replicas"])
      let back = await refusal {
        _ = try await releases.plan(
          .rollback(to: 1), of: "web", in: "shop", as: fixture.ann)
      }
      #expect(back?.wrongFields == ["image"])

      // What runs can always be made smaller.
      let less = try await releases.perform(
        .scale(replicas: "5"), of: "web", in: "shop", after: 2, as: fixture.ann)
      #expect(less?.number == 3)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a new project keeps to the quota, the names and the number that members may have`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await Self.decide(in: fixture) {
        $0.reservedNames = "www"
        $0.projectsPerPerson = "2"
      }
      let large = await refusal {
        var draft = named("www")
        draft.cpu = "4.1"
        draft.memory = "8193Mi"
        draft.pods = "51"
        draft.storage = "51Gi"
        _ = try await fixture.projects.create(draft, as: fixture.ann)
      }
      #expect(large?.wrongFields == ["name", "cpu", "memory", "pods", "storage"])
      #expect(try await fixture.cluster.object(.namespace, "www") == nil)

      var draft = ProjectDraft()
      draft.name = "large"
      draft.cpu = "40"
      _ = try await fixture.projects.create(draft, as: fixture.admin)

      try await fixture.makeProject("one")
      // Of many at once exactly one gets the last place.
      let made = await withTaskGroup(of: Bool?.self) { group in
        for number in 0..<4 {
          group.addTask { () -> Bool? in
            do {
              try await fixture.makeProject("more-\(number)")
              return true
            } catch let error as DomainError {
              return error.reason == .conflict ? Bool?.some(false) : nil
            } catch {
              return nil
            }
          }
        }
        var outcomes: [Bool?] = []
        for await outcome in group { outcomes.append(outcome) }
        return outcomes
      }
      #expect(made.count { $0 == true } == 1)
      #expect(made.count { $0 == false } == 3)

      // Somebody who owns as many as they may is given no further one either.
      _ = try await fixture.projects.create(named("bobs"), as: fixture.bob)
      let given = await refusal {
        _ = try await fixture.projects.addMember(
          email: fixture.ann.email, role: .owner, to: "bobs", as: fixture.bob)
      }
      #expect(given?.reason == .conflict)
      _ = try await fixture.projects.addMember(
        email: fixture.ann.email, role: .editor, to: "bobs", as: fixture.bob)
      let raised = await refusal {
        _ = try await fixture.projects.changeRole(
          of: fixture.ann.userID, to: .owner, in: "bobs", as: fixture.bob)
      }
      #expect(raised?.reason == .conflict)
    }
  }

  private func named(_ name: String) -> ProjectDraft {
    var draft = ProjectDraft()
    draft.name = name
    return draft
  }
}
