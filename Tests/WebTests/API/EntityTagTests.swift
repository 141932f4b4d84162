import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

struct EntityTagTests {
  @Test func `a read answer isn't sent again to who has it`() async throws {
    try await withAPI { program, _, _ in
      for path in ["/me", "/projects", "/projects/shop", "/projects/shop/members", "/openapi.json"]
      {
        let first = try await program.get(path)
        let tag = try #require(first.headers[.eTag], "\(path)")
        let again = try await program.get(path, [.ifNoneMatch: tag])
        #expect(again.status == .notModified && again.text.isEmpty, "\(path)")
        #expect(again.headers[.eTag] == tag)
        #expect(again.headers[.contentType] == nil)
        let list = try await program.get(path, [.ifNoneMatch: "\"other\", \(tag)"])
        #expect(list.status == .notModified)
        let any = try await program.get(path, [.ifNoneMatch: "*"])
        #expect(any.status == .notModified)
        let other = try await program.get(path, [.ifNoneMatch: "\"other\""])
        #expect(other.status == .ok && other.text == first.text)
      }
      // A refusal has no tag, and no condition hides it.
      let missing = try await program.get("/projects/nothing", [.ifNoneMatch: "*"])
      #expect(missing.status == .notFound && missing.headers[.eTag] == nil)
    }
  }

  @Test func `the tag of what can be edited admits the edit, and tells what it shows`()
    async throws
  {
    try await withAPI { program, _, _ in
      let settings = try await program.get("/admin/settings")
      let tag = try #require(settings.headers[.eTag])
      #expect(!tag.hasPrefix("W/"))
      let unchanged = try await program.get("/admin/settings", [.ifNoneMatch: tag])
      #expect(unchanged.status == .notModified)
      let wish: JSON = ["policy": ["projectsPerPerson": 7]]
      let edited = try await program.send(.put, "/admin/settings", wish, [.ifMatch: tag])
      #expect(edited.status == .ok, "\(edited.text)")
      let late = try await program.send(.put, "/admin/settings", wish, [.ifMatch: tag])
      #expect(late.status == .preconditionFailed)
      let forged = try await program.send(
        .put, "/admin/settings", wish, [.ifMatch: "\"0\", W/\(edited.headers[.eTag] ?? "")"])
      #expect(forged.status == .preconditionFailed, "a weak tag is no strong one")
    }
  }

  @Test func `another body has another tag, and a version stands in front`() {
    let (one, two) = (EntityTag(of: Array("1".utf8)), EntityTag(of: Array("2".utf8)))
    #expect(one != two && one == EntityTag(of: Array("1".utf8)))
    #expect(one.text.hasPrefix("W/\""))
    let edited = EntityTag(of: Array("1".utf8), version: "\"v7\"")
    #expect(edited.text.hasPrefix("\"v7.") && edited.text.hasSuffix("\""))
    #expect(EntityTag.matches(edited.text, version: "\"v7\""))
    #expect(EntityTag.matches("\"v7\"", version: "\"v7\""))
    #expect(!EntityTag.matches("\"v70.aa\"", version: "\"v7\""))
    #expect(!EntityTag.matches("v7.aa", version: "\"v7\""))
    #expect(!EntityTag.matches("", version: "\"v7\""))
    #expect(!one.matches(nil) && !one.matches("") && one.matches("W/\(one.text.dropFirst(2))"))
  }

  @Test func `no page of a list repeats or skips anybody when others come and go`() async throws {
    try await withAPI { program, _, site in
      for name in ["Bob", "Cid", "Dan", "Eve"] {
        let browser = Browser(site.client)
        try await browser.register(name: name, email: "\(name.lowercased())@example.net")
        try await program.post(
          "/projects/shop/members",
          ["email": .string("\(name.lowercased())@example.net"), "role": "viewer"])
      }
      let first = try await program.get("/projects/shop/members?limit=3")
      #expect(names(first) == ["Ann", "Bob", "Cid"])
      let bob = try #require(first.json["items"]?[1]?["id"]?.string)
      try await program.send(.delete, "/projects/shop/members/\(bob)")
      let next = try #require(first.json["next"]?.string)
      let second = try await program.get("/projects/shop/members?limit=3&cursor=\(next)")
      #expect(names(second) == ["Dan", "Eve"])

      let people = try await program.get("/admin/users?limit=2")
      #expect(names(people) == ["Ann", "Bob"])
      let rest = try await program.get(
        "/admin/users?limit=9&cursor=\(try #require(people.json["next"]?.string))")
      #expect(names(rest) == ["Cid", "Dan", "Eve"] && rest.json["next"] == .null)

      for name in ["x", "y", "z"] {
        try await program.post(
          "/admin/invitations", ["email": .string("\(name)@example.org")])
      }
      let open = try await program.get("/admin/invitations?limit=2")
      let emails = { (reply: Caller.Reply) in
        (reply.json["items"]?.array ?? []).compactMap { $0["email"]?.string }
      }
      #expect(emails(open) == ["z@example.org", "y@example.org"])
      let id = try #require(open.json["items"]?[0]?["id"]?.string)
      try await program.send(.delete, "/admin/invitations/\(id)")
      let older = try await program.get(
        "/admin/invitations?cursor=\(try #require(open.json["next"]?.string))")
      #expect(emails(older) == ["x@example.org"])
    }
  }

  private func names(_ reply: Caller.Reply) -> [String] {
    (reply.json["items"]?.array ?? []).compactMap { $0["name"]?.string }
  }
}
