import Domain
import HTTPTypes
import HummingbirdTesting
import Synchronization
import TestSupport
import Testing

@testable import Web

struct MemberPagesTests {
  @Test func `a person is added, promoted, and asked about by name before they go`()
    async throws
  {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/shop/members")

      let added = try await ann.post(
        "/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      let list = try await ann.get("/projects/shop/members")
      let seen = try await bob.get("/projects/shop/members")
      let refused = try await bob.post(
        "/projects/shop/members", ["email": "cem@example.net", "role": "viewer"])
      let link = try #require(
        list.text.firstMatch(of: #/href="(/projects/shop/members/[^"]+/remove)"/#))
      let question = try await ann.get(String(link.1))
      let removed = try await ann.post(String(link.1), [:])
      let gone = try await bob.get("/projects/shop")

      #expect(added.status == .seeOther)
      #expect(list.text.contains("bob@example.net"))
      #expect(seen.text.contains("Only owners of this project may change its members."))
      #expect(refused.status == .forbidden)
      #expect(question.text.contains("Remove Bob from shop?"))
      #expect(removed.status == .seeOther)
      #expect(gone.status == .notFound)
    }
  }

  private final class Told: Sendable {
    let isSo = Mutex(false)
  }

  @Test func `the open streams of somebody removed end within five seconds`() async throws {
    try await withProject(.live) { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      let list = try await ann.get("/projects/shop/members").text
      let id = try #require(list.firstMatch(of: #/members/([^"/]+)/remove"/#)?.1)
      let user = User.ID(rawValue: String(id))
      let cookies = bob.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
      let streams = site.services.streams
      let port = try #require(site.client.port)
      let told = Told()
      async let answer = RawConnection.exchange(
        ["GET /projects/shop/live HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookies)\r\n\r\n"],
        port: port, patience: .seconds(60)
      ) { text in
        if text.contains("id=\"applications\"") { told.isSo.withLock { $0 = true } }
        return text.hasSuffix("\r\n0\r\n\r\n")
      }
      try await eventually("it told something before") { told.isSo.withLock(\.self) }
      #expect(streams.count(of: user) == 1)

      try await ann.post("/projects/shop/members/\(id)/remove", [:])

      try await eventually("the stream has ended", within: .seconds(5)) {
        streams.count(of: user) == 0
      }
      #expect(try await answer.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `an address without an account comes back with what was typed`() async throws {
    try await withProject { ann, _ in
      try await ann.get("/projects/shop/members")

      let answer = try await ann.post(
        "/projects/shop/members", ["email": "nobody@example.net", "role": "editor"])

      #expect(answer.status == .unprocessableContent)
      #expect(answer.text.contains("value=\"nobody@example.net\""))
      #expect(answer.text.contains("<option value=\"editor\" selected>"))
      #expect(answer.text.contains("ask them to register here"))
    }
  }

  @Test func `a member downloads a kubeconfig that nothing stores`() async throws {
    try await withProject { ann, _ in
      try await ann.get("/projects/shop/members")

      let file = try await ann.post("/projects/shop/kubeconfig", ["hours": "8"])
      let wrong = try await ann.post("/projects/shop/kubeconfig", ["hours": "9"])

      #expect(file.status == .ok)
      #expect(file.headers[.cacheControl] == "no-store")
      #expect(file.text.contains("Its token expires at "))
      #expect(wrong.status == .unprocessableContent)
    }
  }
}
