/// A place that images may come from: a registry, or a path in one, such as
/// `ghcr.io` or `docker.io/library`.
public struct AllowedRegistry: Sendable, Hashable, Codable {
  /// `docker.io/library`, in lower case and without a slash at the end.
  public let text: String

  /// - Returns: nil for what can't be the beginning of an image reference.
  init?(parsing typed: String) {
    var text = typed.trimmingSpaces().lowercased()
    while text.hasSuffix("/") { text.removeLast() }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let host = parts.first, text.utf8.count <= 255,
      host == "localhost" || host.contains(".") || host.contains(":"),
      let reference = try? ImageReference(parsing: "\(text)/image"),
      reference.registry == String(host), reference.tag == nil, reference.digest == nil
    else { return nil }
    self.text = text
  }

  public init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    try value.encode(text)
  }

  /// Whether an image comes from here. A reference without a registry means
  /// Docker Hub, as container runtimes read it.
  func has(_ image: ImageReference) -> Bool {
    let registry = (image.registry ?? "docker.io").lowercased()
    let path =
      registry == "docker.io" && !image.path.contains("/")
      ? "library/\(image.path)" : image.path
    // Both names of Docker Hub are in use.
    let name = (registry == "index.docker.io" ? "docker.io" : registry) + "/" + path
    // Whole components: ghcr.io/team isn't the beginning of ghcr.io/teams/it.
    return name.hasPrefix(text + "/")
  }
}
