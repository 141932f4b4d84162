import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// A tag of what an answer says (RFC 9110 §8.8.3), computed from the bytes.
///
/// What can be edited has a tag of its own in front, `"v7"`: together they are
/// `"v7.2c26b46b68ffc68f"`. `If-None-Match` compares all of it, since what a
/// thing shows may change without anybody editing it; `If-Match` only the front.
struct EntityTag: Sendable, Equatable {
  /// As it stands in `ETag`.
  let text: String

  /// - Parameter version: a strong tag of what can be edited; nil for an answer
  ///   that can't. Such a tag is weak: the same answer may be sent compressed.
  init(of bytes: some Sequence<UInt8>, version: String? = nil) {
    var hash = SHA256()
    hash.update(data: Array(bytes))
    let digits = hash.finalize().prefix(8)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    text = version.map { "\($0.dropLast()).\(digits)\"" } ?? "W/\"\(digits)\""
  }

  /// Whether a client has this very answer already (RFC 9110 §13.1.2).
  func matches(_ header: String?) -> Bool {
    guard let header else { return false }
    return Self.list(header).contains { $0 == "*" || Self.opaque($0) == Self.opaque(text) }
  }

  /// Whether a client saw what can be edited as it is (RFC 9110 §13.1.1).
  ///
  /// - Parameter version: the strong tag of now.
  static func matches(_ header: String, version: String) -> Bool {
    list(header).contains { tag in
      tag == "*" || tag == version || tag.hasPrefix("\(version.dropLast()).") && tag.hasSuffix("\"")
    }
  }

  private static func list(_ header: String) -> [String] {
    header.split(separator: ",").map { FormBody.trimmed(String($0)) }
  }

  /// Weak comparison (RFC 9110 §8.8.3.2).
  private static func opaque(_ tag: String) -> Substring {
    tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
  }
}

extension Response {
  /// The answer with its tag, or 304 without a body for a client that has it.
  ///
  /// - Parameter bytes: its body.
  func tagged(
    _ bytes: [UInt8], version: String? = nil, for request: Request
  ) -> Response {
    let tag = EntityTag(of: bytes, version: version)
    var response = self
    if tag.matches(request.headers[.ifNoneMatch]) {
      response = Response(status: .notModified)
      // What a cache must know of the answer that it has (RFC 9110 §15.4.5).
      for name in [HTTPField.Name.cacheControl, .vary] { response.headers[name] = headers[name] }
    }
    response.headers[.eTag] = tag.text
    return response
  }
}
