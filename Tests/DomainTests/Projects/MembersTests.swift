import Foundation
import Kubernetes
import Sandbox
import TestSupport
import Testing

@testable import Domain

struct MembersTests {
  private func binding(_ person: Principal, _ fixture: DeployingFixture) async throws -> String? {
    try await fixture.live(.roleBinding, MemberRights.name(of: person.userID))?
      .at("roleRef", "name")?.string
  }

  private func add(
    _ person: Principal, _ role: ProjectRole, _ fixture: DeployingFixture
  ) async throws {
    _ = try await fixture.projects.addMember(
      email: person.email, role: role, to: "shop", as: fixture.ann)
  }

  @Test(arguments: TestDatabase.available)
  func `the cluster follows who is added, gets another role and goes`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let owner = try await binding(fixture.ann, fixture)
      try await add(fixture.bob, .viewer, fixture)
      let viewer = try await binding(fixture.bob, fixture)
      _ = try await fixture.projects.changeRole(
        of: fixture.bob.userID, to: .editor, in: "shop", as: fixture.ann)
      let editor = try await binding(fixture.bob, fixture)
      let list = try await fixture.projects.members(of: "shop", as: fixture.bob)
      _ = try await fixture.projects.removeMember(
        fixture.bob.userID, from: "shop", as: fixture.ann)

      #expect([owner, viewer, editor] == ["edit", "view", "edit"])
      #expect(list.members.map(\.name) == ["Ann", "Bob"])
      #expect(!list.isUnsettled)
      for type in [.roleBinding, .serviceAccount] as [ResourceType] {
        let left = try await fixture.live(type, MemberRights.name(of: fixture.bob.userID))
        #expect(left == nil)
      }
      let error = await refusal {
        try await fixture.projects.members(of: "shop", as: fixture.bob)
      }
      #expect(error?.reason == .notFound)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the last owner stays, also when two owners go at once`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let alone = await refusal {
        try await fixture.projects.removeMember(
          fixture.ann.userID, from: "shop", as: fixture.ann)
      }
      let demoted = await refusal {
        try await fixture.projects.changeRole(
          of: fixture.ann.userID, to: .viewer, in: "shop", as: fixture.admin)
      }
      try await add(fixture.bob, .owner, fixture)

      async let first = refusal {
        try await fixture.projects.removeMember(
          fixture.ann.userID, from: "shop", as: fixture.ann)
      }
      async let second = refusal {
        try await fixture.projects.removeMember(
          fixture.bob.userID, from: "shop", as: fixture.bob)
      }
      let errors = await [first, second].compactMap { $0 }

      #expect(alone?.reason == .conflict)
      #expect(demoted?.message == "Ann is the last owner of this project and stays one.")
      #expect(errors.map(\.reason) == [.conflict])
      let left = try await fixture.projects.members(of: "shop", as: fixture.admin)
      #expect(left.members.map(\.role) == [.owner])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a visitor is never the last owner, nor made one`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let eve = try await DeployingFixture.person("Eve", .visitor, in: fixture.domain)
      let asOwner = await refusal { try await add(eve, .owner, fixture) }
      #expect(asOwner?.fields.map(\.field) == ["role"])
      try await add(eve, .viewer, fixture)
      let promoted = await refusal {
        _ = try await fixture.projects.changeRole(
          of: eve.userID, to: .owner, in: "shop", as: fixture.ann)
      }
      #expect(promoted?.fields.first?.message.contains("Eve is a visitor here") == true)

      // Bob was made an owner as a member, and became a visitor later.
      try await add(fixture.bob, .owner, fixture)
      _ = try await fixture.domain.accounts.changeRole(
        of: fixture.bob.userID, to: .visitor, as: fixture.admin)
      let alone = await refusal {
        _ = try await fixture.projects.removeMember(
          fixture.ann.userID, from: "shop", as: fixture.ann)
      }
      #expect(alone?.message == "Ann is the last owner of this project and stays one.")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what the cluster missed is made later, and told meanwhile`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let project = try await fixture.makeProject()
      // As if the process died between the database and the cluster.
      try await fixture.database.write { connection in
        try ProjectStore().addMember(
          fixture.bob.userID, .editor, to: project.id, at: Date(), in: connection)
      }
      let before = try await fixture.projects.members(of: "shop", as: fixture.ann)
      try await fixture.anotherProcess().projects.settleMembers()
      let after = try await fixture.projects.members(of: "shop", as: fixture.ann)

      #expect(before.isUnsettled)
      #expect(!after.isUnsettled)
      let role = try await binding(fixture.bob, fixture)
      #expect(role == "edit")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an address nobody registered is refused at its field`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      for email in ["nobody@example.org", "no address", fixture.ann.email] {
        let error = await refusal {
          try await fixture.projects.addMember(
            email: email, role: .viewer, to: "shop", as: fixture.ann)
        }
        #expect(error?.wrongFields == ["email"], "\(email)")
      }
      try await add(fixture.bob, .editor, fixture)
      let error = await refusal {
        try await fixture.projects.addMember(
          email: fixture.admin.email, role: .viewer, to: "shop", as: fixture.bob)
      }
      #expect(error?.reason == .forbidden)
    }
  }

  @Test func `the card tells changed and surplus rights, and the guards put them back`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      let project = try await fixture.makeProject()
      let name = MemberRights.name(of: fixture.ann.userID)
      let kubernetes = fixture.cluster.kubernetes
      var surplus = try #require(try await fixture.live(.roleBinding, name))
      surplus["metadata"] = [
        "name": "member-other", "labels": surplus.at("metadata", "labels") ?? [:],
      ]
      _ = try await kubernetes.create(surplus, .roleBinding, namespace: "shop")
      let more = try await fixture.probe().rights.mistake(in: project)
      _ = try await kubernetes.delete(
        .roleBinding, name: name, namespace: "shop", DeleteOptions())
      let fewer = try await fixture.probe().rights.mistake(in: project)
      try await fixture.projects.restoreGuards(of: "shop", as: fixture.ann)
      let restored = try await fixture.probe().rights.mistake(in: project)

      #expect(more?.contains("“member-other” for somebody who isn't a member") == true)
      #expect(fewer?.contains("The RoleBinding of Ann is gone") == true)
      #expect(restored == nil)
    }
  }

  @Test func `a kubeconfig opens the project with the member's rights, until they go`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      try await add(fixture.bob, .viewer, fixture)
      let file = try await fixture.projects.kubeconfig(for: "shop", hours: 1, as: fixture.bob)
      let configuration = try Kubeconfig.load(text: file.text, path: file.fileName)
      let client = KubernetesClient(configuration: configuration, logger: quietLogger)
      let pods = try await client.listObjects(.pod, namespace: "shop")
      let secrets = await #expect(throws: KubernetesError.self) {
        try await client.listObjects(.secret, namespace: "shop")
      }
      _ = try await fixture.projects.removeMember(
        fixture.bob.userID, from: "shop", as: fixture.bob)
      let gone = await #expect(throws: KubernetesError.self) {
        try await client.listObjects(.pod, namespace: "shop")
      }
      await client.shutdown()

      #expect(configuration.namespace == "shop")
      #expect(!file.text.contains(fixture.cluster.server.token))
      #expect(pods.items.isEmpty)
      #expect(secrets?.isForbidden == true)
      #expect(gone?.isUnauthorized == true)
    }
  }
}
