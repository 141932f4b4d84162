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
            try await stream.send(HTML(trusted: Array("<p id=\"a\">\n1</p>".utf8)))
            try await stream.send(event: "line", Array("log".utf8))
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

  @Test func `a browser that doesn't read is cut off, and its place is free again`() async throws {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, services in
        let streams = EventStreams(
          access: AccessWatch(accounts: services.domain.accounts, projects: nil),
          heartbeat: .milliseconds(50), patience: .milliseconds(500))
        pages.get("stream") { request, context in
          try streams.open(request, context) { stream in
            let much = [UInt8](repeating: 0x61, count: 1 << 20)
            while true { try await stream.send(event: "much", much) }
          }
        }
        pages.get("open") { _, _ in "\(streams.openCount) open" }
      }
    ) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      let cookie = browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
      let silent = try await RawConnection.open(
        "GET /stream HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n",
        port: try #require(client.port))
      try await eventually("it stands") { try await browser.get("/open").text == "1 open" }
      try await eventually("it is cut off") { try await browser.get("/open").text == "0 open" }
      try await silent.close()
    }
  }

  @Test func `only the way to a stream is gone in a task of its own`() async throws {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, _ in
        pages.get("task") { _, _ in "\(withUnsafeCurrentTask { $0?.hashValue ?? 0 })" }
      }
    ) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      let first = try await browser.get("/task").text
      #expect(try await browser.get("/task").text == first, "the connection's own task")
      for type in ["text/event-stream", "application/json, application/x-ndjson"] {
        #expect(try await browser.send("/task", .get, [.accept: type]).text != first)
      }
    }
  }

  @Test func `a feeder waits for a browser that doesn't read`() async throws {
    let (events, stream) = EventStream.make()
    try await stream.send(event: "lines", [0x61])
    #expect(!stream.isStuck(for: .seconds(600)))
    #expect(stream.isStuck(for: .zero))

    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await stream.send(event: "lines", [0x62])
        stream.finish()
      }
      var iterator = events.makeAsyncIterator()
      #expect(await iterator.next() == ByteBuffer(string: "event: lines\ndata: a\n\n"))
      // Nothing else is there until the first one is written.
      stream.sendComment("still here", ifIdleFor: .zero)
      stream.noteWritten()
      #expect(await iterator.next() == ByteBuffer(string: "event: lines\ndata: b\n\n"))
      #expect(await iterator.next() == nil)
      try await group.waitForAll()
    }
    await #expect(throws: CancellationError.self) { try await stream.send(event: "lines", []) }
  }

  @Test func `a comment is sent only to who had nothing else to read`() async throws {
    let (events, stream) = EventStream.make()
    stream.sendComment("still here", ifIdleFor: .seconds(600))
    stream.sendComment("still here", ifIdleFor: .zero)
    stream.sendComment("still here", ifIdleFor: .zero)
    stream.finish()
    var sent: [ByteBuffer] = []
    for await event in events { sent.append(event) }
    #expect(sent == [ByteBuffer(string: ": still here\n\n")])
  }

  @Test func `what ended elsewhere is left out for a browser that doesn't read`() async throws {
    let (events, stream) = EventStream.make()
    for number in 0..<20 { stream.offer(event: "toast", Array("\(number)".utf8)) }
    stream.finish()
    stream.offer(event: "toast", [])
    var count = 0
    for await _ in events { count += 1 }
    #expect(count == 8)
  }

  @Test func `an ended stream is overdue after the least grace it was given`() {
    let (_, stream) = EventStream.make()
    #expect(!stream.isOverdue)
    stream.finish(within: .seconds(600))
    #expect(!stream.isOverdue)
    stream.finish(within: .zero)
    stream.finish(within: .seconds(600))
    #expect(stream.isOverdue)
  }

  @Test func `an idle stream is kept alive, and is gone from the watch with its browser`()
    async throws
  {
    try await withSite(
      Site(), isSandbox: true, .live,
      routes: { pages, services in
        let streams = EventStreams(
          access: AccessWatch(accounts: services.domain.accounts, projects: nil),
          heartbeat: .milliseconds(50))
        pages.get("stream") { request, context in
          try streams.open(request, context) { _ in try await Task.sleep(for: .seconds(600)) }
        }
        pages.get("open") { _, _ in "\(streams.openCount) open" }
      }
    ) { client, site in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      let cookie = browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
      let answer = try await RawConnection.exchange(
        ["GET /stream HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n"],
        port: try #require(client.port), patience: .seconds(30)
      ) { $0.split(separator: ": still here").count > 2 }
      #expect(answer.split(separator: ": still here").count > 2)
      try await eventually("it is gone") { try await browser.get("/open").text == "0 open" }
    }
  }
}
