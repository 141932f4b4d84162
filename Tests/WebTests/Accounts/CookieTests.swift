import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct CookieTests {
  @Test func `over HTTP the session cookie is hidden from scripts and other sites`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.get("/register")

      let answer = try await browser.post(
        "/register", ["name": "Ada", "email": "ada@example.net", "password": "correct horse"])

      let cookie = try #require(answer.cookie("babyhelm"))
      #expect(cookie.contains("HttpOnly"))
      #expect(cookie.contains("SameSite=Lax"))
      #expect(cookie.contains("Path=/"))
      #expect(cookie.contains("Max-Age="))
      #expect(!cookie.contains("Domain"))
      #expect(!cookie.contains("Secure"))
    }
  }

  @Test func `over HTTPS it is bound to the host`() async throws {
    try await withSite(Site(publicOrigin: "https://babyhelm.example.net")) { client, _ in
      let browser = Browser(client)
      let page = try await browser.get("/register")
      #expect(page.cookie("__Host-babyhelm-form")?.contains("Secure") == true)

      let answer = try await browser.post(
        "/register", ["name": "Ada", "email": "ada@example.net", "password": "correct horse"])

      let cookie = try #require(answer.cookie("__Host-babyhelm"))
      #expect(cookie.contains("Secure"))
      #expect(cookie.contains("Path=/"))
      #expect(!cookie.contains("Domain"))
      #expect(page.headers[.strictTransportSecurity] == "max-age=31536000")
    }
  }

  @Test func `a cookie that is no session is taken away`() async throws {
    try await withSite { client, _ in
      let answer = try await client.executeRequest(
        uri: "/login", method: .get, headers: [.cookie: "babyhelm=nonsense"], body: nil)

      #expect(answer.status == .ok)
      #expect(answer.cookie("babyhelm")?.contains("Max-Age=0") == true)
    }
  }

  @Test func `a message is shown once and only if we sealed it`() {
    let sealed = Flash.success("Ada is now an admin.").sealed(with: "secret")

    #expect(Flash.open(sealed, with: "secret") == .success("Ada is now an admin."))
    #expect(Flash.open(sealed, with: "another") == nil)
    #expect(Flash.open(sealed, with: "") == nil)
    #expect(Flash.open(String(sealed.dropFirst()), with: "secret") == nil)
  }
}
