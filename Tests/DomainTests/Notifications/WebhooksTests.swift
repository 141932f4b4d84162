import Foundation
import TestSupport
import Testing

@testable import Domain

struct WebhooksTests {
  @Test(arguments: TestDatabase.available)
  func `editors manage webhooks, viewers and strangers don't`(kind: TestDatabase) async throws {
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook("https://hooks.example.org/a")
      let bob = fixture.base.bob

      let stranger = await refusal { try await fixture.webhooks.list(of: "shop", as: bob) }
      _ = try await fixture.base.projects.addMember(
        email: bob.email, role: .viewer, to: "shop", as: fixture.ann)
      let viewer = await refusal {
        try await fixture.webhooks.webhook(made.webhook.id, of: "shop", as: bob)
      }
      _ = try await fixture.base.projects.changeRole(
        of: bob.userID, to: .editor, in: "shop", as: fixture.ann)
      let seen = try await fixture.webhooks.list(of: "shop", as: bob)

      #expect(stranger?.reason == .notFound)
      #expect(viewer?.reason == .forbidden)
      #expect(seen.map(\.name) == ["hook"])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a webhook has a name of its own, an https address and an event, and a project ten`(
    kind: TestDatabase
  ) async throws {
    try await withNotifications(kind, networks: []) { fixture in
      func mistakes(_ change: (inout WebhookDraft) -> Void) async -> [String] {
        var draft = WebhookDraft()
        (draft.name, draft.url) = ("other", "https://hooks.example.org/b")
        draft.events = ["release.failed"]
        change(&draft)
        let wrong = draft
        let error = await refusal {
          try await fixture.webhooks.create(wrong, in: "shop", as: fixture.ann)
        }
        return error?.fields.map(\.field) ?? []
      }
      _ = try await fixture.webhook("https://hooks.example.org/a")

      #expect(await mistakes { $0.name = " " } == ["name"])
      #expect(await mistakes { $0.name = "hook" } == ["name"])
      #expect(await mistakes { $0.url = "http://hooks.example.org/" } == ["url"])
      #expect(await mistakes { $0.url = "https://a:b@hooks.example.org/" } == ["url"])
      #expect(await mistakes { $0.format = "xml" } == ["format"])
      #expect(await mistakes { $0.events = [] } == ["events"])
      #expect(await mistakes { $0.events = ["release.exploded"] } == ["events"])
      for number in 2...Webhook.most {
        _ = try await fixture.webhook("https://hooks.example.org/", name: "hook \(number)")
      }
      let beyond = await refusal {
        try await fixture.webhook("https://hooks.example.org/", name: "one more")
      }
      #expect(beyond?.reason == .conflict)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two who change a webhook at once don't undo each other`(kind: TestDatabase) async throws {
    try await withNotifications(kind) { fixture in
      let webhook = try await fixture.webhook("https://hooks.example.org/a").webhook
      var draft = WebhookDraft(webhook)
      draft.name = "renamed"
      let changed = draft
      _ = try await fixture.webhooks.change(
        webhook.id, to: changed, from: webhook.version, in: "shop", as: fixture.ann)

      let late = await refusal {
        try await fixture.webhooks.change(
          webhook.id, to: WebhookDraft(webhook), from: webhook.version, in: "shop",
          as: fixture.ann)
      }
      // Whatever number a page sends.
      for version in [Int.max, Int.min] {
        let odd = await refusal {
          try await fixture.webhooks.change(
            webhook.id, to: WebhookDraft(webhook), from: version, in: "shop", as: fixture.ann)
        }
        #expect(odd?.reason == .conflict)
      }

      #expect(late?.reason == .conflict)
      let now = try await fixture.webhooks.webhook(webhook.id, of: "shop", as: fixture.ann)
      #expect(now.name == "renamed")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a message is sent again when somebody asks, and a paused webhook gets none`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)
      try await fixture.record(fixture.failure(1))
      try await fixture.fanOut()
      try await fixture.deliver()
      let first = try await fixture.delivery(made)

      _ = try await fixture.webhooks.redeliver(
        first.id, of: made.webhook.id, in: "shop", as: fixture.ann)
      let sent = try await fixture.deliver()
      var draft = WebhookDraft(made.webhook)
      draft.isPaused = true
      let paused = draft
      _ = try await fixture.webhooks.change(
        made.webhook.id, to: paused, from: made.webhook.version, in: "shop", as: fixture.ann)
      let refused = await refusal {
        try await fixture.webhooks.redeliver(
          first.id, of: made.webhook.id, in: "shop", as: fixture.ann)
      }
      try await fixture.record(fixture.failure(2))
      try await fixture.fanOut()

      #expect(sent == 1)
      #expect(Set(receiver.hooks.map(\.id)).count == 1)
      #expect(refused?.reason == .conflict)
      #expect(try await fixture.deliver() == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `secrets outlive the key that sealed them`(kind: TestDatabase) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)
      try await fixture.base.domain.accounts.rotateSigningKey()

      try await fixture.services.worker.tidy(at: fixture.clock.now)
      try await fixture.base.database.write {
        try $0.execute("DELETE FROM signing_keys WHERE retired_at IS NOT NULL")
      }
      let another = DeployingFixture.services(
        fixture.base.database, fixture.base.cluster.kubernetes)
      _ = try await another.accounts.start()
      let process = NotificationServices(
        database: fixture.base.database, projects: another.projects,
        seal: another.accounts.formSeal,
        settings: NotificationSettings(
          webhookNetworks: [IPNetwork("127.0.0.0/8")].compactMap { $0 }),
        logger: quietLogger, now: { Date() })
      let delivery = try await process.webhooks.test(
        made.webhook.id, in: "shop", as: fixture.ann)

      #expect(delivery.state == .delivered)
      #expect(WebhookDeliveryTests.isSigned(try #require(receiver.hooks.last), by: made.secret))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `old messages go, and the last two hundred stay`(kind: TestDatabase) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)
      try await fixture.record(fixture.failure(1))
      try await fixture.fanOut()
      try await fixture.deliver()
      let fresh = try await fixture.delivery(made)
      fixture.clock.move(by: NotificationWorker.keptFor + 1)

      try await fixture.services.worker.tidy(at: fixture.clock.now)

      let left = try await fixture.webhooks.deliveries(
        of: made.webhook.id, in: "shop", as: fixture.ann)
      #expect(fresh.state == .delivered)
      #expect(left.isEmpty)
      let notices = try await fixture.base.database.read {
        try $0.query("SELECT 1 AS one FROM notices").count
      }
      #expect(notices == 0)
    }
  }

  @Test func `a pause grows, is spread, and heeds a wish within bounds`() {
    #expect(RetrySchedule.pause(after: 1, wish: nil, jitter: 0.5) == 5)
    #expect(RetrySchedule.pause(after: 1, wish: nil, jitter: 0) == 4)
    #expect(RetrySchedule.pause(after: 3, wish: nil, jitter: 1)?.rounded() == 360)
    #expect(RetrySchedule.pause(after: 1, wish: 60, jitter: 0.5) == 60)
    #expect(RetrySchedule.pause(after: 1, wish: 1e9, jitter: 0.5) == RetrySchedule.longestWish)
    #expect(RetrySchedule.pause(after: 7, wish: 0, jitter: 0.5) == 50_400)
    #expect(RetrySchedule.pause(after: 8, wish: nil, jitter: 0.5) == nil)
  }

  @Test func `a receiver may name seconds or a time`() {
    let now = Date(timeIntervalSince1970: 784_111_777)
    #expect(WebhookSender.seconds("120", from: now) == 120)
    #expect(WebhookSender.seconds("Sun, 06 Nov 1994 08:50:37 GMT", from: now) == 60)
    #expect(WebhookSender.seconds("soon", from: now) == nil)
    #expect(WebhookSender.seconds(nil, from: now) == nil)
  }
}
