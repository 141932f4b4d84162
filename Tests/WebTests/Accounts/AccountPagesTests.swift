import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct AccountPagesTests {
  @Test func `a person registers, logs out and logs in again`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.get("/register")

      let registered = try await browser.post(
        "/register", ["name": "Ada", "email": "ada@example.net", "password": "correct horse"])
      #expect(registered.status == .seeOther)
      #expect(registered.headers[.location] == "/projects")
      let home = try await browser.get("/")
      #expect(home.headers[.location] == "/projects")

      try await browser.get("/admin/users")
      let left = try await browser.post("/logout", [:])
      #expect(left.headers[.location] == "/")
      #expect(browser.cookies["babyhelm"] == nil)
      #expect(try await browser.get("/").text.contains("in one form"))

      try await browser.get("/login")
      let back = try await browser.post(
        "/login", ["email": "ada@example.net", "password": "correct horse"])
      #expect(back.headers[.location] == "/projects")
    }
  }

  @Test func `a session's cookie is of no use after logging out`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      let stolen = try #require(browser.cookies["babyhelm"])
      try await browser.get("/admin/users")

      try await browser.post("/logout", [:])

      let thief = try await client.executeRequest(
        uri: "/admin/users", method: .get, headers: [.cookie: "babyhelm=\(stolen)"], body: nil)
      #expect(thief.status == .seeOther)
    }
  }

  @Test func `a rejected registration keeps what was typed, but no password`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.get("/register")

      let page = try await browser.post(
        "/register", ["name": "Ada <b>", "email": "not an address", "password": "secret9"])

      #expect(page.status == .unprocessableContent)
      #expect(page.text.contains(#"value="Ada &lt;b&gt;""#))
      #expect(page.text.contains(#"value="not an address""#))
      #expect(!page.text.contains("secret9"))
      #expect(page.text.contains(##"href="#field-email""##))
      #expect(page.text.contains(#"aria-invalid="true" aria-describedby="field-email-error""#))
      #expect(page.text.contains("2 fields need a correction."))
    }
  }

  @Test func `a wrong password keeps the address and says no more than needed`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      browser.forget("babyhelm")
      try await browser.get("/login")

      let wrong = try await browser.post(
        "/login", ["email": "ada@example.net", "password": "wrong", "next": "/admin/users"])
      let unknown = try await browser.post(
        "/login", ["email": "bob@example.net", "password": "wrong"])

      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains(#"value="ada@example.net""#))
      #expect(wrong.text.contains(#"name="next" value="/admin/users""#))
      #expect(unknown.status == .unprocessableContent)
      #expect(unknown.text.contains("The e-mail address or the password is wrong."))
    }
  }

  @Test(arguments: [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "javascript:alert(1)", "evil.example", "",
  ])
  func `nobody is sent to another site after logging in`(next: String) async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      browser.forget("babyhelm")
      try await browser.get("/login")

      let answer = try await browser.post(
        "/login", ["email": "ada@example.net", "password": "correct horse", "next": next])

      #expect(answer.headers[.location] == "/projects")
    }
  }

  @Test func `a visitor comes back to the page they asked for`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      browser.forget("babyhelm")

      let refused = try await browser.get("/admin/users?q=a%20b&page=1")
      let login = try #require(refused.headers[.location])
      #expect(refused.status == .seeOther)
      let page = try await browser.get(login)
      #expect(page.text.contains(#"name="next" value="/admin/users?q=a%20b&amp;page=1""#))

      let answer = try await browser.post(
        "/login",
        [
          "email": "ada@example.net", "password": "correct horse",
          "next": "/admin/users?q=a%20b&page=1",
        ])
      #expect(answer.headers[.location] == "/admin/users?q=a%20b&page=1")
    }
  }

  @Test func `the setup code makes the first admin, and is asked for until then`() async throws {
    try await withSite(isSandbox: false) { client, site in
      let code = try #require(site.setupCode)
      let browser = Browser(client)
      #expect(try await browser.get("/register").text.contains("field-setupCode"))

      let wrong = try await browser.post(
        "/register",
        [
          "name": "Ada", "email": "ada@example.net", "password": "correct horse",
          "setupCode": "AAAA-AAAA",
        ])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains("field-setupCode-error"))

      try await browser.post(
        "/register",
        [
          "name": "Ada", "email": "ada@example.net", "password": "correct horse",
          "setupCode": code,
        ])
      #expect(try await browser.get("/admin/users").status == .ok)
      let other = Browser(client)
      #expect(try await !other.get("/register").text.contains("field-setupCode"))
    }
  }

  @Test func `somebody signed in has no use for the login page`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")

      #expect(
        try await browser.get("/login?next=/admin/users").headers[.location] == "/admin/users")
      #expect(try await browser.get("/register").headers[.location] == "/projects")
    }
  }
}
