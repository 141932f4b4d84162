import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Web

@Suite struct ErrorPagesTests {
  @Test func `an unknown page has a page of its own, with a request id`() async throws {
    try await withSite { client, _ in
      let page = try await Browser(client).get("/no/such/page")

      #expect(page.status == .notFound)
      #expect(page.isPage)
      let id = try #require(page.headers[.xRequestID])
      #expect(!id.isEmpty)
      #expect(page.text.contains(id))
    }
  }

  @Test func `it keeps the top bar of somebody signed in`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")

      let page = try await browser.get("/no/such/page")

      #expect(page.text.contains("Log out"))
      #expect(page.text.contains("Your projects"))
    }
  }

  @Test func `a client that wants no HTML gets text`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      browser.headers = [.accept: "application/json"]

      let page = try await browser.get("/no/such/page")

      #expect(page.status == .notFound)
      #expect(page.headers[.contentType] == "text/plain; charset=utf-8")
    }
  }

  @Test func `a path that exists refuses other methods by naming its own`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      let deleted = try await browser.send("/login", .delete)
      #expect(deleted.status == .methodNotAllowed)
      #expect(deleted.headers[.allow] == "GET, POST, HEAD")
      let read = try await browser.get("/logout")
      #expect(read.status == .methodNotAllowed)
      #expect(read.headers[.allow] == "POST")
    }
  }

  @Test func `a form that is too large is refused before it is read`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      try await browser.get("/login")
      let exact = FormBody.maximumBytes

      let large = try await browser.post(
        "/login", ["email": String(repeating: "a", count: exact), "password": "x"])

      #expect(large.status == .contentTooLarge)
      #expect(large.text.contains("(1024 KiB)"))
      #expect(large.headers[.connection] == "close")
      let fits = try await browser.post(
        "/login", ["email": String(repeating: "a", count: exact / 2), "password": "x"])
      #expect(fits.status == .unprocessableContent)
    }
  }

  @Test func `a body that is no form is refused`() async throws {
    try await withSite { client, _ in
      let browser = Browser(client)
      let json = try await browser.send(
        "/login", .post, [.contentType: "application/json"], ByteBuffer(string: "{}"))
      #expect(json.status == .unsupportedMediaType)
      let broken = try await browser.send(
        "/login", .post, [.contentType: "application/x-www-form-urlencoded"],
        ByteBuffer(string: "email=%zz"))
      #expect(broken.status == .badRequest)
    }
  }

  @Test func `every reason has its status`() {
    let expected: [DomainError.Reason: Int] = [
      .invalid: 422, .unauthenticated: 401, .forbidden: 403, .notFound: 404, .conflict: 409,
      .alreadyExists: 409, .quotaExceeded: 422, .tooManyRequests: 429, .unavailable: 503,
      .internalError: 500,
    ]
    for reason in DomainError.Reason.allCases {
      let refusal = Refusal(DomainError(reason, "What happened.", underlying: "a secret"))
      #expect(refusal.status.code == expected[reason])
      #expect(!refusal.message.contains("secret"))
    }
  }

  @Test func `what nobody foresaw tells nothing about itself`() {
    struct Surprise: Error, CustomStringConvertible {
      var description: String { "password=hunter2" }
    }

    let refusal = Refusal(Surprise())

    #expect(refusal.status == .internalServerError)
    #expect(!refusal.message.contains("hunter2"))
    #expect(refusal.logLevel == .error)
  }

  @Test func `an outage says when to come back`() {
    let refusal = Refusal(
      DomainError(.unavailable, "The database can't be reached.", retryAfter: .seconds(7)))
    #expect(refusal.headers.first { $0.name == .retryAfter }?.value == "7")
  }
}

extension TestResponse {
  fileprivate var isPage: Bool { headers[.contentType] == "text/html; charset=utf-8" }
}
