import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Templates
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(10))) struct LogPagesTests {
  private static let base = "/projects/shop/apps/web"

  @Test func `the page shows the newest lines, and leads to newer ones`() async throws {
    try await withApplication { ann, _ in
      try await eventually("lines") {
        try await ann.get("\(Self.base)/logs").text.contains("start worker processes")
      }
      let page = try await ann.get("\(Self.base)/logs?since=1h&lines=50&search=WORKER").text

      #expect(page.contains("start <mark>worker</mark> processes"))
      #expect(page.contains(#"<option value="1h" selected>"#))
      #expect(page.contains(#"<option value="50" selected>"#))
      #expect(page.contains(#"value="WORKER""#))
      let live = try #require(page.firstMatch(of: /data-live="([^"]+)"/)?.1)
      #expect(live.hasSuffix("/logs/live?since=1h&amp;search=WORKER&amp;lines=50"))
      let newer = try #require(page.firstMatch(of: /href="([^"]+after=[^"]+)"/)?.1)
      let next = try await ann.get(String(newer).replacing("&amp;", with: "&"))
      #expect(next.status == .ok)
      #expect(!next.text.contains("<mark>worker</mark>"))
      #expect(next.text.contains("Show newer lines"))
    }
  }

  @Test func `what a container writes stays text`() async throws {
    try await withApplication(image: "shop/hostile:1") { ann, _ in
      try await eventually("hostile lines") {
        try await ann.get("\(Self.base)/logs").text.contains("red &lt;img")
      }
      let page = try await ann.get("\(Self.base)/logs?search=%3Cscript").text

      #expect(!page.contains("<script>document"))
      #expect(!page.contains("<img src=x"))
      #expect(!page.contains("\u{1B}"))
      #expect(!page.contains(#"<a href="javascript"#))
      #expect(page.contains("<mark>&lt;script</mark>&gt;document"))
      let whole = try await ann.get("\(Self.base)/logs").text
      #expect(whole.contains("lines are shown up to 8 KiB"))
      #expect(whole.utf8.count < 1_500_000)
    }
  }

  @Test func `a line can't leave its event, its element or its attribute`() async throws {
    let time = try #require(LogTime("2026-11-23T05:26:10.1Z"))
    let hostile = "\"><script>x</script>\n\nevent: fragment\ndata: <p id=\"main\">"
    let lines = LogLines(
      LogBatch(
        leftOut: 1_204,
        items: [
          .line(LogLine(pod: hostile, time: time, text: hostile)), .notice(hostile),
        ]), search: "script")

    let html = String(decoding: Template.Logs.lines(lines: lines).bytes, as: UTF8.self)
    let (events, stream) = EventStream.make()
    try await stream.send(event: "lines", Array(html.utf8))
    stream.finish()
    var sent = ""
    for await event in events { sent += String(buffer: event) }

    #expect(html.contains("… 1,204 lines left out"))
    #expect(!html.contains("<script"))
    #expect(!html.contains("\"main\""))
    #expect(sent.components(separatedBy: "\n\n").filter { !$0.isEmpty }.count == 1)
    #expect(sent.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("data: ") })
  }

  @Test func `the download is a text file with a safe name`() async throws {
    try await withApplication { ann, _ in
      try await eventually("lines") {
        try await ann.get("\(Self.base)/logs").text.contains("start worker processes")
      }
      let file = try await ann.get("\(Self.base)/logs.txt?pod=%22%0d%0aX-Evil:%201")

      #expect(file.status == .ok)
      #expect(file.headers[.contentType] == "text/plain; charset=utf-8")
      #expect(file.headers[.contentDisposition] == "attachment; filename=\"shop-web.log\"")
      #expect(file.headers[.cacheControl] == "private, no-store")
      #expect(file.headers[.xContentTypeOptions] == "nosniff")
      let whole = try await ann.get("\(Self.base)/logs.txt").text
      #expect(whole.contains("start worker processes"))
      #expect(whole.hasPrefix("web-"))
    }
  }

  @Test func `another's log, stream, download and events are not found`() async throws {
    try await withApplication { _, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      for path in ["logs", "logs/live", "logs.txt", "events", "events/live"] {
        let answer = try await bob.get("\(Self.base)/\(path)")
        #expect(answer.status == .notFound, "\(path)")
        #expect(!answer.text.contains("worker"))
      }
      let check = try await bob.post("\(Self.base)/address", ["reach": "cluster"])
      #expect(check.status == .notFound)
    }
  }

  @Test func `lines come over the stream as they are written`() async throws {
    try await withApplication(.live) { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await site.database.write { connection in
        try connection.execute(
          """
          INSERT INTO memberships (project_id, user_id, role, created_at)
          SELECT p.id, u.id, 'viewer', 0 FROM projects p, users u WHERE u.name = 'Bob'
          """)
      }
      let cookie = bob.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
      // A stream has no end of its own: it is read as far as it matters here.
      let answer = try await RawConnection.exchange(
        ["GET \(Self.base)/logs/live HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n"],
        port: try #require(site.client.port), patience: .seconds(60)
      ) { $0.contains("start worker processes") }

      #expect(answer.lowercased().contains("content-type: text/event-stream\r\n"))
      #expect(answer.lowercased().contains("cache-control: no-store\r\n"))
      #expect(answer.contains("event: lines\ndata: "))
      #expect(answer.contains("start worker processes"))
      try await eventually("the stream is closed") { site.services.streams.openCount == 0 }
    }
  }

  @Test func `a batch for many readers is rendered once`() throws {
    let renderings = LogRenderings()
    let count = Mutex(0)
    func bytes(_ batch: LogBatch, _ face: LogRenderings.Face) -> ByteBuffer {
      renderings.bytes(of: batch, as: face) { _ in
        ByteBuffer(
          string: count.withLock { count in
            count += 1
            return "\(count)"
          })
      }
    }
    let (shared, own) = (LogBatch.shared([.notice("a")]), LogBatch(items: [.notice("a")]))

    #expect(bytes(shared, .page(.english)) == bytes(shared, .page(.english)))
    #expect(bytes(shared, .json(.events)) != bytes(shared, .page(.english)))
    #expect(bytes(own, .page(.english)) != bytes(own, .page(.english)))
    for _ in 0..<100 { _ = bytes(LogBatch.shared([.notice("b")]), .page(.english)) }
    #expect(
      bytes(shared, .page(.english)) == ByteBuffer(string: "105"), "it is forgotten after a while")
  }

  @Test func `events are explained and their raw words are there`() async throws {
    try await withApplication(image: "shop/broken:1") { ann, _ in
      try await eventually("the events") {
        try await ann.get("\(Self.base)/events").text.contains("The image can’t be pulled")
      }
      let page = try await ann.get("\(Self.base)/events").text

      #expect(page.contains("What Kubernetes says"))
      #expect(page.contains("pull access denied"))
      #expect(page.contains("Warning"))
      #expect(page.contains("The number of pods of one version was changed."))
    }
  }

  @Test func `an address is shown and checked from the application's page`() async throws {
    try await withApplication { ann, _ in
      try await eventually("the address") {
        try await ann.get(Self.base).text.contains("http://web.shop.svc:80")
      }
      let answer = try await ann.post("\(Self.base)/address", ["reach": "cluster"])
      #expect(answer.status == .seeOther)
      #expect(answer.headers[.location] == Self.base)
      let page = try await ann.get(Self.base).text
      #expect(page.contains("http://web.shop.svc:80: no answer: "))

      let missing = try await ann.post("\(Self.base)/address", ["reach": "ingress"])
      #expect(missing.status == .notFound)
    }
  }

  @Test func `a pod that crashes leads to what it wrote before`() async throws {
    try await withApplication(image: "shop/crash:1") { ann, _ in
      try await eventually("the link") {
        try await ann.get(Self.base).text.contains("Log before the restart")
      }
      let page = try await ann.get(Self.base).text
      let link = try #require(page.firstMatch(of: /href="([^"]+previous=on)"/)?.1)
      let log = try await ann.get(String(link).replacing("&amp;", with: "&"))

      #expect(log.text.contains("configuration is missing"))
      #expect(!log.text.contains("data-live"))
    }
  }

  /// An application “web” in the project “shop”, deployed by Ann.
  private func withApplication(
    _ setup: TestingSetup = .router, image: String = "nginx:1.27",
    _ test: @escaping @Sendable (Browser, SandboxSite) async throws -> Void
  ) async throws {
    try await withProject(setup) { ann, site in
      let plan = try await ann.post(
        "/projects/shop/apps/new",
        [
          "name": "web", "image": image, "port": "80", "replicas": "1", "cpuRequest": "100m",
          "cpuLimit": "500m", "memoryRequest": "128Mi", "memoryLimit": "256Mi",
        ])
      try #require(try await ann.confirm(plan).status == .seeOther)
      try await test(ann, site)
    }
  }
}
