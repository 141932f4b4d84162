import Crypto
import Foundation
import Testing

@testable import Domain

/// The example for receivers in Swift, as it stands in docs/webhooks.md.
struct WebhookExampleTests {
  @Test func `the example in the documentation is the code that is tested here`() throws {
    let here = URL(filePath: #filePath)
    let document = try String(
      contentsOf: here.deletingLastPathComponent().appending(path: "../../../docs/webhooks.md"),
      encoding: .utf8)
    let block = try #require(
      document.components(separatedBy: "```swift\n").last?.components(separatedBy: "```").first)
    let example = try #require(block.components(separatedBy: "\n\n").last)

    let source = try String(contentsOf: here, encoding: .utf8)

    #expect(source.hasSuffix("\n" + example))
  }

  @Test func `it takes what is signed as webhooks are, and nothing else`() throws {
    let secret = WebhookSignature.newSecret()
    let body = Data(#"{"type":"webhook.test"}"#.utf8)
    let stamp = Int(Date().timeIntervalSince1970)
    func signatures(at stamp: Int) -> String {
      WebhookSignature.headers(
        id: "msg_1", at: Date(timeIntervalSince1970: Double(stamp)), body: Array(body),
        secrets: [secret]
      ).first { $0.0 == "webhook-signature" }?.1 ?? ""
    }
    func judge(
      _ secret: String, _ id: String, _ stamp: Int, _ body: Data, signedAt signing: Int? = nil
    ) -> Bool {
      isGenuine(
        secret: secret, id: id, stamp: "\(stamp)", signatures: signatures(at: signing ?? stamp),
        body: body)
    }

    #expect(judge(secret, "msg_1", stamp, body))
    #expect(!judge(WebhookSignature.newSecret(), "msg_1", stamp, body))
    #expect(!judge(secret, "msg_2", stamp, body))
    #expect(!judge(secret, "msg_1", stamp - 1, body, signedAt: stamp))
    #expect(!judge(secret, "msg_1", stamp - 301, body))
    #expect(!judge(secret, "msg_1", stamp, body + Data(" ".utf8)))
  }
}

func isGenuine(secret: String, id: String, stamp: String, signatures: String, body: Data) -> Bool {
  guard let seconds = Double(stamp), abs(Date().timeIntervalSince1970 - seconds) <= 300,
    let key = Data(base64Encoded: secret.replacingOccurrences(of: "whsec_", with: ""))
  else { return false }
  return signatures.split(separator: " ").contains { signature in
    guard signature.hasPrefix("v1,"), let code = Data(base64Encoded: String(signature.dropFirst(3)))
    else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      code, authenticating: Data("\(id).\(stamp).".utf8) + body, using: SymmetricKey(data: key))
  }
}
