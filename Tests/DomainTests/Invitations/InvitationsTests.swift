import Foundation
import TestSupport
import Testing

@testable import Domain

struct InvitationsTests {
  private static let client = ClientInfo(address: "192.0.2.7", userAgent: "test")

  private static func draft(
    _ email: String = "eve@example.net", project: String = "", role: PlatformRole = .member,
    projectRole: ProjectRole = .editor
  ) -> InvitationDraft {
    var draft = InvitationDraft()
    draft.email = email
    draft.project = project
    draft.role = role.rawValue
    draft.projectRole = projectRole.rawValue
    return draft
  }

  private static func accept(
    _ secret: String, in fixture: DeployingFixture
  ) async throws -> SignedIn {
    try await fixture.domain.invitations.accept(
      secret: secret, name: "Eve", password: "a long enough passphrase", from: client)
  }

  @Test(arguments: TestDatabase.available)
  func `an invitation makes one account, for its address, in its project`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      let invitations = fixture.domain.invitations
      let made = try await invitations.invite(Self.draft(project: "shop"), as: fixture.ann)
      let open = try await invitations.open(in: "shop", as: fixture.ann)
      #expect(open.map(\.email) == ["eve@example.net"])

      let eve = try await Self.accept(made.secret, in: fixture)

      #expect(eve.user.email == "eve@example.net" && eve.user.role == .member)
      let membership = try await fixture.projects.project(named: "shop", as: eve.principal)
      #expect(membership.role == .editor)
      let again = await refusal { _ = try await Self.accept(made.secret, in: fixture) }
      #expect(again?.reason == .notFound, "good once")
      let left = try await invitations.open(in: "shop", as: fixture.ann)
      #expect(left.isEmpty)
    }
  }

  // Invite links: bound, single use, expiring, hashed at rest, invisible to lower roles.
  @Test(arguments: TestDatabase.available)
  func `of ten who use one link at once one gets in`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let made = try await fixture.domain.invitations.invite(Self.draft(), as: fixture.admin)
      let entered = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<10 {
          group.addTask {
            await refusal { _ = try await Self.accept(made.secret, in: fixture) } == nil
          }
        }
        var count = 0
        for await isIn in group where isIn { count += 1 }
        return count
      }
      #expect(entered == 1)
    }
  }

  @Test func `the secret isn't in the database, and a link runs out`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      let clock = TurnedClock(Date())
      let invitations = Invitations(
        database: fixture.database, accounts: fixture.domain.accounts,
        projects: fixture.projects, now: { clock.now })
      let made = try await invitations.invite(Self.draft(), as: fixture.admin)
      let stored = try await fixture.database.read { connection in
        try connection.first("SELECT hash FROM invitations")?.get("hash", as: String.self)
      }
      #expect(stored == Accounts.hash(of: made.secret))
      let fresh = try await invitations.offer(secret: made.secret)
      #expect(fresh != nil)
      let byHash = try await invitations.offer(secret: stored ?? "")
      #expect(byHash == nil)
      clock.turn(by: 7 * 24 * 3600 + 1)
      let late = try await invitations.offer(secret: made.secret)
      #expect(late == nil)
    }
  }

  // Granting more than you have.
  @Test func `nobody invites to more than they may give, nor sees others' invitations`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      let invitations = fixture.domain.invitations
      try await fixture.makeProject()
      let wishes: [(InvitationDraft, Principal, DomainError.Reason)] = [
        (Self.draft(), fixture.ann, .forbidden),
        (Self.draft(project: "shop", role: .admin), fixture.ann, .forbidden),
        (Self.draft(project: "shop"), fixture.bob, .notFound),
      ]
      for (draft, person, reason) in wishes {
        let error = await refusal { _ = try await invitations.invite(draft, as: person) }
        #expect(error?.reason == reason)
      }
      _ = try await fixture.projects.addMember(
        email: fixture.bob.email, role: .editor, to: "shop", as: fixture.ann)
      let editor = await refusal {
        _ = try await invitations.invite(Self.draft(project: "shop"), as: fixture.bob)
      }
      #expect(editor?.reason == .forbidden)
      let made = try await invitations.invite(Self.draft(project: "shop"), as: fixture.ann)
      for project in ["shop", nil] {
        let unseen = await refusal {
          _ = try await invitations.open(in: project, as: fixture.bob)
        }
        #expect(unseen?.reason == .forbidden)
        let kept = await refusal {
          try await invitations.revoke(made.invitation.id, in: project, as: fixture.bob)
        }
        #expect(kept?.reason == .forbidden)
      }
      // An owner of one project doesn't reach another's by id.
      try await fixture.makeProject("other")
      try await invitations.revoke(made.invitation.id, in: "other", as: fixture.ann)
      let offer = try await invitations.offer(secret: made.secret)
      #expect(offer != nil)
    }
  }

  // Rights that outlive their removal.
  @Test(arguments: TestDatabase.available)
  func `an invitation is worthless once who made it may not give so much`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let invitations = fixture.domain.invitations
      try await fixture.makeProject()
      _ = try await fixture.projects.addMember(
        email: fixture.bob.email, role: .owner, to: "shop", as: fixture.ann)
      let byBob = try await invitations.invite(Self.draft(project: "shop"), as: fixture.bob)
      _ = try await fixture.projects.changeRole(
        of: fixture.bob.userID, to: .editor, in: "shop", as: fixture.ann)
      let demoted = try await invitations.offer(secret: byBob.secret)
      #expect(demoted == nil)

      let revoked = try await invitations.invite(Self.draft(project: "shop"), as: fixture.ann)
      try await invitations.revoke(revoked.invitation.id, in: "shop", as: fixture.ann)
      let gone = try await invitations.offer(secret: revoked.secret)
      #expect(gone == nil)

      let kept = try await invitations.invite(Self.draft(project: "shop"), as: fixture.ann)
      _ = try await fixture.domain.accounts.setSuspended(
        true, fixture.ann.userID, as: fixture.admin)
      let late = await refusal { _ = try await Self.accept(kept.secret, in: fixture) }
      #expect(late?.reason == .notFound)
    }
  }

  @Test func `who has an account logs in to accept, and only they can`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      let invitations = fixture.domain.invitations
      try await fixture.makeProject()
      let made = try await invitations.invite(
        Self.draft("BOB@example.org", project: "shop"), as: fixture.ann)
      let offer = try await invitations.offer(secret: made.secret)
      #expect(offer?.hasAccount == true)
      let taken = await refusal { _ = try await Self.accept(made.secret, in: fixture) }
      #expect(taken?.reason == .notFound)
      let other = await refusal {
        _ = try await invitations.join(secret: made.secret, as: fixture.admin)
      }
      #expect(other?.reason == .forbidden)

      let joined = try await invitations.join(secret: made.secret, as: fixture.bob)
      #expect(joined == "shop")
      let membership = try await fixture.projects.project(named: "shop", as: fixture.bob)
      #expect(membership.role == .editor)
    }
  }

  @Test func `an invitation to less than one has takes nothing away`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject()
      let made = try await fixture.domain.invitations.invite(
        Self.draft(fixture.ann.email, project: "shop", projectRole: .viewer), as: fixture.ann)
      _ = try await fixture.domain.invitations.join(secret: made.secret, as: fixture.ann)
      let membership = try await fixture.projects.project(named: "shop", as: fixture.ann)
      #expect(membership.role == .owner)
    }
  }

  @Test(arguments: [PlatformPolicy.RegistrationMode.invitation, .closed])
  func `where registration isn't open only invited people get in`(
    mode: PlatformPolicy.RegistrationMode
  ) async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      var draft = PolicyDraft(PlatformPolicy())
      draft.registration = mode.rawValue
      try await fixture.domain.policies.change(to: draft, from: 0, as: fixture.admin)

      let stranger = await refusal {
        _ = try await fixture.domain.accounts.register(
          Registration(
            email: "zoe@example.net", name: "Zoe", password: "a long enough passphrase"),
          from: Self.client)
      }
      #expect(stranger?.reason == .forbidden)
      let made = try await fixture.domain.invitations.invite(Self.draft(), as: fixture.admin)
      let invited = await refusal { _ = try await Self.accept(made.secret, in: fixture) }
      #expect(invited?.reason == (mode == .closed ? .forbidden : nil))
    }
  }
}
