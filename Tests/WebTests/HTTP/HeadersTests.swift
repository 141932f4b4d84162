import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Templates
import TestSupport
import Testing

@testable import Web

@Suite struct HeadersTests {
  @Test(arguments: ["/", "/login", "/register", "/nope", "/healthz", "/static/nope.css", "/admin"])
  func `every answer bounds what a browser does with it`(path: String) async throws {
    try await withSite { client, _ in
      let answer = try await Browser(client).get(path)

      #expect(answer.headers[.contentSecurityPolicy] == SecurityHeaders.policy)
      #expect(!SecurityHeaders.policy.contains("unsafe"))
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
      #expect(answer.headers[.cacheControl] == "no-store")
      let referrer = try #require(HTTPField.Name("Referrer-Policy"))
      #expect(answer.headers[referrer] == "same-origin")
      #expect(answer.headers[.xRequestID]?.isEmpty == false)
      #expect(answer.headers[.server] == nil)
    }
  }

  @Test func `pages need nothing the policy forbids`() async throws {
    try await withSite { client, _ in
      for path in ["/", "/login", "/register", "/nope"] {
        let text = try await Browser(client).get(path).text
        #expect(!text.contains("style=\""))
        #expect(!text.contains("<style"))
        #expect(!text.contains("onclick"))
        #expect(text.firstMatch(of: #/<script(?! src="/static/)/#) == nil)
      }
    }
  }

  @Test func `HEAD is GET without its body`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      let page = try await browser.get("/login")
      let head = try await browser.send("/login", .head)

      #expect(head.status == .ok)
      #expect(head.body.readableBytes == 0)
      #expect(head.headers[.contentType] == page.headers[.contentType])
    }
  }

  @Test func `files carry a hash in their name and never expire`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      for asset in StaticAssets.all {
        let answer = try await browser.get(asset.path)
        #expect(answer.status == .ok)
        #expect(answer.headers[.cacheControl] == "public, max-age=31536000, immutable")
        #expect(answer.headers[.contentType] == asset.contentType)
        #expect(Array(buffer: answer.body) == asset.bytes)

        let again = try await browser.send(asset.path, .get, [.ifNoneMatch: asset.etag])
        #expect(again.status == .notModified)
        #expect(again.body.readableBytes == 0)
      }
      let page = try await browser.get("/").text
      #expect(page.contains(StaticAssets.stylesheet.text))
      #expect(page.contains(StaticAssets.script.text))
    }
  }

  @Test func `alive touches nothing; ready asks the neighbours`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      let alive = try await browser.get("/healthz")
      #expect(alive.status == .ok)
      #expect(alive.headers[.setCookie] == nil)

      let ready = try await browser.get("/readyz")
      #expect(ready.status == .serviceUnavailable)
      #expect(ready.text == "not ready: cluster\n")
    }
  }
}
