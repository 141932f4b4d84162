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

  @Test func `the documentation has the facts of alerts by the names that are sent`() throws {
    let document = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/webhooks.md"),
      encoding: .utf8)
    let time = Date(timeIntervalSince1970: 0)
    let alert = Alert(
      id: .random(), fingerprint: "f", name: "AnomalyErrors", severity: .critical,
      source: .cluster, state: .firing, projectID: .random(), project: "shop", namespace: "shop",
      application: "web", summary: "web answers with errors", description: "", runbook: nil,
      seen: "6.2%", usual: "0.1%", labels: [:], startedAt: time, endedAt: nil, heardAt: time,
      release: PrecedingRelease(
        number: 13, createdAt: time, change: "image 1.28 → 1.29", previous: 12))
    let notice = AlertNotices.notice(
      of: AlertNotice(.began, alert), alert, try #require(alert.projectID), "shop")

    #expect(notice.facts.count == 4)
    for fact in notice.facts {
      #expect(document.contains("\"\(fact.name)\":\"\(fact.value)\""), "\(fact.name)")
    }
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
