import Foundation

/// Turns a setting's text into its value, or says what it must be.
struct Values {
  let read: (AppConfiguration.Key) -> String?

  init(_ read: @escaping (AppConfiguration.Key) -> String?) {
    self.read = read
  }

  /// A setting that isn't empty.
  func text(_ key: AppConfiguration.Key) -> String? {
    read(key).flatMap { $0.isEmpty ? nil : $0 }
  }

  func flag(_ key: AppConfiguration.Key) throws -> Bool? {
    switch text(key)?.lowercased() {
    case nil: nil
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    case let other?: throw Self.mistake(key, other, "must be true or false")
    }
  }

  func port() throws -> Int? {
    try number(.port, in: 0...65_535)
  }

  func number(_ key: AppConfiguration.Key, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(key) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Self.mistake(
        key, text, "must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func choice(_ key: AppConfiguration.Key, _ choices: [String]) throws -> String? {
    guard let text = text(key) else { return nil }
    guard choices.contains(text) else {
      throw Self.mistake(key, text, "must be one of \(choices.joined(separator: ", "))")
    }
    return text
  }

  /// IP addresses with commas between, as peers have them.
  func proxies() throws -> ProxyAddresses {
    var proxies = ProxyAddresses()
    for item in (text(.trustedProxy) ?? "").split(separator: ",") {
      let name = FormBody.trimmed(String(item))
      guard proxies.insert(name) else {
        throw Self.mistake(
          .trustedProxy, name,
          "must be IP addresses or networks by their first address, like 10.0.0.7,fd7a::/64, and "
            + "not everybody")
      }
    }
    return proxies
  }

  /// The public URL's origin, in lower case and without a path.
  func origin() throws -> String? {
    guard let text = text(.publicURL) else { return nil }
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
      ["", "/"].contains(parts.path), parts.query == nil, parts.user == nil
    else {
      throw Self.mistake(
        .publicURL, text, "must be an address without a path, like https://babyhelm.example.net")
    }
    let isDefault = parts.port == (scheme == "https" ? 443 : 80)
    let port = isDefault ? "" : parts.port.map { ":\($0)" } ?? ""
    return "\(scheme)://\(host.lowercased())\(port)"
  }

  /// The address of the API server for people's kubeconfigs.
  func clusterURL() throws -> URL? {
    guard let text = text(.clusterPublicURL) else { return nil }
    guard let url = URL(string: text), url.scheme?.lowercased() == "https",
      let host = url.host(), !host.isEmpty, url.user() == nil, url.query() == nil
    else {
      throw Self.mistake(
        .clusterPublicURL, text, "must be an https address, like https://cluster.example.net:6443")
    }
    return url
  }

  static func mistake(
    _ key: AppConfiguration.Key, _ value: String, _ rule: String
  ) -> StartupError {
    StartupError("--\(key.rawValue) (or \(key.variable)) \(rule), not “\(value)”.")
  }
}

/// Whether a number read from JSON was written `true` or `false`.
enum CFBooleanCheck {
  static func isBoolean(_ number: NSNumber) -> Bool {
    number === NSNumber(value: true) || number === NSNumber(value: false)
      || String(cString: number.objCType) == "c"
  }
}

/// How many letters must change to make one word of another (Levenshtein).
enum EditDistance {
  static func of(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = a == b ? diagonal : min(diagonal, above, row[j]) + 1
        diagonal = above
      }
    }
    return row[right.count]
  }
}
