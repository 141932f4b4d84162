import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct FormTokenTests {
  private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

  @Test(arguments: ["", "wrong", "////"])
  func `a form without its token changes nothing`(token: String) async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")

      let answer = try await browser.post("/logout", ["_token": token])

      #expect(answer.status == .forbidden)
      #expect(answer.text.contains("This form is out of date"))
      #expect(try await browser.get("/admin/users").status == .ok)
    }
  }

  @Test func `what was typed into a form of an ended session is sent again`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")

      let answer = try await browser.post(
        "/projects/new", ["_token": "of another session", "name": "Shop \"1\"", "cpu": "4"])

      #expect(answer.status == .forbidden)
      #expect(answer.text.contains("All that you typed is kept"))
      #expect(answer.text.contains("action=\"/projects/new\""))
      #expect(answer.text.contains("name=\"name\" value=\"Shop &quot;1&quot;\""))
      // Its own token is a good one: the form is checked, not refused.
      let again = try await browser.post("/projects/new", ["name": "Shop \"1\"", "cpu": "4"])
      #expect(again.status == .unprocessableContent)
    }
  }

  @Test func `a password is never written into a page`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)

      let answer = try await browser.post(
        "/login", ["email": "ada@example.net", "password": "correct horse"])

      #expect(answer.status == .forbidden)
      #expect(!answer.text.contains("correct horse"))
    }
  }

  @Test func `another person's token is of no use`() async throws {
    try await withSite { client, _ in
      let (ada, bob) = (Browser(client), Browser(client))
      try await ada.register(name: "Ada", email: "ada@example.net")
      try await bob.register(name: "Bob", email: "bob@example.net")

      #expect(try await bob.post("/logout", ["_token": ada.token]).status == .forbidden)
      #expect(try await bob.post("/logout", [:]).status == .seeOther)
    }
  }

  @Test func `logging in needs a token too`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      let answer = try await browser.post("/login", ["email": "a@b.c", "password": "x"])
      #expect(answer.status == .forbidden)
    }
  }

  @Test(
    arguments: [
      ("https://evil.example", nil), ("null", nil), ("http://localhost", "cross-site"),
      ("http://localhost", "same-site"), (nil, "cross-site"), (nil, "none"), (nil, nil),
      ("http://localhost.evil.example", nil), ("https://localhost", nil),
    ] as [(String?, String?)])
  func `a form from elsewhere is refused, even with the right token`(
    origin: String?, site: String?
  ) async throws {
    try await withSite(Site(publicOrigin: "http://localhost")) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      var headers = Self.form
      headers[.origin] = origin
      headers[Browser.fetchSite] = site

      let answer = try await browser.post("/logout", [:], headers: headers)

      #expect(answer.status == .forbidden)
      #expect(answer.text.contains("This form was not sent from a BabyHelm page."))
    }
  }

  @Test(
    arguments: [
      ("http://localhost", nil), ("http://localhost", "same-origin"), (nil, "same-origin"),
    ] as [(String?, String?)])
  func `a form from our own page is taken`(origin: String?, site: String?) async throws {
    try await withSite(Site(publicOrigin: "http://localhost")) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      var headers = Self.form
      headers[.origin] = origin
      headers[Browser.fetchSite] = site

      #expect(try await browser.post("/logout", [:], headers: headers).status == .seeOther)
    }
  }

  @Test func `a token never looks the same twice and still fits`() {
    let secret = FormSecret.session("an example of a secret")
    let tokens = (0..<50).map { _ in secret.token() }

    #expect(Set(tokens).count == 50)
    #expect(tokens.allSatisfy(secret.accepts))
    #expect(!FormSecret.session("another secret, as long").accepts(tokens[0]))
    #expect(!FormSecret.none.accepts(""))
  }
}
