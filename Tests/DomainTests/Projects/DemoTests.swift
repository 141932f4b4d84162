import Foundation
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import Domain

struct DemoTests {
  private static let here = ClientInfo(address: "192.0.2.7", userAgent: "test")

  private static func allow(
    _ fixture: DeployingFixture, trials: Bool = true
  ) async throws {
    let setting = try await fixture.domain.policies.setting(as: fixture.admin)
    var draft = PolicyDraft(setting.value)
    draft.isDemoOn = true
    draft.areDemoProjectsOn = trials
    try await fixture.domain.policies.change(
      to: draft, from: setting.version, as: fixture.admin)
  }

  @Test(arguments: TestDatabase.available)
  func `a visitor sees demos without the people in them, and nothing else`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await Self.allow(fixture)
      try await fixture.makeProject("shop")
      try await fixture.makeProject("private")
      let release = try await fixture.deploy(DeployingFixture.draft())
      _ = try await fixture.ended(release.number)
      try await fixture.projects.setDemo(true, of: "shop", as: fixture.admin)

      let visitor = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      let list = try await fixture.projects.list(page: 1, as: visitor)
      #expect(list.projects.map(\.project.name) == ["shop"])
      #expect(list.total == 1)
      let page = try await fixture.domain.applications.list(
        project: "shop", page: 1, as: visitor)
      #expect(page.applications.map(\.application.name) == ["web"])
      #expect(page.membership.isOutsider)

