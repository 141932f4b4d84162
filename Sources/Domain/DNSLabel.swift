/// The rule for names of projects and applications: a DNS label (RFC 1123),
/// which is what Kubernetes asks of a Namespace's name.
enum DNSLabel {
  /// The most characters a label may have.
  static let maximumLength = 63

  /// What is wrong with a name, as a sentence; nil when nothing is.
  ///
  /// - Parameter mustStartWithLetter: Services ask for that (RFC 1035).
  static func mistake(in name: String, mustStartWithLetter: Bool) -> String? {
    if name.isEmpty {
      return "Give it a name, for example \(mustStartWithLetter ? "web" : "shop")."
    }
    let bytes = Array(name.utf8)
    if bytes.contains(where: { ASCII.isUppercase($0) }) {
      return "A name has no capital letters: try “\(suggestion(for: name, mustStartWithLetter))”."
    }
    if bytes.contains(0x2e) || bytes.contains(0x20) || bytes.contains(0x5f) {
      return "A name has no dots, spaces or underscores: "
        + "try “\(suggestion(for: name, mustStartWithLetter))”."
    }
    guard bytes.allSatisfy({ ASCII.isLowercaseAlphanumeric($0) || $0 == 0x2d }) else {
      return "A name has only the letters a to z, digits and dashes."
    }
    if bytes.count > maximumLength {
      return "A name has at most \(maximumLength) characters; this one has \(bytes.count)."
    }
    if bytes.first == 0x2d || bytes.last == 0x2d {
      return "A name starts and ends with a letter or a digit, not with a dash."
    }
    if mustStartWithLetter, let first = bytes.first, ASCII.isDigit(first) {
      return "A name starts with a letter, since it becomes a host name in the cluster."
    }
    return nil
  }

  /// Whether a text is a DNS subdomain (RFC 1123): labels of small letters,
  /// digits and dashes with dots between, at most 253 characters.
  static func isSubdomain(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 253 else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      let bytes = Array(label.utf8)
      return !bytes.isEmpty && bytes.count <= maximumLength && bytes.first != 0x2d
        && bytes.last != 0x2d
        && bytes.allSatisfy { ASCII.isLowercaseAlphanumeric($0) || $0 == 0x2d }
    }
  }

  /// A name like the one typed that would be accepted.
  private static func suggestion(for name: String, _ mustStartWithLetter: Bool) -> String {
    var bytes: [UInt8] = []
    for byte in name.lowercased().utf8 {
      if bytes.isEmpty, mustStartWithLetter, ASCII.isDigit(byte) { continue }
      if ASCII.isLowercaseAlphanumeric(byte) {
        bytes.append(byte)
      } else if bytes.last != 0x2d, !bytes.isEmpty {
        bytes.append(0x2d)
      }
    }
    bytes = Array(bytes.prefix(maximumLength))
    while bytes.last == 0x2d { bytes.removeLast() }
    return bytes.isEmpty ? "web" : String(decoding: bytes, as: UTF8.self)
  }
}
