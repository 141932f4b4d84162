internal import Foundation

/// Where a server is: `https://babyhelm.example.com`, perhaps with a path.
struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  /// Without a slash at its end; the same server always has the same text.
  let description: String
  let isEncrypted: Bool
  /// Whether it is this very machine.
  let isLocal: Bool

  /// - Throws: ``ClientError`` when it is no address of a web server.
  init(_ text: String) throws(ClientError) {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty,
      parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
    else {
      throw ClientError(
        .misused, "“\(text)” is no server's address.",
        advice: "Write it as in the browser: https://babyhelm.example.com.")
    }
    var path = parts.percentEncodedPath
    while path.hasSuffix("/") { path.removeLast() }
    let standard = scheme == "https" ? 443 : 80
    let port = parts.port.flatMap { $0 == standard ? nil : ":\($0)" } ?? ""
    description = "\(scheme)://\(host)\(port)\(path)"
    isEncrypted = scheme == "https"
    isLocal = host == "localhost" || host == "[::1]" || host == "::1" || host.hasPrefix("127.")
  }
}
