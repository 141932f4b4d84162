import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Web

/// What only shows on a real connection.
@Suite struct LiveServerTests {
  @Test func `a page is compressed for a browser that can read it`() async throws {
    try await withSite(Site(), isSandbox: true, .live) { client, _ in
      let browser = Browser(client)
      let plain = try await browser.get("/login")
      #expect(plain.headers[.contentEncoding] == nil)

      let packed = try await browser.send("/login", .get, [.acceptEncoding: "gzip"])

      #expect(packed.headers[.contentEncoding] == "gzip")
      #expect(packed.headers[values: .vary].contains("Accept-Encoding"))
      #expect(packed.body.readableBytes < plain.body.readableBytes)
      #expect(Array(buffer: packed.body).starts(with: [0x1f, 0x8b]))
    }
  }

  @Test func `a request that is no HTTP is refused and hurts nobody`() async throws {
    try await withSite(Site(), isSandbox: true, .live) { client, _ in
      let port = try #require(client.port)
      for nonsense in [
        "NONSENSE\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n",
      ] {
        let answer = try await Self.exchange(nonsense, port: port)
        #expect(answer.contains("400 Bad Request"))
      }
      #expect(
        try await client.executeRequest(uri: "/healthz", method: .get, headers: [:], body: nil)
          .status == .ok)
    }
  }

  /// Sends bytes and reads until the server closes the connection.
  private static func exchange(_ text: String, port: Int) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var answer = ""
      for try await part in inbound {
        answer += String(buffer: part)
        if answer.contains("400 Bad Request") { break }
      }
      return answer
    }
  }
}
