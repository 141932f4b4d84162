import Foundation
import TestSupport
import Testing

@testable import Domain

struct DeployHookTests {
  private func withHook(
    _ kind: TestDatabase, image: String = "nginx:1.27", tags: String = "",
    _ body: (DeployingFixture, NewDeployHook) async throws -> Void
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: image))
      let made = try await fixture.domain.hooks.create(
        named: "CI", tags: tags, of: "web", in: "shop", as: fixture.ann)
      try await body(fixture, made)
    }
  }

  private func post(
    _ json: String, to made: NewDeployHook, id: String? = nil, secret: String? = nil,
    on fixture: DeployingFixture
  ) async throws -> DeployHooks.Answer {
    try await fixture.domain.hooks.call(
      made.hook.id,
      HookDelivery(
        body: Array(json.utf8), id: id, secret: secret ?? made.secret, address: "192.0.2.1"))
  }

  @Test(arguments: TestDatabase.available)
  func `a new tag is a release by who made the hook, and says what it is`(
    kind: TestDatabase
  ) async throws {
    try await withHook(kind) { fixture, made in
      let answer = try await post(#"{"tag": "1.28"}"#, to: made, on: fixture)

      #expect(answer.outcome == .deployed && answer.release == 2)
      let release = try await fixture.release(2)
      #expect(release.spec.image.text == "nginx:1.28")
      #expect(release.message == "hook CI: tag 1.28")
      #expect(release.authorID == fixture.ann.userID)
      var before = try await fixture.release(1).spec
      before.image = release.spec.image
      #expect(release.spec == before, "nothing but the tag is another")
      let hooks = try await fixture.domain.hooks.list(of: "web", in: "shop", as: fixture.ann)
      #expect(hooks.first?.uses.map(\.outcome) == [.deployed])
      #expect(hooks.first?.uses.first?.tag == "1.28")
      #expect(hooks.first?.obstacle == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the same again deploys nothing, by delivery or by image`(kind: TestDatabase) async throws {
    try await withHook(kind) { fixture, made in
      let first = try await post(#"{"tag": "1.28"}"#, to: made, id: "d1", on: fixture)
      let again = try await post(#"{"tag": "1.28"}"#, to: made, id: "d1", on: fixture)
      #expect(again == first)
      let same = try await post(#"{"tag": "1.28"}"#, to: made, id: "d2", on: fixture)
      #expect(same.outcome == .unchanged && same.release == nil)
      // An old delivery that comes late doesn't set the application back.
      _ = try await post(#"{"tag": "1.29"}"#, to: made, id: "d3", on: fixture)
      let late = try await post(#"{"tag": "1.28"}"#, to: made, id: "d1", on: fixture)
      #expect(late == first)
      #expect(try await fixture.release().number == 3)
      #expect(try await fixture.release().spec.image.text == "nginx:1.29")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `another repository is refused in words, and nothing is deployed`(
    kind: TestDatabase
  ) async throws {
    try await withHook(kind) { fixture, made in
      for image in ["evil/nginx:1", "ghcr.io/library/nginx:1", "nginx2:1"] {
        let error = await #expect(throws: DomainError.self) {
          try await post(#"{"image": "\#(image)"}"#, to: made, on: fixture)
        }
        #expect(error?.reason == .invalid && error?.message.contains("nginx") == true)
      }
      #expect(try await fixture.release().number == 1)
      let hooks = try await fixture.domain.hooks.list(of: "web", in: "shop", as: fixture.ann)
      #expect(hooks.first?.uses.allSatisfy { $0.outcome == .refused } == true)
      #expect(hooks.first?.uses.count == 3)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `only tags that fit are deployed`(kind: TestDatabase) async throws {
    try await withHook(kind, tags: "1.*") { fixture, made in
      let other = try await post(#"{"tag": "dev"}"#, to: made, on: fixture)
      #expect(other.outcome == .ignored)
      let fitting = try await post(#"{"tag": "1.28"}"#, to: made, on: fixture)
      #expect(fitting.outcome == .deployed)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a wrong secret and an unknown hook are the same refusal`(kind: TestDatabase) async throws {
    try await withHook(kind) { fixture, made in
      let hooks = fixture.domain.hooks
      let body = Array(#"{"tag": "1.28"}"#.utf8)
      var errors: [DomainError] = []
      for (id, delivery) in [
        (made.hook.id, HookDelivery(body: body, secret: "wrong")),
        (made.hook.id, HookDelivery(body: body)),
        (made.hook.id, HookDelivery(body: body, secret: "")),
        (made.hook.id, HookDelivery(body: body, signature: "sha256=00")),
        (.random(), HookDelivery(body: body, secret: made.secret)),
        (.random(), HookDelivery(body: body, signature: "sha256=00")),
        (DeployHook.ID(rawValue: "x'; DROP"), HookDelivery(body: body, secret: made.secret)),
      ] {
        do throws(DomainError) {
          _ = try await hooks.call(id, delivery)
          Issue.record("it was let in")
        } catch { errors.append(error) }
      }
      #expect(errors.count == 7 && errors.allSatisfy { $0 == errors[0] })
      #expect(errors[0].reason == .notFound)
      #expect(try await fixture.release().number == 1)
      let uses = try await hooks.list(of: "web", in: "shop", as: fixture.ann).first?.uses
      #expect(uses?.isEmpty == true, "whoever has no secret fills no list")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a signature over the body admits, also after the keys were changed`(
    kind: TestDatabase
  ) async throws {
    try await withHook(kind) { fixture, made in
      func signed(_ json: String) -> HookDelivery {
        let code = HookSignature.of(Array(json.utf8), with: made.secret)
        return HookDelivery(body: Array(json.utf8), signature: "sha256=\(code)")
      }
      let hooks = fixture.domain.hooks
      #expect(
        try await hooks.call(made.hook.id, signed(#"{"tag": "1.28"}"#)).outcome == .deployed)
      // What stands beside the body nobody signed.
      var beside = signed(#"{"tag": "1.28"}"#)
      beside.query = ["tag": "6.66"]
      #expect(try await hooks.call(made.hook.id, beside).outcome == .unchanged)
      beside.secret = made.secret
      beside.query = ["tag": "1.28"]
      #expect(try await hooks.call(made.hook.id, beside).outcome == .unchanged)
      // A body that was changed on its way isn't what was signed.
      var other = signed(#"{"tag": "1.28"}"#)
      other.signed = Array(#"{"tag": "6.66"}"#.utf8)
      await #expect(throws: DomainError.self) { try await hooks.call(made.hook.id, other) }

      try await fixture.domain.accounts.rotateSigningKey()
      try await hooks.reseal()
      // As if the old key were gone.
      try await fixture.database.write { connection in
        try connection.execute("DELETE FROM signing_keys WHERE retired_at IS NOT NULL")
      }
      let process = fixture.anotherProcess()
      #expect(
        try await process.hooks.call(made.hook.id, signed(#"{"tag": "1.29"}"#)).outcome
          == .deployed)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `another secret ends the old one, and deploys as who asked for it`(
    kind: TestDatabase
  ) async throws {
    try await withHook(kind) { fixture, made in
      _ = try await fixture.projects.addMember(
        email: "bob@example.org", role: .editor, to: "shop", as: fixture.ann)
      let other = try await fixture.domain.hooks.rotate(
        made.hook.id, of: "web", in: "shop", as: fixture.bob)
      #expect(other.secret != made.secret)

      await #expect(throws: DomainError.self) {
        try await post(#"{"tag": "1.28"}"#, to: made, on: fixture)
      }
      _ = try await post(#"{"tag": "1.28"}"#, to: other, on: fixture)
      #expect(try await fixture.release(2).authorID == fixture.bob.userID)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who may not deploy any more has no hook that does, and the page says so`(
    kind: TestDatabase
  ) async throws {
    try await withHook(kind) { fixture, made in
      _ = try await fixture.projects.addMember(
        email: "bob@example.org", role: .editor, to: "shop", as: fixture.ann)
      let his = try await fixture.domain.hooks.create(
        named: "Bob's", of: "web", in: "shop", as: fixture.bob)
      for change in ["viewer", "gone", "suspended"] {
        switch change {
        case "viewer":
          _ = try await fixture.projects.changeRole(
            of: fixture.bob.userID, to: .viewer, in: "shop", as: fixture.ann)
        case "gone":
          _ = try await fixture.projects.removeMember(
            fixture.bob.userID, from: "shop", as: fixture.ann)
        default:
          _ = try await fixture.domain.accounts.setSuspended(
            true, fixture.bob.userID, as: fixture.admin)
        }
        let error = await #expect(throws: DomainError.self, "\(change)") {
          try await post(#"{"tag": "1.28"}"#, to: his, on: fixture)
        }
        #expect(error?.reason == .forbidden, "\(change)")
        let hooks = try await fixture.domain.hooks.list(of: "web", in: "shop", as: fixture.ann)
        #expect(hooks.first { $0.name == "Bob's" }?.obstacle != nil, "\(change)")
        #expect(hooks.first { $0.name == "CI" }?.obstacle == nil)
      }
      #expect(try await fixture.release().number == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what was removed or deleted is called in vain`(kind: TestDatabase) async throws {
    try await withHook(kind) { fixture, made in
      let second = try await fixture.domain.hooks.create(
        named: "other", of: "web", in: "shop", as: fixture.ann)
      try await fixture.domain.hooks.remove(
        second.hook.id, of: "web", in: "shop", as: fixture.ann)
      let gone = await #expect(throws: DomainError.self) {
        try await post(#"{"tag": "1.28"}"#, to: second, on: fixture)
      }
      #expect(gone?.reason == .notFound)
      try await fixture.releases.delete(
        "web", typed: "web", removingVolumes: false, in: "shop", as: fixture.ann)
      let deleted = await #expect(throws: DomainError.self) {
        try await post(#"{"tag": "1.28"}"#, to: made, on: fixture)
      }
      #expect(deleted?.reason == .conflict)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `hooks are bounded in number, names, calls and tries`(kind: TestDatabase) async throws {
    try await withHook(kind) { fixture, made in
      let hooks = fixture.domain.hooks
      for name in ["", "a\nb", String(repeating: "x", count: 61), "CI"] {
        let error = await #expect(throws: DomainError.self) {
          try await hooks.create(named: name, of: "web", in: "shop", as: fixture.ann)
        }
        #expect(error?.fields.map(\.field) == ["name"])
      }
      for number in 2...DeployHook.limit {
        _ = try await hooks.create(named: "hook \(number)", of: "web", in: "shop", as: fixture.ann)
      }
      let full = await #expect(throws: DomainError.self) {
        try await hooks.create(named: "one more", of: "web", in: "shop", as: fixture.ann)
      }
      #expect(full?.reason == .conflict)

      // Twice as many: a minute may end in between.
      var refused: DomainError?
      for _ in 0...(2 * HookRate.calls) where refused == nil {
        refused = await refusal {
          try await post(#"{"zen": "x", "hook_id": 1}"#, to: made, on: fixture)
        }
      }
      #expect(refused?.reason == .tooManyRequests)
      let uses = try await hooks.list(of: "web", in: "shop", as: fixture.ann)
        .first { $0.name == "CI" }?.uses
      #expect(uses?.count == DeployHookUse.kept)

      var tried: DomainError?
      for _ in 0...(2 * HookRate.failures) where tried?.reason != .tooManyRequests {
        tried = await refusal {
          try await post("{}", to: made, secret: "wrong", on: fixture)
        }
      }
      #expect(tried?.reason == .tooManyRequests)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `strangers and viewers see no hooks, and the audit log has what editors did`(
    kind: TestDatabase
  ) async throws {
    try await withHook(kind) { fixture, made in
      let hooks = fixture.domain.hooks
      for role in [ProjectRole?.none, .viewer] {
        if let role {
          _ = try await fixture.projects.addMember(
            email: "bob@example.org", role: role, to: "shop", as: fixture.ann)
        }
        let wanted: DomainError.Reason = role == nil ? .notFound : .forbidden
        let list = await #expect(throws: DomainError.self) {
          try await hooks.list(of: "web", in: "shop", as: fixture.bob)
        }
        #expect(list?.reason == wanted)
        let rotate = await #expect(throws: DomainError.self) {
          try await hooks.rotate(made.hook.id, of: "web", in: "shop", as: fixture.bob)
        }
        #expect(rotate?.reason == wanted)
      }
      _ = try await hooks.rotate(made.hook.id, of: "web", in: "shop", as: fixture.ann)
      try await hooks.remove(made.hook.id, of: "web", in: "shop", as: fixture.ann)
      let actions = try await fixture.database.read { connection in
        try connection.query(
          "SELECT action, changes FROM audit_events WHERE target_kind = 'hook' ORDER BY number"
        ).map { try $0.get("action", as: String.self) }
      }
      #expect(actions == ["hook.create", "hook.rotate", "hook.remove"])
      let everything = try await fixture.database.read { connection in
        try connection.query("SELECT * FROM audit_events").map { "\($0.values)" }.joined()
          + connection.query("SELECT * FROM deploy_hooks").map { "\($0.values)" }.joined()
      }
      #expect(!everything.contains(made.secret))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a digest pins what a moving tag means`(kind: TestDatabase) async throws {
    try await withHook(kind, image: "nginx:latest") { fixture, made in
      let digest = "sha256:" + String(repeating: "ab", count: 32)
      let json = """
        {"events": [{"id": "e1", "action": "push", "target":
          {"repository": "library/nginx", "tag": "latest", "digest": "\(digest)"}}]}
        """
      let first = try await post(json, to: made, on: fixture)
      #expect(first.outcome == .deployed)
      let release = try await fixture.release()
      #expect(release.spec.image.text == "nginx:latest@\(digest)")
      let again = try await post(json, to: made, on: fixture)
      #expect(again.release == 2)
    }
  }
}
