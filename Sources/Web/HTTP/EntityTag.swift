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
    let digits = Self.digits(hash.finalize())
    text = version.map { "\($0.dropLast()).\(digits)\"" } ?? "W/\"\(digits)\""
  }

  /// The tag of a page. The form tokens in it are masked anew each time and all
  /// mean the same, so they don't count; whose they are does, so that nobody
  /// keeps a page whose forms belong to a session that ended.
  ///
  /// - Parameter secret: what the tokens are made from.
  init(ofPage bytes: [UInt8], secret: String) {
    var hash = SHA256()
    hash.update(data: Array(secret.utf8))
    var rest = bytes[...]
    while let token = Self.token(in: rest) {
      hash.update(data: rest[..<token.lowerBound])
      rest = rest[token.upperBound...]
    }
    hash.update(data: rest)
    text = "W/\"\(Self.digits(hash.finalize()))\""
  }

  private static let beforeToken = Array("name=\"_token\" value=\"".utf8)

  /// Where the first form token stands.
  private static func token(in bytes: ArraySlice<UInt8>) -> Range<Int>? {
    var start = bytes.startIndex
    while let quote = bytes[start...].firstIndex(of: UInt8(ascii: "_")) {
      let begin = quote - 6
      start = quote + 1
      guard begin >= bytes.startIndex, bytes[begin...].starts(with: beforeToken) else { continue }
      let value = begin + beforeToken.count
      let end = bytes[value...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.endIndex
      return value..<end
    }
    return nil
  }

  private static func digits(_ digest: SHA256.Digest) -> String {
    digest.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
    tagged(EntityTag(of: bytes, version: version), for: request)
  }

  /// The same with a tag that is made already.
  func tagged(_ tag: EntityTag, for request: Request) -> Response {
    var response = self
    if tag.matches(request.headers[.ifNoneMatch]) {
      response = Response(status: .notModified)
      // What a cache must know of the answer that it has (RFC 9110 §15.4.5). What is here goes
      // before what a browser kept of the answer: without its own policy, a page with frames
      // would get the one of all pages, and show them no more.
      for name in [HTTPField.Name.cacheControl, .vary, .contentSecurityPolicy, .contentLanguage] {
        response.headers[name] = headers[name]
      }
    }
    response.headers[.eTag] = tag.text
    return response
  }
}
