/// A file that is part of the program: a style sheet, a script, an icon.
public struct StaticAsset: Sendable, Hashable {
  /// The name without hash, relative to the folder of static files: `icons/logo.svg`.
  public let name: String
  /// Where it is served. Holds a hash of the content, so it may be kept for ever:
  /// `/static/icons/logo-0123456789abcdef.svg`.
  public let path: String
  /// The value of `Content-Type`.
  public let contentType: String
  /// The value of `ETag`, with its quotes (RFC 9110 §8.8.3).
  public let etag: String
  /// The content.
  public let bytes: [UInt8]

  /// An asset with text as its content.
  public init(
    name: String, path: String, contentType: String, etag: String, text: StaticString
  ) {
    self.name = name
    self.path = path
    self.contentType = contentType
    self.etag = etag
    bytes = text.withUTF8Buffer { Array($0) }
  }

  /// An asset with binary content, given as hexadecimal digits: `89504e47…`.
  /// A byte that is no digit counts as zero.
  public init(
    name: String, path: String, contentType: String, etag: String, hexadecimal: StaticString
  ) {
    self.name = name
    self.path = path
    self.contentType = contentType
    self.etag = etag
    bytes = hexadecimal.withUTF8Buffer { digits in
      stride(from: 0, to: digits.count - 1, by: 2).map { index in
        nibble(digits[index]) << 4 | nibble(digits[index + 1])
      }
    }
  }

  /// Where templates point to.
  public var link: Link { Link(path: path) }
}

private func nibble(_ digit: UInt8) -> UInt8 {
  switch digit {
  case 0x30...0x39: digit - 0x30
  case 0x61...0x66: digit - 0x61 + 10
  default: 0
  }
}
