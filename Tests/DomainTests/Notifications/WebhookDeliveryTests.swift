import Crypto
import Foundation
import TestSupport
import Testing

@testable import Domain

struct WebhookDeliveryTests {
  @Test(arguments: TestDatabase.available)
  func `what happened is sent once, signed by the secret that was told once`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)

      try await fixture.record(fixture.failure(7), fixture.failure(7))
      try await fixture.fanOut()
      let count = try await fixture.deliver()
      try await fixture.fanOut()
      let again = try await fixture.deliver()

      #expect([count, again].elementsEqual([1, 0]))
      let hook = try #require(receiver.hooks.first)
      #expect(Self.isSigned(hook, by: made.secret))
      #expect(hook.text.contains(#""type":"release.failed""#))
      #expect(hook.text.contains(#""sequence":1"#))
      #expect(hook.text.contains(#""link":"https://babyhelm.example/shop""#))
      let delivery = try await fixture.delivery(made)
      #expect(delivery.state == .delivered)
      #expect(delivery.attempts.map(\.status) == [200])
      // Neither the secret nor its key stands in the database as it is.
      let stored = try await fixture.base.database.read {
        try $0.first("SELECT secret FROM webhooks")?.get("secret", as: String.self) ?? ""
      }
      #expect(!stored.contains(made.secret.dropFirst(6)))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a message is tried again by the schedule, and given up after a day`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver { _ in "500 Oops" }
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)
      try await fixture.record(fixture.failure(1))
      try await fixture.fanOut()
      try await fixture.deliver()

      for (index, pause) in RetrySchedule.pauses.enumerated() {
        fixture.clock.move(by: pause - 1)
        #expect(try await fixture.deliver() == 0, "too early after \(index + 1)")
        fixture.clock.move(by: 1)
        #expect(try await fixture.deliver() == 1, "attempt \(index + 2)")
      }

      let delivery = try await fixture.delivery(made)
      #expect(delivery.state == .failed)
      #expect(delivery.attempts.count == 8)
      #expect(delivery.attempts.allSatisfy { $0.error.contains("500") })
      #expect(Set(receiver.hooks.map(\.id)).count == 1)
      let webhook = try await fixture.webhooks.webhook(
        made.webhook.id, of: "shop", as: fixture.ann)
      #expect(webhook.failingSince != nil && !webhook.isPaused)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a receiver says when to come back, and that it wants nothing more`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver { number in
      number == 1 ? "429 Slow down\r\nRetry-After: 600" : "410 Gone"
    }
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)
      try await fixture.record(fixture.failure(1))
      try await fixture.fanOut()
      try await fixture.deliver()

      fixture.clock.move(by: 599)
      let early = try await fixture.deliver()
      fixture.clock.move(by: 1)
      let due = try await fixture.deliver()
      fixture.clock.move(by: 3600)
      let afterwards = try await fixture.deliver()

      #expect([early, due, afterwards].elementsEqual([0, 1, 0]))
      let webhook = try await fixture.webhooks.webhook(
        made.webhook.id, of: "shop", as: fixture.ann)
      #expect(webhook.isPaused)
      #expect(webhook.pauseReason.contains("410"))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who takes nothing for three days is paused, and saved anew gets another chance`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver { number in number <= 2 ? "500 Oops" : "204 Fine" }
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let made = try await fixture.webhook(receiver.url)
      try await fixture.record(fixture.failure(1))
      try await fixture.fanOut()
      try await fixture.deliver()
      fixture.clock.move(by: Webhook.patience)
      try await fixture.deliver()
      let paused = try await fixture.webhooks.webhook(
        made.webhook.id, of: "shop", as: fixture.ann)

      var draft = WebhookDraft(paused)
      draft.isPaused = false
      let mended = try await fixture.webhooks.change(
        paused.id, to: draft, from: paused.version, in: "shop", as: fixture.ann)
      fixture.clock.move(by: 3600)
      try await fixture.deliver()

      #expect(paused.isPaused && paused.pauseReason.contains("three days"))
      #expect(!mended.isPaused && mended.failingSince == nil)
      #expect(try await fixture.delivery(made).state == .delivered)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two replicas send each message once`(kind: TestDatabase) async throws {
    let receivers = try (0..<4).map { _ in try HookReceiver() }
    defer { for receiver in receivers { receiver.stop() } }
    try await withNotifications(kind) { fixture in
      for (index, receiver) in receivers.enumerated() {
        _ = try await fixture.webhook(receiver.url, name: "hook \(index)")
      }
      for number in 1...10 { try await fixture.record(fixture.failure(number)) }

      try await withThrowingTaskGroup(of: Void.self) { group in
        for replica in [fixture.services, fixture.replica()] {
          group.addTask {
            for _ in 1...3 {
              try await fixture.fanOut(replica)
              try await fixture.deliver(replica)
            }
          }
        }
        try await group.waitForAll()
      }
      // One may have waited for the other's message when it looked last.
      try await fixture.deliver()

      for receiver in receivers {
        #expect(receiver.hooks.count == 10)
        #expect(Set(receiver.hooks.map(\.id)).count == 10)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what a process held that died is sent by another one`(kind: TestDatabase) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      _ = try await fixture.webhook(receiver.url)
      try await fixture.record(fixture.failure(1))
      try await fixture.fanOut()
      let dead = fixture.replica()
      let held = try await dead.worker.courier.claim()

      let early = try await fixture.deliver()
      fixture.clock.move(by: WebhookCourier.leaseSeconds + 1)
      let late = try await fixture.deliver()

      #expect(held != nil)
      #expect([early, late].elementsEqual([0, 1]))
      #expect(receiver.hooks.count == 1)
    }
  }

  @Test func `a receiver that is silent holds up nobody else`() async throws {
    let receiver = try HookReceiver()
    let silent = try TinyServer(.silent)
    defer {
      receiver.stop()
      silent.stop()
    }
    try await withNotifications(.sqlite) { fixture in
      _ = try await fixture.webhook("http://127.0.0.1:\(silent.port)/", name: "a silent one")
      _ = try await fixture.webhook(receiver.url, name: "one that listens")
      for number in 1...3 { try await fixture.record(fixture.failure(number)) }
      let work = Task { try await fixture.services.worker.run() }

      try await eventually("the other gets all", within: .seconds(8)) {
        receiver.hooks.count == 3
      }

      work.cancel()
      try await work.value
      // What was being sent when the program ended counts as not tried.
      let tried = try await fixture.base.database.read {
        try $0.first("SELECT SUM(attempts) AS n FROM webhook_deliveries WHERE state = 'waiting'")?
          .get("n", as: Int?.self)
      }
      #expect(tried == 0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a webhook gets sixty messages a minute, and the rest later`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      _ = try await fixture.webhook(receiver.url)
      for number in 1...70 { try await fixture.record(fixture.failure(number)) }
      try await fixture.fanOut()

      let first = try await fixture.deliver()
      fixture.clock.move(by: 61)
      let rest = try await fixture.deliver()

      #expect([first, rest].elementsEqual([Webhook.mostInMinute, 10]))
    }
  }

  @Test func `who took a message may say a lot about it`() async throws {
    let receiver = try HookReceiver(saying: String(repeating: "x", count: 200_000))
    defer { receiver.stop() }
    try await withNotifications(.sqlite) { fixture in
      let made = try await fixture.webhook(receiver.url)
      let delivery = try await fixture.webhooks.test(
        made.webhook.id, in: "shop", as: fixture.ann)

      #expect(delivery.state == .delivered)
      #expect(delivery.attempts.map(\.status) == [200])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a replaced secret signs too for a day`(kind: TestDatabase) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      let old = try await fixture.webhook(receiver.url)
      let new = try await fixture.webhooks.rotateSecret(
        of: old.webhook.id, in: "shop", as: fixture.ann)

      _ = try await fixture.webhooks.test(old.webhook.id, in: "shop", as: fixture.ann)
      fixture.clock.move(by: Webhook.oldSecretLifetime)
      _ = try await fixture.webhooks.test(old.webhook.id, in: "shop", as: fixture.ann)

      let hooks = receiver.hooks
      #expect(hooks.map { Self.isSigned($0, by: new.secret) } == [true, true])
      #expect(hooks.map { Self.isSigned($0, by: old.secret) } == [true, false])
    }
  }

  @Test(arguments: ["http://127.0.0.1:1/", "https://169.254.169.254/", "https://localhost/"])
  func `nothing is sent into the server's own surroundings`(url: String) async throws {
    try await withNotifications(.sqlite, networks: []) { fixture in
      guard url.hasPrefix("https") else {
        let error = await refusal { try await fixture.webhook(url) }
        #expect(error?.fields.map(\.field) == ["url"])
        return
      }
      let made = try await fixture.webhook(url)
      let delivery = try await fixture.webhooks.test(
        made.webhook.id, in: "shop", as: fixture.ann)

      #expect(delivery.state == .failed)
      #expect(delivery.attempts.first?.status == nil)
      let said = delivery.attempts.first?.error ?? ""
      #expect(said.contains("connects to nothing") || said.contains("nobody outside"), "\(said)")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `alerts of a minute are one message in a chat, and nobody can write into it`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      _ = try await fixture.webhook(receiver.url, format: .chat)
      try await fixture.record(
        fixture.alert(.alertBegan, "a", title: "<!channel> & co, @all: [here](https://e.vil)"))
      try await fixture.fanOut()
      fixture.clock.move(by: 30)
      try await fixture.record(fixture.alert(.alertBegan, "b"))
      try await fixture.fanOut()
      let early = try await fixture.deliver()
      fixture.clock.move(by: 30)
      let due = try await fixture.deliver()

      #expect([early, due].elementsEqual([0, 1]))
      let text = try #require(receiver.hooks.first?.text)
      #expect(text.contains("[critical] &lt;!channel&gt; &amp; co"))
      #expect(!text.contains(#/@all|\]\(/#) && text.contains("[here]"))
      #expect(text.contains("web answers with errors"))
      #expect(text.hasPrefix(#"{"text":"#))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an alert that goes on isn't told again within an hour, unless it ended`(
    kind: TestDatabase
  ) async throws {
    let receiver = try HookReceiver()
    defer { receiver.stop() }
    try await withNotifications(kind) { fixture in
      _ = try await fixture.webhook(receiver.url)
      func happen(_ alert: Notice, after seconds: Double) async throws -> Int {
        fixture.clock.move(by: seconds)
        try await fixture.record(alert)
        try await fixture.fanOut()
        return try await fixture.deliver()
      }

      let told = [
        try await happen(fixture.alert(.alertBegan, occurrence: "1"), after: 0),
        try await happen(fixture.alert(.alertBegan, occurrence: "2"), after: 3599),
        try await happen(fixture.alert(.alertBegan, occurrence: "3"), after: 2),
        try await happen(fixture.alert(.alertEnded, occurrence: "3"), after: 1),
        try await happen(
          fixture.alert(.alertBegan, occurrence: "4", severity: .warning), after: 1),
        try await happen(fixture.alert(.alertBegan, occurrence: "5", severity: .info), after: 1),
        // What got worse is news.
        try await happen(fixture.alert(.alertBegan, occurrence: "6"), after: 1),
      ]

      #expect(told == [1, 0, 1, 1, 1, 0, 1])
    }
  }

  /// Checked as the specification says, by other code than ours.
  static func isSigned(_ hook: HookReceiver.Hook, by secret: String) -> Bool {
    guard let key = Data(base64Encoded: String(secret.dropFirst("whsec_".count))) else {
      return false
    }
    let stamp = hook.headers["webhook-timestamp"] ?? ""
    let content = Data("\(hook.id).\(stamp).\(hook.text)".utf8)
    return (hook.headers["webhook-signature"] ?? "").split(separator: " ").contains { part in
      guard part.hasPrefix("v1,"), let code = Data(base64Encoded: String(part.dropFirst(3))) else {
        return false
      }
      return HMAC<SHA256>.isValidAuthenticationCode(
        code, authenticating: content, using: SymmetricKey(data: key))
    }
  }
}
