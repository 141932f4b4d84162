import Templates

/// A path on this site that somebody else may have chosen, like `next` on the
/// login page. It can't lead to another site.
struct LocalPath: Sendable, Equatable {
  let text: String

  /// Takes "/projects/shop?page=2"; refuses all that a browser could read as
  /// another host: "//evil", "/\evil", "https://…", control characters (WHATWG
  /// URL §4.4 drops tabs and line ends), and anything beyond 1,024 bytes.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 1_024, bytes.first == UInt8(ascii: "/"),
      bytes.count == 1 || (bytes[1] != UInt8(ascii: "/") && bytes[1] != UInt8(ascii: "\\")),
      bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
    else { return nil }
    self.text = text
  }

  var link: Link { Link(path: text) }
}
