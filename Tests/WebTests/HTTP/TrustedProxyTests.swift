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
}
