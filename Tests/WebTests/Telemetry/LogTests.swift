import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Web

struct LogTests {
  /// What was logged.
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func logger(_ format: AppConfiguration.LogFormat) -> Logger {
      var logger = Logger(label: "babyhelm") { label in
        var handler = LineLogHandler(label: label, format: format)
        handler.write = { line in self.lines.withLock { $0.append(line) } }
        return handler
      }
      logger.logLevel = .info
      return logger
    }

    /// The lines of requests, as what JSON says.
    func requests() throws -> [[String: Any]] {
      try all.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }.filter { $0["message"] as? String == "request" }
    }
  }

  @Test func `a request is one line that says who, what, and how it went`() async throws {
    let lines = Lines()
    try await withSite(logger: lines.logger(.json)) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      _ = try await browser.get("/projects/shop?secret=hunter2")

      let line = try #require(try lines.requests().last)
      #expect(line["method"] as? String == "GET")
      #expect(line["path"] as? String == "/projects/shop")
      #expect(line["route"] as? String == "/projects/{project}")
      #expect(line["project"] as? String == "shop")
      #expect(line["status"] as? Int == 404)
      #expect(line["duration_ms"] as? Double ?? -1 >= 0)
      #expect(line["bytes"] as? Int ?? 0 > 100)
      #expect((line["user"] as? String)?.isEmpty == false)
      #expect(line["credential"] as? String == "session")
      #expect((line["request_id"] as? String)?.isEmpty == false)
      #expect(line["level"] as? String == "info")
      #expect(line["logger"] as? String == "babyhelm")
      #expect((line["time"] as? String)?.hasSuffix("Z") == true)
      // Nothing that somebody typed, nothing that admits anybody.
      let all = lines.all.joined()
      #expect(!all.contains("hunter2") && !all.contains("ada@example.net"))
      #expect(!all.contains("session_token") && !all.contains("eyJ"))
    }
  }

  @Test func `who isn't known has no name in the line`() async throws {
    let lines = Lines()
    try await withSite(logger: lines.logger(.json)) { client, _ in
      _ = try await Browser(client).get("/nothing")

      let line = try #require(try lines.requests().last)
      #expect(line["user"] == nil && line["credential"] == nil)
      #expect(line["route"] as? String == "none")
    }
  }

  @Test(arguments: [AppConfiguration.LogFormat.text, .json])
  func `no path can forge a line`(format: AppConfiguration.LogFormat) async throws {
    let lines = Lines()
    try await withSite(logger: lines.logger(format)) { client, _ in
      for path in [
        "/a%0A2026-01-01T00:00:00Z%20info%20forged", "/\"},{\"level\":\"error",
        "/\u{1b}[31mred", "/\u{2028}line", "/\u{202e}txt.exe", "/status=200", "/ä",
        "/" + String(repeating: "x", count: 5_000),
      ] {
        _ = try? await client.executeRequest(uri: path, method: .get, headers: [:], body: nil)
      }

      #expect(lines.all.count >= 8)
      for line in lines.all {
        #expect(line.hasSuffix("\n") && line.dropLast().allSatisfy { !$0.isNewline })
        #expect(
          !line.unicodeScalars.contains("\u{1b}") && !line.unicodeScalars.contains("\u{202e}"))
        #expect(line.utf8.count < 4_000)
      }
    }
  }

  @Test func `text says the same as JSON, a line each`() throws {
    let lines = Lines()
    let logger = lines.logger(.text)
    logger.info("hello\nworld", metadata: ["path": "/a b", "status": .stringConvertible(200)])

    let line = try #require(lines.all.first)
    #expect(line.hasSuffix(" info babyhelm: hello\\nworld path=\"/a b\" status=200\n"))
  }

  @Test func `JSON is JSON whatever is logged, and no field hides what is always there`() throws {
    let lines = Lines()
    let logger = lines.logger(.json)
    for text in ["\"", "\\", "\u{0}", "\u{1f600}", "\u{7f}", "\u{fffe}", "\r\n"] {
      logger.error(
        "\(text)", metadata: ["message": "forged", "time": "never", "\(text)": "\(text)"])
    }
    for line in lines.all {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["message"] as? String != "forged")
      #expect(object["time"] as? String != "never")
    }
    #expect(lines.all.count == 7)
  }

  @Test func `a stream is logged when it has ended, with what it sent`() async throws {
    let lines = Lines()
    try await withSite(
      .init(), isSandbox: true, .live, logger: lines.logger(.json),
      routes: { pages, services in
        pages.get("stream") { request, context in
          try services.streams.open(request, context) { stream in
            let before = lines.all.filter { $0.contains("\"/stream\"") }.count
            try await stream.send(event: "line", Array("lines so far: \(before)".utf8))
          }
        }
      }
    ) { client, _ in
      let browser = Browser(client)
      try await browser.register(name: "Ada", email: "ada@example.net")
      let answer = try await browser.get("/stream")
      #expect(answer.text.contains("lines so far: 0"))

      let deadline = ContinuousClock.now + .seconds(10)
      while try lines.requests().last?["path"] as? String != "/stream",
        ContinuousClock.now < deadline
      { try await Task.sleep(for: .milliseconds(10)) }
      let line = try #require(try lines.requests().last)
      #expect(line["path"] as? String == "/stream")
      #expect(line["bytes"] as? Int == answer.body.readableBytes)
    }
  }
}
