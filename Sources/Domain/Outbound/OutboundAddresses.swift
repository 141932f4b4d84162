/// Where the server may connect to because a person said so: an application's
/// address, a webhook, a registry. One guard for all of them.
///
/// A name is looked up once, every answer is judged, and the connection goes to
/// the first of them; so a name that changes its answer in between (DNS
/// rebinding) gains nothing.
public struct OutboundAddresses: Sendable {
  /// How near an address may be: beyond ``IPAddress/Reach/world``, only what the
  /// operator allows.
  public var nearest: IPAddress.Reach
  /// Networks that the operator allows, however near.
  public var allowed: [IPNetwork]
  public var names: NameResolution

  /// By default only addresses of the internet.
  public init(
    nearest: IPAddress.Reach = .world, allowed: [IPNetwork] = [], names: NameResolution = .system
  ) {
    self.nearest = nearest
    self.allowed = allowed
    self.names = names
  }

  /// Why nothing is connected to.
  public enum Refusal: Error, Sendable, Hashable {
    /// Not something that can be looked up.
    case noName
    case unknownName
    case tooSlow
    /// A name that means something only within a machine or a cluster.
    case localName
    case forbidden(IPAddress)

    /// Why, as a whole sentence about a host.
    public func sentence(about host: String) -> String {
      switch self {
      case .noName: "“\(host)” is neither a name nor an address."
      case .unknownName: "The name “\(host)” has no address."
      case .tooSlow: "Looking up “\(host)” takes too long."
      case .localName:
        "“\(host)” is a name within a machine or a cluster, which nobody outside knows."
      case .forbidden(let address):
        "“\(host)” leads to \(address), where BabyHelm connects to nothing for anybody."
      }
    }
  }

  /// The one address to connect to.
  ///
  /// - Parameter host: a name or an address, as in a URL.
  public func target(
    of host: String, within limit: Duration
  ) async throws(Refusal) -> IPAddress {
    let host = Self.bare(host)
    guard Self.isLookable(host) else { throw .noName }
    // Where the operator allows a network, its names may be of its own.
    if nearest == .world, allowed.isEmpty, Self.isLocal(host), IPAddress(host) == nil {
      throw .localName
    }
    let found: [IPAddress]
    switch await names.resolve(host, limit) {
    case .success(let addresses): found = addresses
    case .failure(.timedOut): throw .tooSlow
    case .failure(.unknown): throw .unknownName
    }
    guard let first = found.first else { throw .unknownName }
    // One bad answer among good ones is enough.
    if let bad = found.first(where: { !isAllowed($0) }) { throw .forbidden(bad) }
    return first
  }

  /// Whether an address may be connected to.
  public func isAllowed(_ address: IPAddress) -> Bool {
    address.reach >= nearest || allowed.contains { $0.contains(address) }
  }

  /// Whether a name is of the cluster, of the machine or of a cloud's inside.
  static func isLocal(_ host: String) -> Bool {
    let name = host.lowercased()
    return name.hasSuffix(".svc") || name.contains(".svc.") || name.hasSuffix(".local")
      || name.hasSuffix(".internal") || name.hasSuffix(".localhost") || !name.contains(".")
  }

  /// Without the brackets of an IPv6 address and the dot that ends a full name.
  private static func bare(_ host: String) -> String {
    if host.hasPrefix("["), host.hasSuffix("]") { return String(host.dropFirst().dropLast()) }
    return host.hasSuffix(".") ? String(host.dropLast()) : host
  }

  /// An address in its usual form, or a name with a letter in its last part:
  /// `127.1`, `0x7f.1` and `2130706433` are addresses that only some programs
  /// read, and each its own way.
  private static func isLookable(_ host: String) -> Bool {
    if IPAddress(host) != nil { return true }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard host.utf8.count <= 253, let last = labels.last,
      labels.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 63 }),
      host.utf8.allSatisfy({ byte in
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
          || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte)
      })
    else { return false }
    let isHexadecimal = last.lowercased().hasPrefix("0x")
    return !isHexadecimal && last.utf8.contains { !(0x30...0x39).contains($0) }
  }
}
