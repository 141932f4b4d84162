import Crypto
import Hummingbird

import struct Foundation.Data

/// One sentence for the next page: "Project shop is being made.", where there
/// is one with the way back.
///
/// It travels in a cookie that lives for a minute and is signed with the
/// browser's form secret, so that nobody else can put words on our pages.
struct Flash: Sendable, Equatable {
  enum Kind: String, Sendable, CaseIterable {
    case success, notice, failure
  }

  /// The longest text that is kept, in characters.
  static let maximumLength = 300

  var kind: Kind
  var text: String
  /// Offered to who did it, who alone can open the cookie.
  var undo: Undo?

  static func success(_ text: String, undo: Undo? = nil) -> Self {
    Self(kind: .success, text: text, undo: undo)
  }
  static func notice(_ text: String, undo: Undo? = nil) -> Self {
    Self(kind: .notice, text: text, undo: undo)
  }
  static func failure(_ text: String) -> Self { Self(kind: .failure, text: text) }

  /// The cookie's value: the message and its signature.
  func sealed(with secret: String) -> String {
    let words = (undo?.words ?? []).map { Base64URL.encode(Array($0.utf8)) }
    let payload = Array(
      "\(kind.rawValue):\(words.joined(separator: ".")):\(text.prefix(Self.maximumLength))".utf8)
    return "\(Base64URL.encode(payload)).\(Self.signature(of: payload, secret))"
  }

  /// The message in a cookie's value, if it was sealed with the secret.
  static func open(_ value: String, with secret: String) -> Flash? {
    let parts = value.split(separator: ".")
    guard parts.count == 2, !secret.isEmpty, let payload = Base64URL.decode(String(parts[0])),
      let code = Base64URL.decode(String(parts[1])),
      HMAC<SHA256>.isValidAuthenticationCode(
        code, authenticating: payload, using: SymmetricKey(data: Data(secret.utf8)))
    else { return nil }
    let fields = String(decoding: payload, as: UTF8.self)
      .split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, let kind = Kind(rawValue: String(fields[0])) else { return nil }
    let words = fields[1].split(separator: ".").map { word in
      Base64URL.decode(String(word)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    return Flash(kind: kind, text: String(fields[2]), undo: Undo(words: words))
  }

  /// The message a request brings. Around signing in and out, the secret
  /// changes between the two pages, so the form cookie's is tried too; a way back
  /// is taken only from who was signed in then, since others can write that one.
  static func read(_ request: Request, _ context: AppRequestContext) -> Flash? {
    guard let value = SiteCookie.flash.value(in: request, context.site) else { return nil }
    if let flash = open(value, with: context.formSecret.text) { return flash }
    var flash = SiteCookie.form.value(in: request, context.site).flatMap { open(value, with: $0) }
    if context.session != nil { flash?.undo = nil }
    return flash
  }

  private static func signature(of payload: [UInt8], _ secret: String) -> String {
    let key = SymmetricKey(data: Data(secret.utf8))
    return Base64URL.encode(Array(HMAC<SHA256>.authenticationCode(for: payload, using: key)))
  }
}