      let detail = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: visitor)
      let seen = try await fixture.releases.release(of: detail)
      let history = try await fixture.releases.history(of: detail)
      let export = try await fixture.domain.exports.project(named: "shop", as: visitor)
      #expect(seen.authorName.isEmpty && history.allSatisfy(\.authorName.isEmpty))
      #expect(seen.manifests.count == release.manifests.count)
      for text in seen.manifests.map(\.yaml) + [export.yaml] {
        #expect(!text.contains(fixture.ann.email))
        #expect(!text.contains(fixture.ann.userID.rawValue))
      }
      #expect(export.yaml.contains("nginx:1.27"), "the rest is there")

      let members = await refusal {
        _ = try await fixture.projects.members(of: "shop", as: visitor)
      }
      let live = await refusal { _ = try await fixture.releases.live(of: detail) }
      let drift = await refusal { _ = try await fixture.releases.drift(of: detail) }
      let deploy = await refusal {
        _ = try await fixture.releases.plan(
          DeployingFixture.draft("other"), in: "shop", as: visitor)
      }
      for error in [members, live, drift, deploy] { #expect(error?.reason == .forbidden) }

      // What isn't shown answers as what isn't there.
      let hidden = await refusal {
        _ = try await fixture.projects.project(named: "private", as: visitor)
      }
      let missing = await refusal {
        _ = try await fixture.projects.project(named: "nothing", as: visitor)
      }
      #expect(hidden?.reason == .notFound)
      #expect(
        hidden?.message.replacing("private", with: "nothing") == missing?.message)

      // A member of another project sees the demo the same way.
      let bob = try await fixture.domain.applications.application(
        named: "web", in: "shop", as: fixture.bob)
      #expect(bob.membership.isOutsider)
      try await fixture.projects.setDemo(false, of: "shop", as: fixture.admin)
      let after = await refusal {
        _ = try await fixture.projects.project(named: "shop", as: visitor)
      }
      #expect(after?.reason == .notFound)
    }
  }

  @Test func `what a visitor may not see takes as long to refuse as what isn't there`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await Self.allow(fixture)
      try await fixture.makeProject("private")
      let visitor = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      let clock = ContinuousClock()
      var times: [String: [Duration]] = [:]
      // In turns, so that whatever else the machine does meets both.
      for _ in 0..<201 {
        for name in ["private", "nothing"] {
          let start = clock.now
          _ = await refusal {
            _ = try await fixture.projects.project(named: name, as: visitor)
          }
          times[name, default: []].append(clock.now - start)
        }
      }
      let medians = times.mapValues { $0.sorted()[100] }
      let (hidden, missing) = try (
        #require(medians["private"]), #require(medians["nothing"])
      )
      #expect(hidden < missing * 2 && missing < hidden * 2, "\(hidden), \(missing)")
    }
  }

  @Test func `only admins show a project, and only where they turned demos on people look around`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject("shop")
      let owner = await refusal {
        try await fixture.projects.setDemo(true, of: "shop", as: fixture.ann)
      }
      #expect(owner?.reason == .forbidden)
      let closed = await refusal {
        _ = try await fixture.domain.accounts.lookAround(from: Self.here)
      }
      #expect(closed?.reason == .forbidden)
      #expect(
        try await fixture.database.read { try $0.first("SELECT COUNT(*) AS n FROM users") }?
          .get("n") == 3, "nobody was made")
    }
  }

  @Test func `visitors are nobody: not listed, without tokens, and gone after their time`()
    async throws
  {
    try await withDatabase(.sqlite) { database in
      let clock = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
      let accounts = Accounts(
        database: database, rules: AccountRules(firstUserBecomesAdmin: true),
        hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4),
        logger: quietLogger, now: { clock.withLock { $0 } })
      _ = try await accounts.start()
      let root = try await accounts.createUser(
        email: "root@example.org", name: "Root", password: "a long enough passphrase",
        role: .admin)
      let admin = Principal(
        userID: root.id, name: "Root", email: root.email, role: .admin, credential: .commandLine)
      var draft = PolicyDraft(PlatformPolicy())
      draft.isDemoOn = true
      try await accounts.policies.change(to: draft, from: 0, as: admin)

      let first = try await accounts.lookAround(from: Self.here)
      let second = try await accounts.lookAround(from: Self.here)
      #expect(first.principal.userID != second.principal.userID)
      #expect(first.principal.role == .visitor)
      #expect(try await accounts.users(matching: "", page: 1, as: admin).users.count == 1)
      let token = await refusal { _ = try await accounts.ownAccount(as: first.principal) }
      #expect(token?.reason == .forbidden)

      // Coming back doesn't make it longer.
      clock.withLock { $0 = $0.addingTimeInterval(Accounts.visitLifetime - 10) }
      let late = try await accounts.authenticate(token: first.token, requestID: "1")
      #expect(late?.expiresAt == first.principal.vanishesAt)
      clock.withLock { $0 = $0.addingTimeInterval(20) }
      #expect(try await accounts.authenticate(token: first.token, requestID: "2") == nil)
      try await accounts.purgeExpired()
      let left = try await database.read { try $0.first("SELECT COUNT(*) AS n FROM users") }
      #expect(try left?.get("n") == 1)
    }
  }

  @Test func `who makes visitor after visitor has to wait`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await Self.allow(fixture)
      var refused: DomainError?
      for _ in 0..<40 where refused == nil {
        refused = await refusal {
          _ = try await fixture.domain.accounts.lookAround(from: Self.here)
        }
      }
      #expect(refused?.reason == .tooManyRequests)
      _ = try await fixture.domain.accounts.lookAround(
        from: ClientInfo(address: "198.51.100.1", userAgent: "test"))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a visitor has one project of their own, which vanishes with all that is in it`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await Self.allow(fixture)
      let visitor = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      let trial = try await fixture.projects.createTrial(as: visitor)
      #expect(trial.state == .ready)
      #expect(try await fixture.projects.createTrial(as: visitor).id == trial.id)
      let release = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1), in: trial.name, as: visitor)
      #expect(release.number == 1)
      let other = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      for stranger in [other, fixture.bob] {
        let error = await refusal {
          _ = try await fixture.projects.project(named: trial.name, as: stranger)
        }
        #expect(error?.reason == .notFound)
      }
      let kubeconfig = await refusal {
        _ = try await fixture.projects.kubeconfig(for: trial.name, hours: 1, as: visitor)
      }
      #expect(kubeconfig?.reason == .forbidden)

      // The hour is over.
      try await fixture.database.write { connection in
        _ = try connection.execute(
          "UPDATE projects SET expires_at = \(Date().addingTimeInterval(-1)) WHERE id = \(trial.id)"
        )
      }
      try await eventually("the trial is gone", within: .seconds(60)) {
        let row = try await fixture.database.read {
          try $0.first("SELECT id FROM projects WHERE id = \(trial.id)")
        }
        return row == nil
      }
      #expect(try await fixture.cluster.object(.namespace, trial.name, in: nil) == nil)
      // Nothing keeps the visitor any more.
      try await fixture.database.write { connection in
        _ = try connection.execute("UPDATE users SET expires_at = 1 WHERE id = \(visitor.userID)")
      }
      try await fixture.domain.accounts.purgeExpired()
      let user = try await fixture.database.read {
        try $0.first("SELECT id FROM users WHERE id = \(visitor.userID)")
      }
      #expect(user == nil)
    }
  }

  @Test func `a trial that its visitor deletes goes at once, and keeps its place until then`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await Self.allow(fixture)
      let visitor = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      let trial = try await fixture.projects.createTrial(as: visitor)
      let left = await refusal {
        _ = try await fixture.projects.removeMember(
          visitor.userID, from: trial.name, as: visitor)
      }
      #expect(left?.reason == .conflict)
      try await fixture.releases.deleteProject(
        trial.name, typed: trial.name, includingApplications: false, removingVolumes: false,
        as: visitor)
      let another = await refusal { _ = try await fixture.projects.createTrial(as: visitor) }
      #expect(another?.reason == .tooManyRequests)
      try await working(fixture.domain) {
        try await eventually("the trial is gone", within: .seconds(60)) {
          let row = try await fixture.database.read {
            try $0.first("SELECT id FROM projects WHERE id = \(trial.id)")
          }
          return row == nil
        }
      }
      #expect(try await fixture.projects.createTrial(as: visitor).id != trial.id)
    }
  }

  @Test func `a visitor makes the server connect nowhere, and is told nobody's name`()
    async throws
  {
    try await withDeploying(.sqlite) { fixture in
      try await Self.allow(fixture)
      let visitor = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      let trial = try await fixture.projects.createTrial(as: visitor)
      _ = try await fixture.deploy(
        DeployingFixture.draft(replicas: 1), in: trial.name, as: visitor)
      try await eventually("the application has an address") {
        let detail = try await fixture.domain.applications.application(
          named: "web", in: trial.name, as: visitor)
        return !detail.addresses.isEmpty
      }
      let answer = try await fixture.domain.addressChecks.check(
        .cluster, of: "web", in: trial.name, as: visitor)
      #expect(answer.sentence.hasPrefix("not checked"))

      try await fixture.makeProject("shop")
      try await fixture.projects.setDemo(true, of: "shop", as: fixture.admin)
      let report = IsolationReport(
        checks: [
          GuardCheck(guard: .memberRights, verdict: .missing("The RoleBinding of Ann is gone.")),
          GuardCheck(guard: .quota, verdict: .missing("The quota is gone.")),
        ], checkedAt: Date())
      let texts = report.withoutPeople().checks.map { "\($0.verdict)" }
      #expect(!texts.contains { $0.contains("Ann") } && texts[1].contains("The quota is gone"))
      let seen = try await fixture.projects.project(named: "shop", as: visitor)
      #expect(seen.isOutsider)
    }
  }

  @Test func `trials are for visitors, where admins allow them and nothing real runs`()
    async throws
  {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await Self.allow(fixture, trials: false)
      let visitor = try await fixture.domain.accounts.lookAround(from: Self.here).principal
      let off = await refusal { _ = try await fixture.projects.createTrial(as: visitor) }
      #expect(off?.reason == .forbidden)
      try await Self.allow(fixture)
      let member = await refusal { _ = try await fixture.projects.createTrial(as: fixture.ann) }
      #expect(member?.reason == .forbidden)
      #expect(try await fixture.projects.trialRefusal(for: visitor) == nil)

      var rules = AccountRules(firstUserBecomesAdmin: false)
      rules.isSandbox = false
      let real = DomainServices(
        database: fixture.database, client: fixture.cluster.kubernetes, rules: rules,
        hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 4),
        logger: quietLogger)
      let refused = await refusal { _ = try await real.projects.createTrial(as: visitor) }
      #expect(refused?.reason == .forbidden)
    }
  }
}
