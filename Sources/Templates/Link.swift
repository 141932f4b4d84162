/// Where a link, a form or an image points: the only value a template accepts
/// in `href`, `src`, `action` and their like.
///
/// It is a path on this site, a place on the same page, or an `http` or `https`
/// URL. No `Link` runs a script, whatever text it was made from.
public struct Link: Sendable, Hashable, CustomStringConvertible {
  /// The URL as it stands in the attribute, before HTML escaping; ASCII only.
  public let text: String

  /// The same as ``text``.
  public var description: String { text }

  /// A path on this site, with query and fragment if it has them.
  ///
  /// Never fails: what may not stand in a path is percent-encoded (an existing
  /// `%2F` stays), and the result begins with exactly one `/`, so it can't
  /// lead to another site.
  public init(path: String) {
    let rest = path.utf8.drop { $0 == UInt8(ascii: "/") }
    text = "/" + percentEncoded(rest, keeping: isAllowedInPath, keepsEscapes: true)
  }

  /// A path on this site made of `segments`, each encoded whole: a `/`, `?` or
  /// `%` within one is data. `query` becomes `?name=value&…`, encoded likewise.
  public init(segments: [String], query: KeyValuePairs<String, String> = [:]) {
    var text = ""
    for segment in segments {
      text += "/"
      // Names of projects and applications need no encoding, and lists have many.
      text +=
        segment.utf8.allSatisfy(isUnreserved)
        ? segment : percentEncoded(segment.utf8, keeping: isUnreserved, keepsEscapes: false)
    }
    if text.isEmpty || segments.first?.isEmpty == true { text = "/" + text.drop { $0 == "/" } }
    var separator = "?"
    for (name, value) in query {
      text += separator + percentEncoded(name.utf8, keeping: isUnreserved, keepsEscapes: false)
      text += "=" + percentEncoded(value.utf8, keeping: isUnreserved, keepsEscapes: false)
      separator = "&"
    }
    self.text = text
  }

  /// The element with this `id` on the same page.
  public init(fragment: String) {
    text = "#" + percentEncoded(fragment.utf8, keeping: isUnreserved, keepsEscapes: false)
  }

  /// A URL that came from outside: `http://` or `https://` with a host and
  /// without a user name, or an absolute path with a single leading `/`.
  ///
  /// `nil` for anything else, and for any text with a control character, a
  /// space, a backslash or a character outside ASCII.
  public init?(url: String) {
    let bytes = Array(url.utf8)
    guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
      return nil
    }
    if bytes.first == UInt8(ascii: "/") {
      guard bytes.count == 1 || bytes[1] != UInt8(ascii: "/") else { return nil }
    } else {
      let scheme = String(decoding: bytes.prefix(8), as: UTF8.self).lowercased()
      let prefix = scheme == "https://" ? 8 : scheme.hasPrefix("http://") ? 7 : nil
      guard let prefix else { return nil }
      let authority = bytes[prefix...].prefix { !"/?#".utf8.contains($0) }
      guard let first = authority.first, first != UInt8(ascii: ":") else { return nil }
      guard !authority.contains(UInt8(ascii: "@")) else { return nil }
    }
    text = url
  }
}

/// RFC 3986 §2.3.
private func isUnreserved(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  // - . _ ~
  case 0x2D, 0x2E, 0x5F, 0x7E: true
  default: false
  }
}

/// RFC 3986 §3.3 to §3.5, without `'`, which some browsers treat as a quote.
private func isAllowedInPath(_ byte: UInt8) -> Bool {
  isUnreserved(byte) || "/?#:@!$&()*+,;=".utf8.contains(byte)
}

/// `bytes` with each byte that `keeping` refuses written as `%XX` (RFC 3986 §2.1).
private func percentEncoded(
  _ bytes: some Collection<UInt8>, keeping: (UInt8) -> Bool, keepsEscapes: Bool
) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count + 16)
  var index = bytes.startIndex
  while index != bytes.endIndex {
    let byte = bytes[index]
    if keeping(byte) || (keepsEscapes && isEscape(bytes[index...])) {
      result.append(byte)
    } else {
      result.append(UInt8(ascii: "%"))
      result.append(digits[Int(byte >> 4)])
      result.append(digits[Int(byte & 0xF)])
    }
    index = bytes.index(after: index)
  }
  return String(decoding: result, as: UTF8.self)
}

private func isEscape(_ bytes: some Collection<UInt8>) -> Bool {
  let digits = bytes.dropFirst().prefix(2)
  return bytes.first == UInt8(ascii: "%") && digits.count == 2
    && digits.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
      default: false
      }
    }
}
