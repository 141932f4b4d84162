import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

struct ProjectDeletionPagesTests {
  @Test func `a project is deleted, found below the list, restored and removed for good`()
    async throws
  {
    try await withProject { ann, site in
      let settings = try await ann.get("/projects/shop/settings")
      #expect(settings.text.contains("the namespace shop, with its quota and guards"))
      let wrong = try await ann.post("/projects/shop/delete", ["confirmation": "shopp"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains(#"value="shopp""#))

      let deleted = try await ann.post("/projects/shop/delete", ["confirmation": "shop"])
      let list = try await ann.get("/projects")
      let gone = try await ann.get("/projects/shop")
      #expect(deleted.headers[.location] == "/projects/shop/deleted")
      #expect(list.text.contains(#"href="/projects/shop/deleted""#))
      #expect(gone.status == .notFound)

      let page = try await ann.get("/projects/shop/deleted")
      #expect(page.text.contains("Restore shop"))
      let restored = try await ann.post("/projects/shop/restore", [:])
      #expect(restored.headers[.location] == "/projects/shop")
      #expect(try await ann.get("/projects/shop").status == .ok)

      try await ann.get("/projects/shop/settings")
      try await ann.post("/projects/shop/delete", ["confirmation": "shop"])
      try await ann.get("/projects/shop/deleted")
      let refused = try await ann.post("/projects/shop/remove", ["confirmation": ""])
      #expect(refused.status == .unprocessableContent)
      let removed = try await ann.post("/projects/shop/remove", ["confirmation": "shop"])
      #expect(removed.headers[.location] == "/projects/shop/deleted")
      try await eventually("it is gone from the list") {
        try await !ann.get("/projects").text.contains("shop")
      }
      let led = try await ann.get("/projects/shop/deleted")
      #expect(led.headers[.location] == "/projects")
    }
  }

  @Test func `members who own nothing see why, and nothing of what was deleted`() async throws {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "editor"])

      let settings = try await bob.get("/projects/shop/settings")
      #expect(settings.text.contains("Only owners of this project may delete it."))
      let refused = try await bob.post("/projects/shop/delete", ["confirmation": "shop"])
      #expect(refused.status == .forbidden)

      try await ann.get("/projects/shop/settings")
      try await ann.post("/projects/shop/delete", ["confirmation": "shop"])
      let list = try await bob.get("/projects")
      #expect(!list.text.contains("shop"))
      let page = try await bob.get("/projects/shop/deleted")
      #expect(page.headers[.location] == "/projects")
    }
  }
}
