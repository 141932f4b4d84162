import Domain
import Hummingbird
import HummingbirdTesting
import NIOCore
import Templates
import TestSupport
import Testing

@testable import Web

/// Streams need a real connection: the router's test harness has none to watch.
@Suite(.timeLimit(.minutes(10))) struct EventStreamsTests {
  @Test func `fragments arrive as events, several lines whole`() async throws {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, services in
        pages.get("stream") { request, context in
          try services.streams.open(request, context) { stream in
            try stream.send(HTML(trusted: Array("<p id=\"a\">\n1</p>".utf8)))
            try stream.send(event: "line", Array("log".utf8))
          }
        }
      }
    ) { client, site in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")

      let answer = try await browser.get("/stream")

      #expect(answer.headers[.contentType] == "text/event-stream")
      #expect(answer.text.contains("event: fragment\ndata: <p id=\"a\">\ndata: 1</p>\n\n"))
      #expect(answer.text.hasSuffix("event: line\ndata: log\n\n"))
    }
  }

  @Test func `a stream ends when its session does`() async throws {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, services in
        let accounts = services.domain.accounts
        let streams = EventStreams(access: AccessWatch(accounts: accounts, projects: nil))
        pages.get("stream") { request, context in
          try streams.open(request, context) { _ in
            try await accounts.signOut(as: context.principal)
            try await Task.sleep(for: .seconds(600))
          }
        }
      }
    ) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")

      // Comes back at all only because the stream ended.
      let answer = try await browser.get("/stream")

      #expect(answer.status == .ok)
    }
  }

  @Test func `a person may hold so many streams open and no more`() async throws {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, services in
        pages.get("many") { request, context in
          let streams = services.streams
          var open: [Response] = []
          for _ in 0..<EventStreams.limit {
            open.append(try streams.open(request, context) { _ in })
          }
          #expect(streams.count(of: context.principal.userID) == EventStreams.limit)
          let refusal = #expect(throws: DomainError.self) {
            try streams.open(request, context) { _ in }
          }
          #expect(refusal?.reason == .tooManyRequests)
          // Answers that are never sent give their place back.
          open = []
          #expect(streams.count(of: context.principal.userID) == 0)
          return "done"
        }
      }
    ) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      #expect(try await browser.get("/many").text == "done")
    }
  }

  @Test func `a browser that doesn't read is cut off instead of missing a change`() throws {
    let (events, stream) = EventStream.make()
    for _ in 0..<EventStreams.backlog { try stream.sendComment("still here") }

    #expect(throws: CancellationError.self) { try stream.sendComment("one too many") }
    #expect(throws: CancellationError.self) { try stream.sendComment("and after it") }
    // Without its reader the stream would have ended before.
    withExtendedLifetime(events) {}
  }
}
