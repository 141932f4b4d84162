import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct UserAdminPagesTests {
  @Test func `an admin changes a role, which counts at once`() async throws {
    try await withSite { client, site in
      let (admin, member) = (Browser(client), Browser(client))
      try await admin.register(name: "Ada", email: "ada@example.net")
      try await member.register(name: "Bob", email: "bob@example.net")
      let list = try await admin.get("/admin/users?q=bob")
      let action = try #require(list.text.firstMatch(of: #/action="(/admin/users/[^"]+/role)"/#))
      #expect(try await member.get("/admin/users").status == .forbidden)

      let answer = try await admin.post(
        String(action.1), ["role": "admin", "q": "bob", "page": "1"])

      #expect(answer.headers[.location] == "/admin/users?q=bob&page=1")
      let shown = try await admin.get("/admin/users?q=bob&page=1")
      #expect(shown.text.contains("Bob is now an admin."))
      #expect(try await !admin.get("/admin/users").text.contains("Bob is now an admin."))
      #expect(try await member.get("/admin/users").status == .ok)
      #expect(shown.text.contains(#"name="role" value="member""#), "the way back")
    }
  }

  @Test func `the last admin stays one, and the page says why`() async throws {
    try await withSite { client, _ in
      let admin = Browser(client)
      try await admin.register(name: "Ada", email: "ada@example.net")
      let list = try await admin.get("/admin/users")
      let action = try #require(list.text.firstMatch(of: #/action="(/admin/users/[^"]+/role)"/#))

      let answer = try await admin.post(String(action.1), ["role": "member"])

      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("Ada is the last admin and stays one."))
      #expect(answer.text.contains("Make somebody else an admin first."))
      // The page of the list that it is answered with, whatever was sent.
      let odd = try await admin.post(
        String(action.1), ["role": "member", "page": "\(Int.max)"])
      #expect(odd.status == .unprocessableContent)
    }
  }

  @Test func `a member may neither look nor change`() async throws {
    try await withSite { client, _ in
      try await Browser(client).register(name: "Ada", email: "ada@example.net")
      let member = Browser(client)
      try await member.register(name: "Bob", email: "bob@example.net")

      let page = try await member.get("/admin/users")
      #expect(page.status == .forbidden)
      #expect(page.text.contains("Only admins may see the list of users."))
      #expect(!page.text.contains("ada@example.net"))

      let change = try await member.post("/admin/users/anybody/role", ["role": "admin"])
      #expect(change.status == .forbidden)
    }
  }

  @Test func `a role that doesn't exist is refused`() async throws {
    try await withSite { client, _ in
      let admin = Browser(client)
      try await admin.register(name: "Ada", email: "ada@example.net")
      try await admin.get("/admin/users")

      let answer = try await admin.post("/admin/users/anybody/role", ["role": "emperor"])

      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("Choose one of visitor, member and admin."))
    }
  }

  @Test func `a search that finds nobody says so and leads back`() async throws {
    try await withSite { client, _ in
      let admin = Browser(client)
      try await admin.register(name: "Ada", email: "ada@example.net")

      let page = try await admin.get("/admin/users?q=%3Cscript%3E")

      #expect(page.status == .ok)
      #expect(page.text.contains("Nobody found"))
      #expect(page.text.contains("&lt;script&gt;"))
      #expect(!page.text.contains("<script>"))
    }
  }
}
