import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// Webhooks and mails on pages and through the API.
@Suite struct NotificationTests {
  private static let wish: JSON = [
    "name": "Robot", "url": "https://hooks.example.org/a?key=1", "format": "json",
    "events": ["release.failed"],
  ]

  @Test func `a webhook is made, read, changed as it was seen, and removed`() async throws {
    try await withAPI { program, _, _ in
      let made = try await program.post("/projects/shop/webhooks", Self.wish)
      let location = try #require(made.headers[.location])
      let path = String(location.dropFirst(APIRoute.base.count))
      let tag = try #require(made.headers[.eTag])
      let read = try await program.get(path)
      let wrong = try await program.send(
        .put, path,
        ["name": "", "url": "http://a", "format": "json", "events": ["release.failed"]])
      let changed = try await program.send(
        .put, path,
        [
          "name": "Chat", "url": "https://hooks.example.org/", "format": "chat",
          "events": ["alert.began", "alert.ended"], "isPaused": true,
        ], [.ifMatch: tag])
      let late = try await program.send(.put, path, Self.wish, [.ifMatch: tag])
      let rotated = try await program.post("\(path)/secret")
      let messages = try await program.get("\(path)/deliveries")

      #expect(made.status == .created)
      #expect(made.json["secret"]?.string?.hasPrefix("whsec_") == true)
      // Followed by a digest of what it shows, which If-Match doesn't ask for.
      #expect(read.headers[.eTag]?.hasPrefix(tag.dropLast()) == true)
      #expect(read.json == made.json["webhook"])
      #expect(wrong.status == .unprocessableContent)
      #expect(changed.json["name"] == "Chat" && changed.json["isPaused"] == true)
      #expect(late.status == .preconditionFailed)
      #expect(rotated.status == .created && rotated.json["secret"] != made.json["secret"])
      #expect(messages.json["items"]?.array?.isEmpty == true)
      #expect(try await program.send(.delete, path).status == .noContent)
      #expect(try await program.get(path).status == .notFound)
    }
  }

  @Test func `what is known of a webhook stays among editors`() async throws {
    try await withAPI { program, _, site in
      let made = try await program.post("/projects/shop/webhooks", Self.wish)
      let id = try #require(made.json["webhook"]?["id"]?.string)
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await program.post(
        "/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])

      let page = try await bob.get("/projects/shop/notifications")
      let one = try await bob.get("/projects/shop/webhooks/\(id)")

      #expect(page.status == .ok)
      #expect(!page.text.contains("hooks.example.org") && !page.text.contains("Robot"))
      #expect(page.text.contains("Only editors and owners of this project may manage its webhooks"))
      #expect(one.status == .forbidden)
    }
  }

  @Test func `a form with mistakes comes back with what was typed`() async throws {
    try await withAPI { _, ann, _ in
      try await ann.get("/projects/shop/notifications")
      let page = try await ann.post(
        "/projects/shop/webhooks",
        ["name": "My <robot>", "url": "ftp://x", "format": "chat", "events": "alert.began"])

      #expect(page.status == .unprocessableContent)
      #expect(page.text.contains(#"value="My &lt;robot&gt;""#))
      #expect(page.text.contains(#"value="ftp://x""#))
      #expect(page.text.contains("This is no address like"))
      #expect(page.text.contains(#"value="alert.began" checked"#))
      #expect(!page.text.contains(#"value="release.failed" checked"#))

      let plain = try await ann.post(
        "/projects/shop/webhooks",
        ["name": "Plain", "url": "http://hooks.example.org/x", "format": "chat"])
      #expect(plain.text.contains("The address has to begin with https://."))
    }
  }

  @Test func `everybody chooses of what they get mails, for all projects and for one`()
    async throws
  {
    try await withAPI { program, ann, _ in
      let standard = try await program.get("/projects/shop/mails")
      try await ann.get("/account")
      try await ann.post("/account/mails", ["alerts": "all", "releases": "failed"])
      let general = try await program.get("/projects/shop/mails")
      let own = try await program.send(
        .put, "/projects/shop/mails", ["alerts": "none", "releases": "all"])
      let page = try await ann.get("/projects/shop/notifications")
      let token = try await program.send(
        .put, "/me/mails", ["alerts": "none", "releases": "none"])
      let reset = try await program.send(.delete, "/projects/shop/mails")

      #expect(standard.json["effective"] == ["alerts": "critical", "releases": "none"])
      #expect(general.json["effective"] == ["alerts": "all", "releases": "failed"])
      #expect(own.json["own"] == ["alerts": "none", "releases": "all"])
      #expect(page.text.contains("This BabyHelm sends no mails"))
      #expect(token.status == .forbidden)
      #expect(reset.status == .noContent)
      #expect(
        try await program.get("/projects/shop/mails").json["effective"]
          == ["alerts": "all", "releases": "failed"])
    }
  }

  @Test func `a link to end mails that isn't one is told so, without a login`() async throws {
    try await withAPI { _, _, site in
      let stranger = Browser(site.client)
      let page = try await stranger.get("/unsubscribe?link=x")
      let answer = try await stranger.post("/unsubscribe", ["link": "x"])

      #expect(page.status == .ok)
      #expect(answer.headers[.location] == "/login")
      let login = try await stranger.get("/login")
      #expect(Browser.plain(Substring(login.text)).contains("This link isn't good any more"))
    }
  }

  @Test(arguments: [
    ("smtp://helm:secret@mail.example", "without a password"),
    ("http://mail.example", "must be like smtp://"),
    ("smtps://mail.example?tls=none", "knows no option but"),
    ("smtp://helm@mail.example", "--smtp-password-file"),
  ])
  func `a mail server that can't be is refused in words`(url: String, said: String) throws {
    let error = #expect(throws: StartupError.self) {
      try AppConfiguration(
        flags: [.smtpURL: url, .smtpFrom: "babyhelm@example.org"], environment: [:])
    }
    let text = error?.message ?? ""
    #expect(text.contains(said), "\(text)")
    #expect(!text.contains("secret"))
  }

  @Test func `a mail server's address says how it is spoken to`() throws {
    func server(_ url: String) throws -> MailServer? {
      try AppConfiguration(
        flags: [.smtpURL: url, .smtpFrom: "The Helm <helm@example.org>"], environment: [:]
      ).mailServer
    }
    let plain = try #require(try server("smtp://mail.example"))
    let implicit = try #require(try server("smtps://[::1]:4650"))
    let open = try #require(try server("smtp://mail.example:25?tls=none"))

    #expect(plain.port == 587 && plain.security == .startTLS)
    #expect(plain.sender == "helm@example.org" && plain.senderName == "The Helm")
    #expect(implicit.host == "::1" && implicit.port == 4650 && implicit.security == .implicit)
    #expect(open.port == 25 && open.security == .none)
  }
}
