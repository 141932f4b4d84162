import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct InvitationPagesTests {
  private static func link(in page: TestResponse) throws -> String {
    let found = try #require(page.text.firstMatch(of: #/\/invitation\?link=[A-Za-z0-9_-]+/#))
    return String(found.output)
  }

  @Test func `an owner invites somebody, who registers and is in the project`() async throws {
    try await withProject { ann, site in
      try await ann.get("/projects/shop/members")
      let wrong = try await ann.post(
        "/projects/shop/invitations", ["email": "nobody", "role": "editor"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains(#"value="nobody""#))
      let made = try await ann.post(
        "/projects/shop/invitations", ["email": "eve@example.net", "role": "editor"])
      let path = try Self.link(in: made)
      let later = try await ann.get("/projects/shop/members")
      #expect(later.text.contains("eve@example.net") && !later.text.contains("invitation?link"))

      let eve = Browser(site.client)
      let page = try await eve.get(path)
      #expect(page.text.contains("Ann invites you to the project shop, as an editor."))
      let secret = String(path.dropFirst("/invitation?link=".count))
      let weak = try await eve.post(
        "/invitation", ["link": secret, "name": "Eve", "password": "short"])
      #expect(weak.status == .unprocessableContent)
      #expect(weak.text.contains(#"value="Eve""#))
      let done = try await eve.post(
        "/invitation",
        // Mass assignment: what the link doesn't say isn't taken.
        [
          "link": secret, "name": "Eve", "password": "a long passphrase", "role": "admin",
          "email": "other@example.net", "projectRole": "owner",
        ])
      #expect(done.headers[.location] == "/projects")
      let project = try await eve.get("/projects/shop")
      #expect(project.text.contains("Your role here: editor"))
      #expect(try await eve.get("/admin/users").status == .forbidden)
      let again = try await Browser(site.client).get(path)
      #expect(again.headers[.location] == "/login")
    }
  }

  @Test func `who has an account is led through the login and accepts`() async throws {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net", password: "correct horse")
      try await ann.get("/admin/invitations")
      let made = try await ann.post(
        "/admin/invitations",
        [
          "email": "bob@example.net", "role": "member", "project": "shop",
          "projectRole": "viewer", "days": "7",
        ])
      let path = try Self.link(in: made)
      let outside = try await Browser(site.client).get(path)
      #expect(outside.text.contains("Log in, and you come back here."))
      let other = try await ann.get(path)
      #expect(other.text.contains("you are logged in as ann@example.net"))
      #expect(try await bob.get(path).text.contains("Accept"))
      let secret = String(path.dropFirst("/invitation?link=".count))
      let joined = try await bob.post("/invitation/join", ["link": secret])
      #expect(joined.headers[.location] == "/projects/shop")
      #expect(try await bob.get("/projects/shop").status == .ok)
      #expect(try await bob.get("/admin/invitations").status == .forbidden)
    }
  }

  @Test func `an admin revokes an invitation, and closes registration`() async throws {
    try await withSite { client, _ in
      let admin = Browser(client)
      try await admin.register(name: "Ada", email: "ada@example.net")
      try await admin.get("/admin/invitations")
      let made = try await admin.post(
        "/admin/invitations",
        [
          "email": "eve@example.net", "role": "member", "project": "", "projectRole": "viewer",
          "days": "1",
        ])
      let path = try Self.link(in: made)
      let revoke = try #require(
        try await admin.get("/admin/invitations").text.firstMatch(
          of: #/action="(/admin/invitations/[^"]+/revocation)"/#)?.1)
      let question = try await admin.post(String(revoke), [:])
      #expect(question.text.contains("Revoke the invitation of eve@example.net?"))
      #expect(try await Browser(client).get(path).status == .ok, "it is asked first")
      try await admin.post(String(revoke), fields: question.fields())
      #expect(try await Browser(client).get(path).headers[.location] == "/login")

      let settings = try await admin.get("/admin/settings")
      let version = try #require(
        settings.text.firstMatch(of: #/name="version" value="(\d+)"/#)?.1)
      let closed = try await admin.post(
        "/admin/settings/policy",
        [
          "version": String(version), "registration": "invitation", "cpu": "4",
          "memory": "8Gi", "pods": "50", "storage": "50Gi", "projectsPerPerson": "20",
          "replicas": "100",
        ])
      #expect(closed.headers[.location] == "/admin/settings")
      let stranger = Browser(client)
      #expect(try await !stranger.get("/login").text.contains("/register"))
      #expect(try await stranger.get("/register").text.contains("without an invitation"))
      let refused = try await stranger.post(
        "/register",
        ["name": "Zoe", "email": "zoe@example.net", "password": "a long passphrase"])
      #expect(refused.status == .forbidden)
    }
  }
}
