import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import Web

/// What only bytes on a connection can try: smuggled and doubled headers,
/// and clients that are slow or large on purpose (class 24).
@Suite(.timeLimit(.minutes(10))) struct WireAttackTests {
  private static let smuggled =
    "GET /projects HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: yes\r\n\r\n"

  /// Each is refused whole: one 400, and nothing after it is answered.
  @Test(arguments: [
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 44\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length : 44\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "GET /login HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    "GET /login HTTP/1.1\r\nHost: a\r\nBad Name: b\r\n\r\n",
    "GET /login HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
    "GET /login\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /login HTTP/9.9\r\nHost: a\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n",
  ])
  func `a request that two programs could read differently is refused`(head: String) async throws {
    try await withSite(Site(), isSandbox: true, .live) { client, _ in
      let port = try #require(client.port)
      let answer = try await RawConnection.exchange([head + Self.smuggled], port: port)

      #expect(
        answer.hasPrefix("HTTP/1.1 400") || answer.hasPrefix("HTTP/1.1 415") || answer.isEmpty,
        "\(answer.prefix(200))")
      #expect(!answer.contains("303 See Other"), "the second request was answered: \(head)")
    }
  }

  @Test func `class 24: headers are bounded in size and number`() async throws {
    try await withSite(Site(), isSandbox: true, .live) { client, _ in
      let port = try #require(client.port)
      let large = String(repeating: "x", count: 70_000)
      for head in [
        "GET /login HTTP/1.1\r\nHost: a\r\nX-Large: \(large)\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: a\r\n"
          + (0..<500).map { "X-\($0): a\r\n" }.joined() + "\r\n",
        "GET /login?\(large) HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: a\r\n\(large): a\r\n\r\n",
      ] {
        let answer = try await RawConnection.exchange([head], port: port)
        #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(answer.prefix(80))")
      }
      #expect(try await Browser(client).get("/healthz").status == .ok)
    }
  }

  @Test func `class 24: a body beyond the bound isn't read, whether or not it says so`()
    async throws
  {
    try await withSite(Site(), isSandbox: true, .live) { client, _ in
      let port = try #require(client.port)
      let announced = try await RawConnection.exchange(
        ["POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n"], port: port)
      #expect(announced.hasPrefix("HTTP/1.1 413"))
      let chunk = "10000\r\n\(String(repeating: "x", count: 0x10000))\r\n"
      let chunked = try await RawConnection.exchange(
        ["POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"]
          + [String](repeating: chunk, count: 40), port: port)
      #expect(chunked.hasPrefix("HTTP/1.1 413") || chunked.isEmpty, "\(chunked.prefix(80))")
    }
  }

  @Test func `class 24: who sends headers a byte at a time is cut off`() async throws {
    try await withSite(Site(), isSandbox: true, .live, idle: .milliseconds(800)) { client, _ in
      let port = try #require(client.port)
      let clock = ContinuousClock()
      let start = clock.now
      let trickle =
        ["GET /login HTTP/1.1\r\nHost: a\r\n"] + [String](repeating: "X: a\r\n", count: 60)
      let answer = try await RawConnection.exchange(trickle, port: port, pause: .milliseconds(150))

      #expect(answer.isEmpty)
      #expect(clock.now - start < .seconds(8))
      // Others aren't held up meanwhile.
      let other = try await RawConnection.exchange(
        ["GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"], port: port)
      #expect(other.hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func `a doubled cookie or authorization is one answer, not a choice`() async throws {
    try await withSite(Site(), isSandbox: true, .live) { client, _ in
      let port = try #require(client.port)
      let ada = Browser(client)
      try await ada.register(name: "Ada", email: "ada@example.net")
      let session = try #require(ada.cookies["babyhelm"])
      func ask(_ fields: String) async throws -> String {
        try await RawConnection.exchange(
          ["GET /account HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n"], port: port)
      }
      #expect(try await ask("Cookie: babyhelm=\(session)\r\n").hasPrefix("HTTP/1.1 200"))
      // The first one counts, as browsers send it.
      let wrongFirst = try await ask("Cookie: babyhelm=x; babyhelm=\(session)\r\n")
      #expect(wrongFirst.hasPrefix("HTTP/1.1 303"))
      let twoHeaders = try await ask("Cookie: babyhelm=x\r\nCookie: babyhelm=\(session)\r\n")
      #expect(twoHeaders.hasPrefix("HTTP/1.1 303"))
      let two = try await ask("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n")
      #expect(two.hasPrefix("HTTP/1.1 401"))
      // A bad token isn't made up for by a good cookie.
      let both = try await ask("Authorization: Bearer a\r\nCookie: babyhelm=\(session)\r\n")
      #expect(both.hasPrefix("HTTP/1.1 401"))
      // Class 19: nobody but a configured proxy says who asks, or from where.
      for claim in [
        "Tailscale-User-Login: ada@example.net", "X-WEBAUTH-USER: ada@example.net",
        "X-Forwarded-User: ada", "Impersonate-User: ada", "Remote-User: ada",
        "X-Original-URL: /healthz", "X-Rewrite-URL: /healthz", "X-HTTP-Method-Override: POST",
      ] {
        let answer = try await ask("\(claim)\r\nConnection: \(claim.split(separator: ":")[0])\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 303"), "class 19: \(claim)")
      }
    }
  }
}
