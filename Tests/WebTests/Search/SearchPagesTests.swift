import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct SearchPagesTests {
  @Test func `everybody finds what they may see, and the way to what they may do`() async throws {
    try await withProject { ann, site in
      try await ann.confirm(try await ann.post("/projects/shop/apps/new", DeployPagesTests.web))
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")

      let all = try await ann.get("/search.json")
      #expect(all.headers[.contentType] == "application/json")
      let items = try JSON(parsing: Array(all.text.utf8))["items"]?.array ?? []
      let links = items.compactMap { $0["link"]?.string }
      #expect(
        Set(links).isSuperset(of: [
          "/projects/shop", "/projects/shop/apps/web", "/projects/shop/apps/web/logs",
          "/projects/shop/apps/new", "/projects/new", "/admin/users",
        ]))
      let tag = try #require(all.headers[.eTag])
      let again = try await ann.send("/search.json", .get, [.ifNoneMatch: tag])
      #expect(again.status == .notModified)

      let his = try await bob.get("/search.json").text
      #expect(!his.contains("shop") && !his.contains("/admin"))
      #expect(his.contains("/projects/new"))
    }
  }

  @Test func `the page finds the same without a script, by parts of names`() async throws {
    try await withProject { ann, _ in
      try await ann.confirm(try await ann.post("/projects/shop/apps/new", DeployPagesTests.web))

      let page = try await ann.get("/search?q=we%20sho").text
      #expect(page.contains(#"href="/projects/shop/apps/web""#))
      #expect(!page.contains(#"class="result" href="/projects/shop""#))
      let project = try await ann.get("/search?q=SHOP").text
      #expect(project.contains(#"class="result" href="/projects/shop""#))
      let none = try await ann.get("/search?q=%3Cb%3E%25_").text
      #expect(none.contains("Nothing is called “&lt;b&gt;%_”"))
      let action = try await ann.get("/search?q=new%20pro").text
      #expect(action.contains(#"href="/projects/new""#))
    }
  }
}
