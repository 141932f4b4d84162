import Foundation
import Synchronization
import Testing

@testable import Domain

/// Class 20: requests that a person can steer (docs/security.md).
@Suite(.timeLimit(.minutes(10))) struct OutboundAddressesTests {
  private static func answering(_ addresses: String...) -> NameResolution {
    NameResolution { _, _ in .success(addresses.compactMap { IPAddress($0) }) }
  }

  @Test(arguments: [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1",
    "255.255.255.255", "100.100.100.200", "100.100.100.100", "168.63.129.16", "192.0.0.192", "::",
    "::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "2001:0:53aa:64c:0:fb:1:2", "fd00:ec2::254", "2001:db8::5efe:7f00:1",
    "10.0.0.1", "10.96.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "198.18.0.1", "192.0.0.8", "fc00::1", "fd7a:115c:a1e0::1", "fec0::1", "::ffff:10.0.0.1",
    "::ffff:192.168.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::",
  ])
  func `class 20: nothing near is connected to, however it is written`(text: String) async throws {
    let guarded = OutboundAddresses(names: Self.answering(text))
    let address = try #require(IPAddress(text))

    #expect(!guarded.isAllowed(address))
    await #expect(throws: OutboundAddresses.Refusal.forbidden(address)) {
      try await guarded.target(of: "hooks.example.org", within: .seconds(1))
    }
  }

  @Test(arguments: ["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "2606:4700::1111"])
  func `addresses of the internet are connected to`(text: String) async throws {
    let guarded = OutboundAddresses(names: Self.answering(text))
    let target = try await guarded.target(of: "hooks.example.org", within: .seconds(1))
    #expect(target == IPAddress(text))
  }

  @Test(arguments: [
    "127.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1%00", "a b.org",
    "", ".", "a..org", "exa\u{FF0E}mple.org", "127.0.0.0x1", "host/path", "user@host", "a\nb.org",
    "\u{2460}.org",
  ])
  func `class 20: odd spellings of addresses are no names`(host: String) async throws {
    let asked = Mutex(0)
    let guarded = OutboundAddresses(
      names: NameResolution { _, _ in
        asked.withLock { $0 += 1 }
        return .success([IPAddress("1.1.1.1")].compactMap(\.self))
      })
    await #expect(throws: OutboundAddresses.Refusal.noName) {
      try await guarded.target(of: host, within: .seconds(1))
    }
    #expect(asked.withLock { $0 } == 0)
  }

  @Test(arguments: [
    "localhost", "kubernetes", "kubernetes.default.svc", "web.shop.svc.cluster.local",
    "metadata.google.internal", "printer.local", "a.localhost", "METADATA.GOOGLE.INTERNAL.",
  ])
  func `class 20: names of a machine or a cluster are refused before they are looked up`(
    host: String
  ) async {
    await #expect(throws: OutboundAddresses.Refusal.localName) {
      try await OutboundAddresses(names: Self.answering("1.1.1.1"))
        .target(of: host, within: .seconds(1))
    }
  }

  @Test func `one bad answer among good ones is enough`() async {
    let guarded = OutboundAddresses(names: Self.answering("1.1.1.1", "10.0.0.1"))
    await #expect(throws: OutboundAddresses.Refusal.self) {
      try await guarded.target(of: "hooks.example.org", within: .seconds(1))
    }
  }

  @Test func `the operator allows networks by name`() async throws {
    let network = try #require(IPNetwork("10.20.0.0/16"))
    let guarded = OutboundAddresses(allowed: [network], names: Self.answering("10.20.3.4"))
    _ = try await guarded.target(of: "hooks.example.org", within: .seconds(1))

    #expect(guarded.isAllowed(try #require(IPAddress("::ffff:10.20.0.1"))))
    #expect(!guarded.isAllowed(try #require(IPAddress("10.21.0.1"))))
    #expect(!guarded.isAllowed(try #require(IPAddress("::1"))))
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("0.0.0.0/0", "8.8.8.8", true), ("192.168.1.128/25", "192.168.1.127", false),
    ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
    ("1.2.3.4/32", "1.2.3.4", true), ("1.2.3.4/32", "1.2.3.5", false),
  ])
  func `a network knows its addresses`(network: String, address: String, isIn: Bool) throws {
    let network = try #require(IPNetwork(network))
    #expect(network.contains(try #require(IPAddress(address))) == isIn)
  }

  @Test func `class 20: a name that changes its answer is connected to where it was judged`()
    async throws
  {
    let server = try TinyServer(.answers("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    let inner = try TinyServer(.answers("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"))
    defer {
      server.stop()
      inner.stop()
    }
    // The first answer is fine, every later one leads inwards.
    let asked = Mutex(0)
    let names = NameResolution { _, _ in
      let count = asked.withLock { count in
        count += 1
        return count
      }
      return .success([IPAddress(count == 1 ? "127.0.0.1" : "127.0.0.2")].compactMap(\.self))
    }
    let loopback = try #require(IPNetwork("127.0.0.1/32"))
    let requests = OutboundTransport(
      addresses: OutboundAddresses(allowed: [loopback], names: names), allowsPlain: true)

    let answer = try await requests.send(to: "http://rebind.example.org:\(server.port)/hook")

    #expect(answer.status == 200 && answer.body == Array("ok".utf8))
    #expect(asked.withLock { $0 } == 1)
    #expect(server.requests.first?.contains("rebind.example.org:\(server.port)") == true)
    let again = await #expect(throws: OutboundTransport.Failure.self) {
      try await requests.send(to: "http://rebind.example.org:\(inner.port)/hook")
    }
    #expect(again?.sentence.contains("leads to 127.0.0.2") == true)
    #expect(inner.requests.isEmpty)
  }

  @Test func `class 20: a redirect is told and not followed, and a flood is cut`() async throws {
    let target = try TinyServer(.answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    let server = try TinyServer(
      .answers(
        "HTTP/1.1 307 T\r\nLocation: http://127.0.0.1:\(target.port)/\r\nContent-Length: 0\r\n\r\n"
      ))
    let flood = try TinyServer(
      .answers(
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
          + String(repeating: "x", count: 100_000)))
    defer { for server in [target, server, flood] { server.stop() } }
    let requests = OutboundTransport(
      addresses: OutboundAddresses(nearest: .machine, names: Self.answering("127.0.0.1")),
      maximumBytes: 1_000, allowsPlain: true)

    let answer = try await requests.send("POST", to: "http://a.example.org:\(server.port)/")
    #expect(answer.status == 307 && target.requests.isEmpty)
    await #expect(throws: OutboundTransport.Failure.tooLarge) {
      try await requests.send(to: "http://a.example.org:\(flood.port)/")
    }
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 200", "",
    ])
  func `class 20: who begins an answer and doesn't go on holds nobody up`(
    words: String
  ) async throws {
    let server = try TinyServer(.stalls(words))
    defer { server.stop() }
    let requests = OutboundTransport(
      addresses: OutboundAddresses(nearest: .machine, names: Self.answering("127.0.0.1")),
      timeout: .seconds(1), allowsPlain: true)

    await #expect(throws: OutboundTransport.Failure.noAnswer) {
      try await requests.send(to: "http://a.example.org:\(server.port)/")
    }
  }

  @Test func `of a long answer the beginning counts for who wants only its status`() async throws {
    let server = try TinyServer(
      .stalls(
        "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
          + String(repeating: "x", count: 50_000)))
    defer { server.stop() }
    var requests = OutboundTransport(
      addresses: OutboundAddresses(nearest: .machine, names: Self.answering("127.0.0.1")),
      maximumBytes: 1_000, allowsPlain: true)
    requests.cutsLongAnswers = true

    let answer = try await requests.send(to: "http://a.example.org:\(server.port)/")

    #expect(
      answer.status == 200 && answer.body == Array(repeating: UInt8(ascii: "x"), count: 1_000))
  }

  @Test(arguments: [
    "ftp://example.org/", "file:///etc/passwd", "http://example.org/", "https://", "example.org",
    "https://user:pass@example.org/", "https://example.org\\@127.0.0.1/", "https://exa mple.org/",
    "https://example.org/\r\nX-Evil: 1", "gopher://example.org/", "javascript:alert(1)",
  ])
  func `class 20: what isn't plainly an https address is refused`(url: String) async {
    let requests = OutboundTransport(addresses: OutboundAddresses(names: Self.answering("1.1.1.1")))
    await #expect(throws: OutboundTransport.Failure.malformed) { try await requests.send(to: url) }
  }
}
