import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

/// Sessions, forms and links in the hands of somebody who means harm.
@Suite(.timeLimit(.minutes(10))) struct SessionAttackTests {
  private static func sessionCount(_ site: SandboxSite) async throws -> Int {
    try await site.database.read {
      try $0.first("SELECT COUNT(*) AS number FROM sessions")?.get("number") ?? 0
    }
  }

  @Test func `class 12: a session that somebody planted before is of no use after`() async throws {
    try await withProject { ann, site in
      let (mallory, victim) = (Browser(site.client), Browser(site.client))
      try await mallory.register(name: "Mallory", email: "mallory@example.net")
      let planted = try #require(mallory.cookies["babyhelm"])

      // The victim's browser comes with Mallory's cookies and logs in as Ann.
      let page = try await site.client.executeRequest(
        uri: "/nowhere", method: .get,
        headers: [.cookie: "babyhelm=\(planted)", .accept: "text/html"], body: nil)
      let token = String(
        try #require(page.text.firstMatch(of: #/name="_token" value="([^"]+)"/#)?.1))
      var headers: HTTPFields = [
        .contentType: "application/x-www-form-urlencoded", .cookie: "babyhelm=\(planted)",
        .accept: "text/html",
      ]
      headers[Browser.fetchSite] = "same-origin"
      let before = try await Self.sessionCount(site)
      let answer = try await site.client.executeRequest(
        uri: "/login", method: .post, headers: headers,
        body: ByteBuffer(
          string: "email=ann%40example.net&password=correct%20horse&_token=\(token)"))

      #expect(answer.status == .seeOther)
      let own = try #require(answer.cookie("babyhelm")).split(separator: ";")[0].dropFirst(9)
      #expect(!own.isEmpty && own != planted)
      // The planted one has ended, and was never Ann's.
      #expect(try await Self.sessionCount(site) == before)
      #expect(try await mallory.get("/projects").status == .seeOther)
      _ = (ann, victim)
    }
  }

  @Test func `class 13: a token in an address is not looked at`() async throws {
    try await withProject { ann, site in
      let session = try #require(ann.cookies["babyhelm"])
      try await ann.get("/account")
      let made = try await ann.post(
        "/account/tokens", ["name": "ci", "scope": "admin", "days": "30"])
      let secret = String(
        try #require(made.text.firstMatch(of: #/babyhelm_[A-Za-z0-9_-]{40,}/#)).output)
      for name in ["token", "access_token", "babyhelm", "session", "jwt", "authorization"] {
        for value in [session, secret, "Bearer%20\(secret)"] {
          let answer = try await Browser(site.client).get("/projects?\(name)=\(value)")
          #expect(answer.status == .seeOther, "\(name)")
        }
      }
      // Other schemes, and two answers to one question.
      for value in [
        "Basic \(secret)", "Token \(secret)", secret, "Bearer \(secret), Bearer \(secret)",
        "Bearer", "Bearer \(secret)x", "Bearer \(session)",
      ] {
        let answer = try await site.client.executeRequest(
          uri: "/projects", method: .get,
          headers: [.authorization: value, .accept: "text/html"], body: nil)
        #expect(answer.status != .ok, "\(value.prefix(12))")
      }
    }
  }

  @Test func `class 9: nobody gets more by sending fields that no form has`() async throws {
    try await withProject { ann, site in
      let extra: [(String, String)] = [
        ("role", "admin"), ("platformRole", "admin"), ("isAdmin", "true"), ("is_admin", "1"),
        ("admin", "on"), ("userID", "1"), ("user_id", "1"), ("id", "1"), ("suspended", "no"),
        ("projectRole", "owner"), ("createdBy", "1"), ("namespaceUID", "1"), ("scope", "admin"),
        ("isDemo", "true"), ("setupCode", "AAAA-AAAA"),
      ]
      let eve = Browser(site.client)
      try await eve.get("/register")
      let made = try await eve.post(
        "/register",
        fields: [("name", "Eve"), ("email", "eve@example.net"), ("password", "correct horse")]
          + extra)
      #expect(made.status == .seeOther)
      #expect(try await eve.get("/admin/users").status == .forbidden)
      try await eve.get("/account")
      try await eve.post("/account/name", fields: [("name", "Eva")] + extra)
      #expect(try await eve.get("/admin/users").status == .forbidden)
      try await eve.get("/projects/new")
      try await eve.post(
        "/projects/new",
        fields: [("name", "evil"), ("cpu", "1"), ("memory", "1Gi"), ("pods", "5")] + extra)
      #expect(try await eve.get("/projects/evil").text.contains("Your role here: owner"))
      // What the address says can't be said otherwise by the form.
      let users = try await site.database.read {
        try $0.query("SELECT role FROM users WHERE email = 'eve@example.net'")
      }
      #expect(try users.map { try $0.get("role", as: String.self) } == ["member"])
      try await ann.get("/projects/shop/members")
      try await ann.post(
        "/projects/shop/members",
        fields: [("email", "eve@example.net"), ("role", "viewer"), ("project", "other")] + extra)
      #expect(try await eve.get("/projects/shop/audit").status == .forbidden)
    }
  }

  @Test(arguments: [
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil",
    "/%09/evil.example\n", "javascript:alert(1)", "http:evil.example", "///evil.example",
    "/\u{2028}/evil", "https:/evil.example", " //evil.example", "/\r\nSet-Cookie: a=b",
    "/..//evil.example/%2f..",
  ])
  func `no login leads to another site`(next: String) async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      let query = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      try await browser.get("/login?next=\(query)")
      try await browser.register(name: "Ada", email: "ada@example.net")
      let signedIn = try await browser.get("/login?next=\(query)")
      let location = signedIn.headers[.location] ?? "/"
      let base = try #require(URL(string: "http://localhost/login"))
      #expect(URL(string: location, relativeTo: base)?.host == "localhost", "\(location)")
      #expect(!location.hasPrefix("//") && !location.contains("\\"))

      try await browser.post("/logout", [:])
      try await browser.get("/login")
      let again = try await browser.post(
        "/login",
        ["email": "ada@example.net", "password": "correct horse", "next": next])
      let target = again.headers[.location] ?? "/"
      #expect(URL(string: target, relativeTo: base)?.host == "localhost", "\(target)")
      #expect(!target.hasPrefix("//") && !target.contains("\\"))
      #expect(again.headers[values: .setCookie].allSatisfy { !$0.hasPrefix("a=b") })
    }
  }

  @Test func `class 22: two people who ask at the same time get their own pages`() async throws {
    try await withSite { client, _ in
      let people = [("Ada", Browser(client)), ("Bob", Browser(client))]
      for (name, browser) in people {
        try await browser.register(name: name, email: "\(name.lowercased())@example.net")
      }
      let cookies = people.map { name, browser in
        (name, browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<600 {
          let (name, cookie) = cookies[number % 2]
          let other = cookies[1 - number % 2].0.lowercased()
          let path = ["/account", "/projects", "/projects/new"][number % 3]
          group.addTask {
            let answer = try await client.executeRequest(
              uri: path, method: .get, headers: [.cookie: cookie, .accept: "text/html"], body: nil)
            #expect(answer.status == .ok)
            #expect(answer.text.contains(name))
            #expect(!answer.text.contains("\(other)@example.net"))
            #expect(answer.headers[.cacheControl] == "private, no-cache")
          }
          if number >= 16 { try await group.next() }
        }
        try await group.waitForAll()
      }
    }
  }
}
