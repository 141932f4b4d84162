import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct OwnAccountPagesTests {
  private static func link(_ text: String, _ pattern: some RegexComponent<(Substring, Substring)>)
    throws -> String
  {
    Browser.plain(try #require(text.firstMatch(of: pattern)).output.1)
  }

  @Test func `a person changes their name and password and sees their sessions`() async throws {
    try await withSite { client, _ in
      let (ann, phone) = (Browser(client), Browser(client))
      try await ann.register(name: "Ann", email: "ann@example.net", password: "correct horse")
      try await phone.get("/login")
      try await phone.post(
        "/login", ["email": "ann@example.net", "password": "correct horse"])
      let page = try await ann.get("/account")
      #expect(page.text.contains("this one"))
      #expect(page.text.components(separatedBy: "/account/sessions/").count > 2)

      try await ann.post("/account/name", ["name": "Ann Lee"])
      #expect(try await ann.get("/account").text.contains("Ann Lee"))
      let wrong = try await ann.post(
        "/account/password", ["current": "wrong horse", "password": "short"])
      #expect(wrong.status == .unprocessableContent)
      #expect(Browser.plain(wrong.text[...]).contains("This isn't your password."))
      #expect(!wrong.text.contains("wrong horse"))
      let changed = try await ann.post(
        "/account/password", ["current": "correct horse", "password": "battery staple"])
      #expect(changed.headers[.location] == "/account")
      #expect(try await phone.get("/projects").headers[.location]?.hasPrefix("/login") == true)
      #expect(try await ann.get("/projects").status == .ok)
    }
  }

  @Test func `a token is shown once, opens pages without cookies, sends no form, and is revoked`()
    async throws
  {
    try await withSite { client, _ in
      let ann = Browser(client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/account")
      let made = try await ann.post(
        "/account/tokens", ["name": "CI", "scope": "read", "days": "30"])
      #expect(made.status == .ok)
      let secret = try Self.link(made.text, #/(babyhelm_[A-Za-z0-9_-]+)/#)
      #expect(try await !ann.get("/account").text.contains(secret))

      func ask(_ path: String, _ method: HTTPRequest.Method, _ token: String) async throws
        -> TestResponse
      {
        try await client.execute(
          uri: path, method: method,
          headers: [.authorization: "Bearer \(token)", .accept: "text/html"])
      }
      let projects = try await ask("/projects", .get, secret)
      #expect(projects.status == .ok)
      #expect(projects.headers[.setCookie] == nil)
      #expect(try await ask("/account", .get, secret).status == .forbidden)
      #expect(try await ask("/admin/users", .get, secret).status == .forbidden)
      #expect(try await ask("/account/name", .post, secret).status == .forbidden)
      let bad = try await ask("/projects", .get, "babyhelm_nonsense")
      #expect(bad.status == .unauthorized)
      #expect(bad.headers[.wwwAuthenticate]?.contains("invalid_token") == true)

      let revoke = try Self.link(
        try await ann.get("/account").text, #/action="(/account/tokens/[^"]+/revoke)"/#)
      let question = try await ann.post(revoke, [:])
      #expect(question.status == .ok && question.text.contains("Revoke the token “"))
      #expect(!question.text.contains(#"action="/language""#), "that would lead away from it")
      #expect(try await ask("/projects", .get, secret).status == .ok, "it is asked first")
      try await ann.post(revoke, fields: question.fields())
      #expect(try await ask("/projects", .get, secret).status == .unauthorized)
      let again = try await ann.post(revoke, [:])
      #expect(again.headers[.location] == "/account", "a second click does no harm")
    }
  }

  @Test func `a wrong token form comes back as it was typed`() async throws {
    try await withSite { client, _ in
      let ann = Browser(client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/account")
      let wrong = try await ann.post(
        "/account/tokens", ["name": "", "scope": "deploy", "days": "90"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains(##"href="#field-token-name""##))
      #expect(wrong.text.contains(#"value="deploy" selected"#))
      #expect(wrong.text.contains(#"value="90" selected"#))
    }
  }

  @Test func `an admin suspends somebody, and makes a link with which they set their password`()
    async throws
  {
    try await withSite { client, _ in
      let (admin, bob) = (Browser(client), Browser(client))
      try await admin.register(name: "Ada", email: "ada@example.net")
      try await bob.register(name: "Bob", email: "bob@example.net")
      let list = try await admin.get("/admin/users?q=bob")
      let suspension = try Self.link(
        list.text, #/action="(/admin/users/[^"]+/suspension)"/#)
      let reset = try Self.link(list.text, #/action="(/admin/users/[^"]+/reset)"/#)

      let question = try await admin.post(
        suspension, ["suspended": "yes", "q": "bob", "page": "1"])
      #expect(question.text.contains("Suspend Bob?"))
      #expect(question.text.contains(#"href="/admin/users?q=bob"#))
      #expect(try await bob.get("/projects").status == .ok, "it is asked first")
      let suspended = try await admin.post(suspension, fields: question.fields())
      #expect(suspended.headers[.location] == "/admin/users?q=bob&page=1")
      #expect(try await bob.get("/projects").headers[.location]?.hasPrefix("/login") == true)
      #expect(try await admin.get("/admin/users").text.contains("suspended"))
      try await admin.post(suspension, ["suspended": "no"])
      let made = try await admin.post(reset, ["q": "bob", "page": "1"])
      let path = try Self.link(made.text, #/(/reset\?link=[A-Za-z0-9_-]+)/#)

      let stranger = Browser(client)
      let form = try await stranger.get(path)
      #expect(form.text.contains("bob@example.net"))
      let secret = String(path.dropFirst("/reset?link=".count))
      let weak = try await stranger.post("/reset", ["link": secret, "password": "short"])
      #expect(weak.status == .unprocessableContent)
      let done = try await stranger.post(
        "/reset", ["link": secret, "password": "battery staple"])
      #expect(done.headers[.location] == "/login")
      try await stranger.get("/login")
      let signedIn = try await stranger.post(
        "/login", ["email": "bob@example.net", "password": "battery staple"])
      #expect(signedIn.headers[.location] == "/projects")
      let dead = try await Browser(client).get(path)
      #expect(dead.headers[.location] == "/login")
    }
  }

  @Test(arguments: [
    (
      "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
      "Firefox on Linux"
    ),
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36 Edg/129.0",
      "Edge on Windows"
    ),
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
      "Safari on iPhone"
    ),
    ("curl/8.5.0", "curl"), ("", "Unknown"), ("Thing/1", "Thing/1"),
  ])
  func `a device is named as people know it`(agent: String, name: String) {
    #expect(Device.name(agent) == name)
  }
}
