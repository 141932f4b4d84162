import Foundation

/// Who may read BabyHelm's own metrics, and where.
struct MetricsConfiguration: Sendable, Equatable {
  /// A listener of its own; nil for none.
  var address: ListenAddress?
  /// A file whose first line is the token; nil when none opens `/metrics`.
  var tokenFile: String?

  init() {}

  /// - Throws: ``StartupError`` for an address that can't be, or a file without a
  ///   token.
  init(_ values: Values) throws {
    address = try values.text(.metricsAddress).map { text in
      guard let address = ListenAddress(text) else {
        throw Values.mistake(
          .metricsAddress, text, "must be an address with a port, like 127.0.0.1:9091")
      }
      return address
    }
    tokenFile = values.text(.metricsTokenFile)
    if let tokenFile, MetricsPages.token(in: tokenFile) == nil {
      throw StartupError(
        "The file \(tokenFile) of --metrics-token-file can't be read, or its first line is shorter "
          + "than \(MetricsPages.leastToken) characters. Make one: openssl rand -hex 32.")
    }
  }

  /// Who may read them on the main port; nil when they aren't there.
  var access: MetricsAccess? { tokenFile.map { .token(file: $0) } }
}

extension ListenAddress {
  /// `127.0.0.1:9091`, `[::1]:9091`; nil for anything else.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: host, port: port)
  }

  /// As it is typed, with an IPv6 address in brackets.
  var text: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
