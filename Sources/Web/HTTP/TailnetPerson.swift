import Foundation
import HTTPTypes

/// Somebody whom `tailscale serve` vouches for with its headers. They count
/// only from a trusted proxy; it sets or removes them on every request.
struct TailnetPerson: Sendable, Equatable {
  /// Like an e-mail address.
  let login: String
  let name: String

  /// nil without a login: a tagged machine, or somebody from outside.
  init?(_ headers: HTTPFields) {
    let logins = headers[values: Self.loginHeader]
    // Two of them would be two answers to one question.
    guard logins.count == 1, let login = logins.first.map(Self.decoded), !login.isEmpty,
      login.utf8.count <= 254
    else { return nil }
    self.login = login
    name = headers[Self.nameHeader].map(Self.decoded) ?? ""
  }

  private static let loginHeader = HTTPField.Name("Tailscale-User-Login") ?? .from
  private static let nameHeader = HTTPField.Name("Tailscale-User-Name") ?? .from

  /// A value beyond ASCII comes as encoded words (RFC 2047 §2, the Q encoding
  /// in UTF-8).
  static func decoded(_ text: String) -> String {
    guard text.lowercased().contains("=?utf-8?q?") else { return text }
    // White space between two encoded words belongs to neither (§6.2).
    return text.split(separator: " ").map { word -> String in
      guard word.lowercased().hasPrefix("=?utf-8?q?"), word.hasSuffix("?=") else {
        return " \(word)"
      }
      return quoted(word.dropFirst(10).dropLast(2))
    }.joined().trimmingCharacters(in: .whitespaces)
  }

  private static func quoted(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "_") {
        bytes.append(0x20)
      } else if byte == UInt8(ascii: "="), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
