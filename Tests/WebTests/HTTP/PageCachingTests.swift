import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct PageCachingTests {
  @Test func `a page that says the same isn't sent again, whatever its form tokens`() async throws {
    try await withSite { client, _ in
      let ann = Browser(client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      // The first page after registering may carry a message.
      try await ann.get("/projects/new")
      let page = try await ann.get("/projects/new")
      let tag = try #require(page.headers[.eTag])

      #expect(page.headers[.cacheControl] == "private, no-cache")
      #expect(try await ann.get("/projects/new").headers[.eTag] == tag)
      let again = try await ann.send("/projects/new", .get, [.ifNoneMatch: tag])
      #expect(again.status == .notModified && again.text.isEmpty)
      #expect(again.headers[.cacheControl] == "private, no-cache")
      let other = try await ann.send("/projects", .get, [.ifNoneMatch: tag])
      #expect(other.status == .ok)
    }
  }

  @Test func `another session has another tag, and a form that is shown again has none`()
    async throws
  {
    try await withSite { client, _ in
      let (ann, bob) = (Browser(client), Browser(client))
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await bob.register(name: "Ann", email: "ann2@example.net")
      try await ann.get("/projects/new")
      try await bob.get("/projects/new")
      let first = try await ann.get("/projects/new")
      let second = try await bob.get("/projects/new")
      #expect(first.headers[.eTag] != second.headers[.eTag])

      let wrong = try await ann.post("/projects/new", ["name": "No Name"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.headers[.eTag] == nil && wrong.headers[.cacheControl] == "no-store")
      // Nobody is signed in there.
      let landing = try await Browser(client).get("/")
      #expect(landing.headers[.cacheControl] == "no-store")
    }
  }

  @Test func `a page with a message is sent whole, and shows it once`() async throws {
    try await withSandboxSite { site in
      let ann = Browser(site.client)
      try await ann.register(name: "Ann", email: "ann@example.net")
      try await ann.get("/projects/new")
      let made = try await ann.post(
        "/projects/new", ["name": "shop", "cpu": "4", "memory": "8Gi", "pods": "20"])
      try #require(made.status == .seeOther)
      let flash = try #require(ann.cookies.keys.first { $0.hasSuffix("babyhelm-flash") })
      // The same message may come twice: so may what was asked.
      let cookies = ann.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
      func page(_ known: String = "") async throws -> TestResponse {
        try await site.client.executeRequest(
          uri: "/projects/new", method: .get,
          headers: [.accept: "text/html", .cookie: cookies, .ifNoneMatch: known], body: nil)
      }
      // Hers is told by this, so the next one is any other page.
      try await ann.get("/projects/new")
      let tag = try #require(try await ann.get("/projects/new").headers[.eTag])

      let first = try await page()
      let again = try await page(tag)

      for answer in [first, again] {
        #expect(answer.status == .ok)
        #expect(answer.headers[.eTag] == nil)
        #expect(answer.text.contains("Project shop is ready."))
        #expect(
          answer.headers[values: .setCookie].contains {
            $0.hasPrefix("\(flash)=;") && $0.contains("Max-Age=0")
          })
      }
    }
  }

  @Test func `only what stands in form tokens is left out of a tag`() {
    func tag(_ html: String, _ secret: String = "s") -> EntityTag {
      EntityTag(ofPage: Array(html.utf8), secret: secret)
    }
    let page = #"<p>_<input name="_token" value="AAAA"><b>x</b><input name="_token" value="BBBB">"#

    #expect(tag(page) == tag(page.replacing("AAAA", with: "C").replacing("BBBB", with: "D")))
    #expect(tag(page) != tag(page.replacing("<b>x", with: "<b>y")))
    #expect(tag(page) != tag(page.replacing("<p>", with: "<i>")))
    #expect(tag(page) != tag(page, "t"))
    #expect(tag(#"name="_token" value=""#) == tag(#"name="_token" value="rest"#))
  }
}
