import Domain

/// Which proxies are believed about whom they speak for: single machines, and
/// networks, for pods of an ingress controller have no lasting addresses.
struct ProxyAddresses: Sendable, Equatable {
  private var networks: [IPNetwork] = []

  var isEmpty: Bool { networks.isEmpty }

  /// Adds `10.0.0.7` or `10.0.0.0/8`.
  ///
  /// - Returns: false for what is neither, and for a network of everybody, who
  ///   could then claim to be anybody.
  mutating func insert(_ text: String) -> Bool {
    let whole = text.contains(":") ? "/128" : "/32"
    guard let network = IPNetwork(text.contains("/") ? text : text + whole), network.isNetwork,
      !text.hasSuffix("/0")
    else { return false }
    networks.append(network)
    return true
  }

  /// Whether an address is a proxy's. An IPv4 address in the clothes that a
  /// socket for both versions puts on it is the IPv4 address (RFC 4291 §2.5.5.2).
  func contains(_ address: String) -> Bool {
    // The interface after a link-local address says nothing about who it is.
    let plain = address.split(separator: "%").first.map(String.init) ?? ""
    guard let address = IPAddress(plain) else { return false }
    return networks.contains { $0.contains(address) }
  }

  /// Who asked, by the `X-Forwarded-For` fields of a proxy that is believed.
  /// Each proxy adds whom it heard from at the end, so the last that isn't one
  /// of ours is the one that ours saw; what stands before is hearsay.
  func client(_ fields: [String]) -> String? {
    let addresses = fields.flatMap { $0.split(separator: ",") }.map {
      FormBody.trimmed(String($0))
    }
    return addresses.last { !contains($0) } ?? addresses.first
  }
}
