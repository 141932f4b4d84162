/// Which variables are taken for secrets.
enum SecretNames {
  private static let parts: Set<String> = ["KEY", "PASS", "PASSWD", "CREDS", "DSN", "SALT"]
  private static let words = [
    "PASSWORD", "PASSPHRASE", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "PRIVATEKEY",
    "ACCESSKEY",
  ]

  /// By the name, or because the value is an address with a password in it. A
  /// name that ends in `_FILE` is about a file's path.
  static func isSecret(_ name: String, _ value: String) -> Bool {
    let upper = name.uppercased()
    if upper.hasSuffix("_FILE") { return false }
    if words.contains(where: { upper.contains($0) }) { return true }
    let pieces = upper.split(whereSeparator: { "_-.".contains($0) }).map(String.init)
    if pieces.contains(where: { parts.contains($0) }) { return true }
    if pieces.count > 1, pieces.contains("PWD") { return true }
    return hasPassword(value)
  }

  /// `scheme://user:password@host` (RFC 3986 §3.2.1).
  private static func hasPassword(_ value: String) -> Bool {
    guard let start = value.firstRange(of: "://")?.upperBound else { return false }
    let authority = value[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let at = authority.lastIndex(of: "@") else { return false }
    let login = authority[..<at]
    return login.split(separator: ":", maxSplits: 1).count == 2
  }
}
