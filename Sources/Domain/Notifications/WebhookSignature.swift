internal import Crypto
internal import Foundation

/// Signs what is sent to a webhook, by the Standard Webhooks specification
/// (github.com/standard-webhooks/standard-webhooks, “Symmetric”): HMAC-SHA256 over
/// id, time and body.
enum WebhookSignature {
  private static let prefix = "whsec_"

  /// A new secret of 32 random bytes.
  static func newSecret() -> String {
    let key = SymmetricKey(size: .bits256)
    return prefix + key.withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  /// The three headers.
  ///
  /// - Parameter secrets: each signs; the newest first.
  static func headers(
    id: String, at time: Date, body: [UInt8], secrets: [String]
  ) -> [(String, String)] {
    let seconds = Int(time.timeIntervalSince1970)
    let signatures = secrets.compactMap { sign(id: id, seconds: seconds, body: body, with: $0) }
    return [
      ("webhook-id", id), ("webhook-timestamp", "\(seconds)"),
      ("webhook-signature", signatures.joined(separator: " ")),
    ]
  }

  private static func sign(
    id: String, seconds: Int, body: [UInt8], with secret: String
  ) -> String? {
    guard secret.hasPrefix(prefix),
      let key = Data(base64Encoded: String(secret.dropFirst(prefix.count)))
    else { return nil }
    let content = Data("\(id).\(seconds).".utf8) + Data(body)
    let code = HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: key))
    return "v1," + Data(code).base64EncodedString()
  }
}
