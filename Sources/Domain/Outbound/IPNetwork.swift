/// A network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).
public struct IPNetwork: Sendable, Hashable {
  private let address: [UInt8]
  private let length: Int

  /// Reads `10.0.0.0/8` or `fd00::/8`; nil for anything else.
  public init?(_ text: String) {
    let sides = text.split(separator: "/", omittingEmptySubsequences: false)
    guard sides.count == 2, let address = IPAddress(String(sides[0])), let length = Int(sides[1]),
      String(length) == sides[1], (0...address.bytes.count * 8).contains(length)
    else { return nil }
    self.address = address.bytes
    self.length = length
  }

  /// Whether all bits after the prefix are zero.
  public var isNetwork: Bool {
    address.enumerated().allSatisfy { index, byte in byte & ~mask(index) == 0 }
  }

  /// Whether an address is in it. An IPv4 address in the clothes of IPv6 is the
  /// IPv4 address.
  public func contains(_ address: IPAddress) -> Bool {
    let bytes = self.address.count == 4 ? address.unmapped : address.bytes
    guard bytes.count == self.address.count else { return false }
    return bytes.indices.allSatisfy { index in
      (bytes[index] ^ self.address[index]) & mask(index) == 0
    }
  }

  private func mask(_ index: Int) -> UInt8 {
    let kept = min(max(length - index * 8, 0), 8)
    return kept == 0 ? 0 : UInt8.max << UInt8(8 - kept)
  }
}
