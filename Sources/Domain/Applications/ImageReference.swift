/// A reference to a container image, `[registry[:port]/]path[:tag][@digest]`,
/// checked once and then trusted.
///
/// The grammar is the one of the OCI distribution specification and of
/// `github.com/distribution/reference`.
public struct ImageReference: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The reference as it was typed, without surrounding white space.
  public let text: String
  /// `registry.example.com:5000`, or nil for the cluster's default registry.
  public let registry: String?
  /// `library/nginx`, without registry, tag and digest.
  public let path: String
  public let tag: String?
  /// `sha256:` and 64 hexadecimal digits.
  public let digest: String?

  public var description: String { text }

  /// The most characters of ``path`` (`RepositoryNameTotalLengthMax` of
  /// `distribution/reference`, which container runtimes go by).
  private static let maximumPathLength = 255

  /// Whether the reference can mean another image tomorrow in the way that
  /// surprises most: no tag at all, or `latest`, and no digest.
  public var isLatest: Bool { digest == nil && (tag == nil || tag == "latest") }

  /// The same image, fixed to a digest, whatever its tag will mean.
  ///
  /// - Parameter digest: `sha256:` and 64 hexadecimal digits; anything else
  ///   changes nothing.
  func pinned(to digest: String) -> ImageReference {
    guard self.digest == nil, let pinned = try? ImageReference(parsing: "\(text)@\(digest)") else {
      return self
    }
    return pinned
  }

  /// The digest in what a node says of an image that runs, as in
  /// `docker.io/library/nginx@sha256:…`; nil when it tells none (Kubernetes API,
  /// ContainerStatus, `imageID`).
  static func digest(inImageID id: String) -> String? {
    guard let at = id.lastIndex(of: "@") else { return nil }
    let digest = id[id.index(after: at)...]
    let hex = digest.dropFirst("sha256:".count)
    guard digest.hasPrefix("sha256:"), hex.utf8.count == 64,
      hex.utf8.allSatisfy({ ASCII.isLowercaseHex($0) })
    else { return nil }
    return String(digest)
  }

  /// What tells this image from others of its name: tag, digest or `latest`.
  public var version: String { tag ?? digest ?? "latest" }

  /// What is wrong with a text that isn't an image reference, as a sentence.
  public struct Mistake: Error, Sendable, Equatable {
    public let sentence: String
  }

  /// Parses a reference.
  ///
  /// - Throws: ``Mistake`` with a sentence for the person who typed it.
  public init(parsing typed: String) throws(Mistake) {
    let text = typed.trimmingSpaces()
    guard !text.isEmpty else {
      throw Mistake(sentence: "Name an image, for example nginx:1.27.")
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.isWhitespace }) else {
      throw Mistake(sentence: "An image reference has no spaces or line breaks in it.")
    }
    guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw Mistake(
        sentence: "An image reference has at most 512 plain letters, digits and . _ - / : @ signs.")
    }
    if text.contains("://") {
      throw Mistake(sentence: "Leave out the scheme: docker.io/library/nginx, not https://….")
    }
    let (name, digest) = try Self.splitDigest(text)
    let (repository, tag) = try Self.splitTag(name)
    let (registry, path) = try Self.splitRegistry(repository)
    self.text = text
    self.registry = registry
    self.path = path
    self.tag = tag
    self.digest = digest
  }

  public init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private static func splitDigest(_ text: String) throws(Mistake) -> (String, String?) {
    guard let at = text.firstIndex(of: "@") else { return (text, nil) }
    let digest = String(text[text.index(after: at)...])
    let hex = digest.dropFirst("sha256:".count)
    guard digest.hasPrefix("sha256:"), hex.count == 64,
      hex.utf8.allSatisfy({ ASCII.isLowercaseHex($0) })
    else {
      throw Mistake(sentence: "The digest after @ must be sha256: and 64 hexadecimal digits.")
    }
    return (String(text[..<at]), digest)
  }

  private static func splitTag(_ name: String) throws(Mistake) -> (String, String?) {
    // A colon before the last slash belongs to the registry's port.
    let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
    guard let colon = name[lastSlash...].lastIndex(of: ":") else { return (name, nil) }
    let tag = String(name[name.index(after: colon)...])
    let first = tag.utf8.first
    guard let first, ASCII.isWord(first), tag.utf8.count <= 128,
      tag.utf8.allSatisfy({ ASCII.isWord($0) || $0 == 0x2e || $0 == 0x2d })
    else {
      throw Mistake(
        sentence:
          "The tag after : has 1 to 128 letters, digits, dots, dashes and underscores.")
    }
    return (String(name[..<colon]), tag)
  }

  private static func splitRegistry(_ repository: String) throws(Mistake) -> (String?, String) {
    var components = repository.split(separator: "/", omittingEmptySubsequences: false)
    var registry: String?
    if components.count > 1, let head = components.first,
      head.contains(".") || head.contains(":") || head == "localhost"
    {
      registry = String(head)
      components.removeFirst()
      guard isRegistry(head) else {
        throw Mistake(
          sentence: "“\(head)” isn't a registry: it takes a host name and perhaps :port.")
      }
    }
    let length = components.reduce(components.count - 1) { $0 + $1.utf8.count }
    guard length <= maximumPathLength else {
      throw Mistake(
        sentence: "An image's name has at most \(maximumPathLength) characters, without its tag.")
    }
    guard !components.isEmpty, components.allSatisfy(isPathComponent) else {
      let isUpper = components.contains { $0.utf8.contains { ASCII.isUppercase($0) } }
      throw Mistake(
        sentence: isUpper
          ? "An image's name has no capital letters."
          : "An image's name has lower-case letters and digits, with single . _ - between them.")
    }
    return (registry, components.joined(separator: "/"))
  }

  private static func isRegistry(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return false }
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ ASCII.isDigit($0) }), let port = Int(parts[1]),
        (1...65_535).contains(port)
      else { return false }
    }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && label.utf8.first != 0x2d && label.utf8.last != 0x2d
        && label.utf8.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x2d }
    }
  }

  /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
  private static func isPathComponent(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, ASCII.isLowercaseAlphanumeric(first),
      ASCII.isLowercaseAlphanumeric(last)
    else { return false }
    var separator: [UInt8] = []
    for byte in bytes {
      if ASCII.isLowercaseAlphanumeric(byte) {
        let isDashes = separator.allSatisfy { $0 == 0x2d }
        guard isDashes || separator == [0x2e] || separator == [0x5f] || separator == [0x5f, 0x5f]
        else { return false }
        separator = []
      } else if byte == 0x2e || byte == 0x5f || byte == 0x2d {
        separator.append(byte)
      } else {
        return false
      }
    }
    return true
  }
}
