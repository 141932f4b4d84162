import Foundation
import TestSupport
import Testing

@testable import Domain

struct MailTests {
  private func choose(
    _ alerts: MailChoice.AlertChoice, _ releases: MailChoice.ReleaseChoice, for project: String?,
    _ person: Principal, _ fixture: NotificationFixture
  ) async throws {
    try await fixture.mailings.choose(
      MailChoiceDraft(alerts: alerts.rawValue, releases: releases.rawValue), for: project,
      as: person)
  }

  private func add(
    _ person: Principal, _ role: ProjectRole, _ fixture: NotificationFixture
  ) async throws {
    _ = try await fixture.base.projects.addMember(
      email: person.email, role: role, to: "shop", as: fixture.ann)
  }

  @Test(arguments: TestDatabase.available)
  func `people get mails of what they chose, else of critical alerts where they may act`(
    kind: TestDatabase
  ) async throws {
    let server = try TinyMailServer()
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      let bob = fixture.base.bob
      try await add(bob, .viewer, fixture)
      try await fixture.record(
        fixture.alert(severity: .critical), fixture.alert(.alertBegan, "b", severity: .warning),
        fixture.failure(1))
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      try await fixture.sendMails()
      let standard = server.mails

      try await choose(.none, .failed, for: nil, bob, fixture)
      try await choose(.none, .none, for: "shop", fixture.ann, fixture)
      try await fixture.record(fixture.alert(.alertBegan, "c"), fixture.failure(2))
      try await fixture.fanOut()
      try await fixture.sendMails()
      let chosen = server.mails.dropFirst(standard.count)

      #expect(standard.map(\.recipient) == [fixture.ann.email])
      let first = try #require(standard.first)
      #expect(first.lines.contains("Subject: [shop] web answers with errors"))
      #expect(!first.text.contains("Release #1"))
      #expect(chosen.map(\.recipient) == [bob.email])
      #expect(chosen.first?.text.contains("Release #2") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who was suspended or removed meanwhile gets nothing`(kind: TestDatabase) async throws {
    let server = try TinyMailServer()
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      let bob = fixture.base.bob
      try await add(bob, .editor, fixture)
      try await add(fixture.base.admin, .editor, fixture)
      try await fixture.record(fixture.alert())
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      _ = try await fixture.base.projects.removeMember(
        bob.userID, from: "shop", as: fixture.ann)
      try await fixture.base.database.write {
        try $0.execute("UPDATE users SET suspended_at = 1 WHERE email = \(fixture.ann.email)")
      }

      try await fixture.sendMails()

      #expect(server.mails.map(\.recipient) == [fixture.base.admin.email])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `alerts of a minute are one mail, and after ten in an hour the rest is one`(
    kind: TestDatabase
  ) async throws {
    let server = try TinyMailServer()
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      func happen(_ subjects: [String]) async throws {
        for subject in subjects {
          try await fixture.record(fixture.alert(.alertBegan, subject))
        }
        try await fixture.fanOut()
        fixture.clock.move(by: 61)
        try await fixture.sendMails()
      }
      try await happen(["a", "b", "c"])
      let together = server.mails.count
      for number in 2...Mailings.mostInHour { try await happen(["x\(number)"]) }
      let most = server.mails.count
      try await happen((1...43).map { "y\($0)" })
      let held = server.mails.count
      fixture.clock.move(by: 3600)
      try await fixture.sendMails()

      #expect([together, most, held].elementsEqual([1, Mailings.mostInHour, Mailings.mostInHour]))
      #expect(server.mails.count == Mailings.mostInHour + 1)
      let digest = try #require(server.mails.last)
      #expect(digest.text.contains("23 more"))
      #expect(digest.text.contains("and 42 more"))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a mail is tried again when the server refuses for now, and once when for good`(
    kind: TestDatabase
  ) async throws {
    let server = try TinyMailServer { address in
      address.hasPrefix("ann") ? "550 nobody here" : "451 later"
    }
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      try await add(fixture.base.bob, .editor, fixture)
      try await fixture.record(fixture.alert())
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      try await fixture.sendMails()
      fixture.clock.move(by: 6)
      try await fixture.sendMails()

      let failures = try await fixture.mailings.failures(as: fixture.base.admin)
      let ann = try #require(failures.first { $0.address == fixture.ann.email })
      let bob = try #require(failures.first { $0.address == fixture.base.bob.email })
      #expect([ann.attempts, bob.attempts].elementsEqual([1, 2]))
      #expect(ann.nextAt == nil && bob.nextAt != nil)
      #expect(ann.error.contains("nobody here"))
      // Both mails went over one connection, then one of them over another.
      #expect(server.connections == 2)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a server that refuses everybody for good is asked again`(
    kind: TestDatabase
  ) async throws {
    let server = try TinyMailServer(refusing: 1)
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      try await add(fixture.base.bob, .editor, fixture)
      try await fixture.record(fixture.alert())
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      try await fixture.sendMails()
      let failures = try await fixture.mailings.failures(as: fixture.base.admin)
      fixture.clock.move(by: 6)
      try await fixture.sendMails()

      #expect(failures.count == 2 && failures.allSatisfy { $0.nextAt != nil })
      #expect(failures.allSatisfy { $0.error.contains("no service for you") })
      #expect(server.mails.count == 2)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `mails that there is no time for are given back`(kind: TestDatabase) async throws {
    let server = try TinyMailServer()
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      try await add(fixture.base.bob, .editor, fixture)
      try await fixture.record(fixture.alert())
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      var courier = fixture.services.worker.mail
      courier.patience = .zero

      let tried = try await courier.proceed()

      #expect(tried == 0 && server.mails.isEmpty)
      let held = try await fixture.base.database.read {
        try $0.query("SELECT 1 AS x FROM mails WHERE leased_by IS NOT NULL OR attempts > 0").count
      }
      #expect(held == 0)
      try await fixture.sendMails()
      #expect(server.mails.count == 2)
    }
  }

  @Test func `each mail is known of as soon as the server replies`() async throws {
    let server = try TinyMailServer { address in
      address.hasPrefix("bob") ? "550 nobody here" : "250 fine"
    }
    defer { server.stop() }
    let client = SMTPClient(
      server: MailServer(
        host: "127.0.0.1", port: server.port, security: .none, sender: "babyhelm@example.org"))
    let composer = MailComposer(link: { _ in "https://b.example/" }, unsubscribe: { $0 })
    let messages = ["ann@example.org", "bob@example.org", "cem@example.org"].map { address in
      composer.message(
        id: "1", to: address, about: [], more: 0, token: "https://b.example/stop",
        at: Date(timeIntervalSince1970: 0))
    }
    var known: [String] = []
    await client.send(messages, until: .now + .seconds(600)) { index, failure in
      known.append("\(index) \(failure == nil) \(server.mails.count)")
    }
    #expect(known == ["0 true 1", "1 false 1", "2 true 2"])
  }

  @Test(arguments: TestDatabase.available)
  func `two replicas send each mail once`(kind: TestDatabase) async throws {
    let server = try TinyMailServer()
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      try await add(fixture.base.bob, .editor, fixture)
      try await fixture.record(fixture.alert())
      let other = fixture.replica(mailPort: server.port)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for replica in [fixture.services, other] {
          group.addTask { try await fixture.fanOut(replica) }
        }
        try await group.waitForAll()
        fixture.clock.move(by: 60)
        for replica in [fixture.services, other] {
          group.addTask { try await fixture.sendMails(replica) }
        }
        try await group.waitForAll()
      }

      #expect(
        server.mails.map(\.recipient).sorted() == [fixture.ann.email, fixture.base.bob.email])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the link in a mail ends all mails, and another text doesn't`(
    kind: TestDatabase
  ) async throws {
    let server = try TinyMailServer()
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      let token = try await fixture.mailings.token(for: fixture.ann.userID)
      let wrong = await refusal { try await fixture.mailings.stop(with: token + "A") }
      try await fixture.mailings.stop(with: token)
      try await fixture.record(fixture.alert())
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      try await fixture.sendMails()

      #expect(wrong?.reason == .notFound)
      #expect(server.mails.isEmpty)
      let settings = try await fixture.mailings.settings(for: nil, as: fixture.ann)
      #expect(settings.own == .nothing)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who ends all mails gets none that waits for another attempt either`(
    kind: TestDatabase
  ) async throws {
    let server = try TinyMailServer(refusing: 1)
    defer { server.stop() }
    try await withNotifications(kind, mailPort: server.port) { fixture in
      try await add(fixture.base.bob, .editor, fixture)
      try await fixture.record(fixture.alert())
      try await fixture.fanOut()
      fixture.clock.move(by: 60)
      try await fixture.sendMails()
      #expect(server.connections == 1 && server.mails.isEmpty)

      try await fixture.mailings.stop(
        with: try await fixture.mailings.token(for: fixture.ann.userID))
      fixture.clock.move(by: 6)
      try await fixture.sendMails()

      #expect(server.mails.map(\.recipient) == [fixture.base.bob.email])
    }
  }

  @Test func `no name adds a header, a recipient or a part`() throws {
    let server = MailServer(
      host: "mail.example", port: 587, security: .startTLS, sender: "babyhelm@example.org")
    let evil = "shop\r\nBcc: eve@example.net\r\n\r\n.\r\nMAIL FROM:<x>"
    let composer = MailComposer(link: { _ in "https://b.example/" }, unsubscribe: { $0 })
    let notice = Notice(
      .alertBegan, projectID: .random(), project: evil, subject: "a", title: evil, text: evil,
      place: .alerts, time: Date(timeIntervalSince1970: 0),
      facts: [.init(evil, "<script>alert(1)</script>")])
    let message = composer.message(
      id: "11111111-2222", to: "ann@example.org", about: [notice], more: 0,
      token: "https://b.example/stop", at: Date(timeIntervalSince1970: 0))

    let lines = message.lines(from: server)

    let headers = lines.prefix { !$0.isEmpty }
    #expect(headers.allSatisfy { !$0.hasPrefix("Bcc") })
    #expect(headers.filter { $0.hasPrefix("To:") } == ["To: <ann@example.org>"])
    #expect(headers.contains("Date: Thu, 1 Jan 1970 00:00:00 +0000"))
    #expect(headers.contains("Message-ID: <11111111-2222@example.org>"))
    #expect(headers.contains("Auto-Submitted: auto-generated"))
    #expect(headers.contains("List-Unsubscribe: <https://b.example/stop>"))
    #expect(lines.allSatisfy { !$0.contains("\r") && !$0.contains("\n") })
    #expect(lines.allSatisfy { $0.utf8.count <= 78 })
    let html = lines.drop { !$0.hasPrefix("Content-Type: text/html") }
    #expect(html.contains { $0.contains("&lt;script") })
    #expect(!html.contains { $0.contains("<script") })
    for address in ["ann@example.org\r\nRCPT TO:<eve@x.y>", "a b@c.d", "<a@b.c>", "ä@example.org"] {
      var other = message
      other.to = address
      #expect(other.recipient == nil, "\(address)")
    }
  }

  @Test func `a long or foreign subject is folded into encoded words`() throws {
    let lines = MailHeader.lines(
      "Subject", "[shop] Größe über alles — " + String(repeating: "日本語🚀", count: 12))

    #expect(lines.count > 3)
    #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.utf8.allSatisfy { $0 < 0x80 } })
    let words = lines.map { line in
      line.split(separator: "?").dropFirst(3).first.flatMap { Data(base64Encoded: String($0)) }
    }
    let text = words.map { String(decoding: $0 ?? Data(), as: UTF8.self) }.joined()
    #expect(text.hasPrefix("[shop] Größe über alles — 日本語🚀"))
    #expect(MailHeader.lines("Subject", "Release #7 failed") == ["Subject: Release #7 failed"])
    #expect(
      QuotedPrintable.lines("ä = b \nx")
        == ["=C3=A4 =3D b=20", "x"])
  }
}
