import HTTPTypes
import Hummingbird
import Testing

@testable import Web

@Suite struct TrustedProxyTests {
  private func request(_ headers: [String: String]) throws -> Request {
    var fields = HTTPFields()
    for (name, value) in headers {
      fields[try #require(HTTPField.Name(name))] = value
    }
    return Request(
      head: HTTPRequest(
        method: .get, scheme: "http", authority: "here", path: "/", headerFields: fields),
      body: RequestBody(buffer: ByteBuffer()))
  }

  @Test func `headers that claim an identity or an address are taken off`() throws {
    let claims = [
      "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP",
      "Tailscale-User-Login", "tailscale-user-name", "Impersonate-User", "IMPERSONATE-GROUP",
    ]
    for claim in claims {
      let cleaned = TrustedProxy.cleaned(try request([claim: "mallory", "Accept": "text/html"]))
      #expect(cleaned.headers.count == 1, "\(claim)")
      #expect(cleaned.headers[.accept] == "text/html")
    }
  }

  private func proxies(_ texts: String...) -> ProxyAddresses {
    var proxies = ProxyAddresses()
    for text in texts {
      let isTaken = proxies.insert(text)
      #expect(isTaken, "\(text)")
    }
    return proxies
  }

  @Test func `a proxy is known by its address or its network, in either IP version's clothes`() {
    let proxies = proxies("10.0.0.7", "10.244.0.0/16", "fd7a:115c::/32", "::1")
    for address in [
      "10.0.0.7", "::ffff:10.0.0.7", "10.244.3.9", "::ffff:10.244.3.9", "fd7a:115c::5", "::1",
    ] {
      #expect(proxies.contains(address), "\(address)")
    }
    for address in ["10.0.0.8", "10.245.0.1", "fd7a:115d::1", "::2", "", "localhost", "::ffff:"] {
      #expect(!proxies.contains(address), "\(address)")
    }
  }

  @Test func `what is no address, no whole network or everybody is no proxy`() {
    for text in ["", "proxy", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.0/33", "10.0.0.0/"] {
      var proxies = ProxyAddresses()
      let isTaken = proxies.insert(text)
      #expect(!isTaken && proxies.isEmpty, "\(text)")
    }
  }

  @Test func `who asked is the last one that no proxy of ours is, not who somebody claims to be`() {
    let proxies = proxies("10.0.0.0/8")
    #expect(proxies.client(["6.6.6.6, 203.0.113.9"]) == "203.0.113.9")
    #expect(proxies.client(["6.6.6.6, 203.0.113.9, 10.0.0.2"]) == "203.0.113.9")
    #expect(proxies.client(["6.6.6.6", "203.0.113.9,10.0.0.2"]) == "203.0.113.9")
    #expect(proxies.client(["10.0.0.3, 10.0.0.2"]) == "10.0.0.3")
    #expect(proxies.client([]) == nil)
  }
}
